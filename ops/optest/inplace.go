package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// inPlaceRef gives the destination's new elements.
func inPlaceRef(c *Case, in []Array, _ []ops.Spec) []Array {
	x := in[0].clone()
	y := NewArray(x.Spec)
	if len(in) > 1 {
		y = stretch(in[1], x.Spec)
	} else { // add_ of a constant: c₀·1
		for i := range y.F {
			y.F[i] = 1
		}
		for i := range y.I {
			y.I[i] = 1
		}
	}
	w := c.constant(0, x.DType)
	if len(in) == 3 {
		w = in[2].F[0]
	}
	if c.Op == "copy_" {
		return []Array{y}
	}
	for i := range x.I {
		x.I[i] = wrap(x.DType, x.I[i]+int64(c.Const[0])*y.I[i])
	}
	scale := make([]float64, len(x.F))
	for i, v := range x.F {
		if c.Op == "lerp_" {
			x.F[i] = v + w*(y.F[i]-v)
			scale[i] = math.Abs(v) + math.Abs(w)*(math.Abs(v)+math.Abs(y.F[i]))
		} else {
			x.F[i] = v + w*y.F[i]
			scale[i] = math.Abs(v) + math.Abs(w*y.F[i])
		}
		if !finite(scale[i]) {
			scale[i] = 0
		}
	}
	if x.F != nil {
		x.Scale = scale
	}
	return []Array{x}
}

type inPlaceCase struct {
	op     ops.Op
	d      ops.DType
	lx, ly Layout
	sx, sy []int
	c      float64
	alone  bool // without a source
	weight bool // with a weight of one element
	values string
	gen    Gen
}

func addInPlace(k inPlaceCase) {
	if k.gen == nil {
		k.gen = anyValue(k.d)
	}
	in := []Input{input(k.d, k.lx, k.gen, k.sx...)}
	shape, view := dims(k.sx), k.lx.Name
	if !k.alone {
		in = append(in, input(k.d, k.ly, k.gen, k.sy...))
		shape, view = shape+","+dims(k.sy), view+","+k.ly.Name
	}
	if k.weight {
		in = append(in, input(k.d, dense, uniform(0, 1), 1))
	}
	pairs := []any{"shape", shape, "view", view, "dtype", k.d, "c0", k.c}
	if k.weight {
		pairs = append(pairs, "weight", "tensor")
	}
	if k.values != "" {
		pairs = append(pairs, "values", k.values)
	}
	class := Exact
	if k.op != "copy_" && k.d.IsFloat() {
		class = Quotient
	}
	Add(Case{
		Name: name(k.op, pairs...), Op: k.op, Const: [2]float64{k.c}, In: in, Ref: inPlaceRef,
		Class: class, AnyZero: k.op != "copy_", Flush: k.op != "copy_",
	})
}

func init() {
	for _, op := range []ops.Op{"copy_", "add_", "lerp_"} {
		c := map[ops.Op]float64{"copy_": 0, "add_": -0.75, "lerp_": 0.3}[op]
		plain := inPlaceCase{op: op, d: ops.F32, lx: dense, ly: dense, c: c}
		add := func(edit func(k *inPlaceCase)) {
			k := plain
			edit(&k)
			addInPlace(k)
		}
		for _, shape := range sizes {
			add(func(k *inPlaceCase) { k.sx, k.sy = shape, shape })
		}
		for _, l := range inPlace[1:] {
			add(func(k *inPlaceCase) { k.lx, k.sx, k.sy = l, viewShape, viewShape })
			add(func(k *inPlaceCase) { k.lx, k.ly, k.sx, k.sy = l, transposed, viewShape, viewShape })
			add(func(k *inPlaceCase) { k.lx, k.sx, k.sy = l, viewShape, []int{127} })
		}
		for _, l := range views {
			add(func(k *inPlaceCase) { k.ly, k.sx, k.sy = l, viewShape, viewShape })
		}
		add(func(k *inPlaceCase) { k.sx, k.sy = viewShape, []int{} })
		add(func(k *inPlaceCase) { k.sx, k.sy = viewShape, []int{13, 1} })
		add(func(k *inPlaceCase) { k.lx, k.ly, k.sx, k.sy = reversed, stepped, deepShape, deepShape })
		add(func(k *inPlaceCase) { k.lx, k.ly, k.sx, k.sy = offset, offset, []int{70000}, []int{70000} })
		for _, d := range ops.DTypes() {
			if d == ops.F32 || op == "lerp_" && d != ops.F64 || op == "add_" && (d != ops.F64 && d != ops.I32 && d != ops.I64) {
				continue
			}
			add(func(k *inPlaceCase) { k.d, k.sx, k.sy, k.c = d, viewShape, viewShape, whole(d, c) })
			add(func(k *inPlaceCase) {
				k.d, k.sx, k.sy, k.lx, k.ly, k.c = d, viewShape, viewShape, steppedTransposed, padded, whole(d, c)
			})
		}
	}
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64} {
		for _, l := range inPlace {
			addInPlace(inPlaceCase{op: "add_", d: d, lx: l, sx: viewShape, c: 3, alone: true})
		}
		addInPlace(inPlaceCase{op: "add_", d: d, lx: dense, sx: []int{70000}, c: -2, alone: true})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		for _, l := range inPlace {
			addInPlace(inPlaceCase{op: "lerp_", d: d, lx: l, ly: dense, sx: viewShape, sy: viewShape, weight: true})
		}
		addInPlace(inPlaceCase{op: "copy_", d: d, lx: stepped, ly: dense, sx: []int{41}, sy: []int{41}, values: "special", gen: cycle(specials(d)...)})
		addInPlace(inPlaceCase{op: "lerp_", d: d, lx: dense, ly: dense, sx: viewShape, sy: viewShape, c: 1})
		addInPlace(inPlaceCase{op: "lerp_", d: d, lx: dense, ly: dense, sx: viewShape, sy: viewShape, c: 0})
	}
}

// whole is c as a constant that an integer dtype can hold.
func whole(d ops.DType, c float64) float64 {
	if d.IsFloat() {
		return c
	}
	return math.Floor(c * 4)
}

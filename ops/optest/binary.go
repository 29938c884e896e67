package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// binaryOp is one arithmetic op or comparison of two numbers.
type binaryOp struct {
	f       func(x, y float64) float64
	i       func(x, y int64) int64 // nil: no integers
	class   Class
	x, y    Gen // smooth values, for ordinary cases and gradients
	compare bool
	anyZero bool
	grad    bool
	second  bool
	bytes   bool // u8 and bool too
}

var binaryOps = map[ops.Op]binaryOp{
	"add": {f: func(x, y float64) float64 { return x + y }, i: func(x, y int64) int64 { return x + y }, x: normal(0, 3), y: normal(0, 3), grad: true},
	"sub": {f: func(x, y float64) float64 { return x - y }, i: func(x, y int64) int64 { return x - y }, x: normal(0, 3), y: normal(0, 3), grad: true},
	"mul": {f: func(x, y float64) float64 { return x * y }, i: func(x, y int64) int64 { return x * y }, x: normal(0, 3), y: normal(0, 3), grad: true, second: true},
	"div": {f: func(x, y float64) float64 { return x / y }, class: Quotient, x: normal(0, 3), y: awayFrom(normal(0, 3), 0.5, 0), grad: true, second: true},
	"pow": {f: math.Pow, class: Powered, x: uniform(0.5, 4), y: awayFrom(normal(0, 2), 0.2, 0), grad: true, second: true},
	// Which zero of +0 and −0 is larger is not specified.
	"maximum": {f: maximum, i: func(x, y int64) int64 { return max(x, y) }, x: spread(0.05), y: awayTies(0.05), grad: true, anyZero: true},
	"minimum": {f: minimum, i: func(x, y int64) int64 { return min(x, y) }, x: spread(0.05), y: awayTies(0.05), grad: true, anyZero: true},
	"eq":      {f: func(x, y float64) float64 { return step(x == y) }, i: func(x, y int64) int64 { return truth(x == y) }, compare: true, bytes: true},
	"ne":      {f: func(x, y float64) float64 { return step(x != y) }, i: func(x, y int64) int64 { return truth(x != y) }, compare: true, bytes: true},
	"lt":      {f: func(x, y float64) float64 { return step(x < y) }, i: func(x, y int64) int64 { return truth(x < y) }, compare: true},
	"le":      {f: func(x, y float64) float64 { return step(x <= y) }, i: func(x, y int64) int64 { return truth(x <= y) }, compare: true},
	"gt":      {f: func(x, y float64) float64 { return step(x > y) }, i: func(x, y int64) int64 { return truth(x > y) }, compare: true},
	"ge":      {f: func(x, y float64) float64 { return step(x >= y) }, i: func(x, y int64) int64 { return truth(x >= y) }, compare: true},
	// Logic: what is not 0 is true, NaN too.
	"logical_and": {f: func(x, y float64) float64 { return step(x != 0 && y != 0) }, i: func(x, y int64) int64 { return truth(x != 0 && y != 0) }, compare: true, bytes: true},
	"logical_or":  {f: func(x, y float64) float64 { return step(x != 0 || y != 0) }, i: func(x, y int64) int64 { return truth(x != 0 || y != 0) }, compare: true, bytes: true},
	"logical_xor": {f: func(x, y float64) float64 { return step((x != 0) != (y != 0)) }, i: func(x, y int64) int64 { return truth((x != 0) != (y != 0)) }, compare: true, bytes: true},
	// Divisions: gradients stay away from whole quotients, where they jump.
	"remainder":    {f: remainder, i: remainderInt, x: betweenMultiples, y: nearTwo, grad: true},
	"fmod":         {f: math.Mod, i: fmodInt, x: betweenMultiples, y: nearTwo, grad: true},
	"floor_divide": {f: floorDivide, i: floorQuotient, class: Quotient, x: betweenMultiples, y: nearTwo, grad: true},
	"atan2":        {f: atan2, class: Elementary, x: normal(0, 3), y: awayFrom(normal(0, 3), 0.5, 0), grad: true, second: true},
}

func truth(b bool) int64 { return int64(step(b)) }

// maximum and minimum are NaN where either operand is.
func maximum(x, y float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsNaN(y):
		return nan
	case x > y:
		return x
	}
	return y
}

func minimum(x, y float64) float64 { return -maximum(-x, -y) }

// awayTies gives values half a margin beside those of spread, in another order.
func awayTies(margin float64) Gen {
	g := spread(margin)
	return func(_ *rand.Rand, i int) float64 { return g(nil, 3*i+7) + margin/2 }
}

// binaryRef broadcasts, and applies the op to each pair; a constant stands for
// one operand where the attribute says so.
func binaryRef(b binaryOp) Ref {
	return func(c *Case, in []Array, out []ops.Spec) []Array {
		d := in[0].DType
		fill := func() Array {
			k := NewArray(out[0].As(d))
			for i := range k.F {
				k.F[i] = c.constant(0, d)
			}
			for i := range k.I {
				k.I[i] = int64(c.Const[0])
			}
			return k
		}
		var x, y Array
		switch c.Attr.(ops.BinaryAttr).Scalar {
		case ops.ScalarRight:
			x, y = in[0], fill()
		case ops.ScalarLeft:
			x, y = fill(), in[0]
		default:
			x, y = stretch(in[0], out[0]), stretch(in[1], out[0])
		}
		z := NewArray(out[0])
		for i := range z.Len() {
			switch {
			case b.compare && d.IsFloat():
				z.I[i] = int64(b.f(x.F[i], y.F[i]))
			case d.IsFloat():
				z.F[i] = b.f(x.F[i], y.F[i])
			default:
				z.I[i] = wrap(z.DType, b.i(x.I[i], y.I[i]))
			}
		}
		return []Array{z}
	}
}

// sides are the operand that a constant replaces, for names.
var sides = []struct {
	name string
	side ops.ScalarSide
}{{"none", ops.NoScalar}, {"right", ops.ScalarRight}, {"left", ops.ScalarLeft}}

type binaryCase struct {
	d      ops.DType
	side   ops.ScalarSide
	lx, ly Layout
	gx, gy Gen
	c      float64
	sx, sy []int
	grad   GradMode
	values string
	ints   [2][]int64
}

func addBinary(op ops.Op, k binaryCase) {
	b := binaryOps[op]
	x, y := input(k.d, k.lx, k.gx, k.sx...), input(k.d, k.ly, k.gy, k.sy...)
	x.Ints, y.Ints = k.ints[0], k.ints[1]
	pairs := []any{"shape", dims(k.sx) + "," + dims(k.sy), "view", k.lx.Name + "," + k.ly.Name, "dtype", k.d}
	in := []Input{x, y}
	if k.side == ops.ScalarLeft {
		in[0].Gen = k.gy // it is the right operand
	}
	if k.side != ops.NoScalar {
		in = in[:1]
		pairs = []any{"shape", dims(k.sx), "view", k.lx.Name, "dtype", k.d, "scalar", sides[k.side].name, "c0", k.c}
	}
	if k.values != "" {
		pairs = append(pairs, "values", k.values)
	}
	if k.grad != NoGrad {
		pairs = append(pairs, "grad", 1)
	}
	Add(Case{
		Name: name(op, pairs...), Op: op, Attr: ops.BinaryAttr{Scalar: k.side}, Const: [2]float64{k.c}, In: in,
		Ref: binaryRef(b), Class: b.class, AnyZero: b.anyZero, Flush: true, Grad: k.grad,
	})
}

func init() {
	for op, b := range binaryOps {
		gx, gy := b.x, b.y
		if b.compare {
			gx, gy = integers(-3, 3), integers(-3, 3) // ties are common
		}
		plain := binaryCase{d: ops.F32, lx: dense, ly: dense, gx: gx, gy: gy}
		add := func(edit func(k *binaryCase)) {
			k := plain
			edit(&k)
			addBinary(op, k)
		}
		for _, shape := range sizes {
			add(func(k *binaryCase) { k.sx, k.sy = shape, shape })
		}
		for _, p := range [][2][]int{
			{{13, 127}, {127}}, {{13, 127}, {13, 1}}, {{127}, {13, 127}}, {{13, 1}, {1, 127}}, {{13, 127}, {}}, {{}, {13, 127}},
			{{1}, {0}}, {{4, 1, 6, 1}, {5, 1, 7}}, {{257, 129}, {129}}, {{257, 129}, {257, 1}}, {{2, 1, 3, 1, 2, 3, 1, 5}, {2, 1, 2, 1, 1, 4, 1}},
		} {
			add(func(k *binaryCase) { k.sx, k.sy = p[0], p[1] })
		}
		for _, l := range views {
			add(func(k *binaryCase) { k.lx, k.sx, k.sy = l, viewShape, viewShape })
			add(func(k *binaryCase) { k.ly, k.sx, k.sy = l, viewShape, viewShape })
		}
		add(func(k *binaryCase) { k.lx, k.ly, k.sx, k.sy = reversed, stepped, deepShape, deepShape })
		add(func(k *binaryCase) { k.lx, k.ly, k.sx, k.sy = offset, offset, []int{70000}, []int{70000} })
		for _, side := range []ops.ScalarSide{ops.ScalarRight, ops.ScalarLeft} {
			for _, c := range []float64{2, 0.1} {
				add(func(k *binaryCase) { k.side, k.c, k.sx = side, c, []int{13, 127} })
			}
			add(func(k *binaryCase) { k.side, k.c, k.sx = side, 2, []int{70000} })
			add(func(k *binaryCase) { k.side, k.c, k.sx, k.lx = side, 2, viewShape, transposed })
			add(func(k *binaryCase) { k.side, k.c, k.sx, k.d = side, 2, viewShape, ops.F64 })
		}
		add(func(k *binaryCase) { k.d, k.sx, k.sy = ops.F64, []int{13, 127}, []int{127} })
		add(func(k *binaryCase) { k.d, k.sx, k.sy, k.lx, k.ly = ops.F64, viewShape, viewShape, transposed, padded })
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			edges := binaryEdges(op, d)
			n := []int{len(edges) * len(edges)}
			add(func(k *binaryCase) {
				k.d, k.sx, k.sy, k.values = d, n, n, "special"
				k.gx, k.gy = crossed(edges, false), crossed(edges, true)
			})
		}
		addBinaryIntegers(op, b, add)
		if b.grad {
			addBinaryGradients(op, b, add)
		}
	}
	big := binaryCase{d: ops.F32, lx: dense, ly: dense, gx: cycle(1, 2, 3, 4, 5), gy: cycle(0.5, -1, 7), sx: largeShape, sy: largeShape}
	b := binaryOps["add"]
	Add(Case{
		Name: name("add", "shape", dims(largeShape), "view", "dense,dense", "dtype", ops.F32), Op: "add", Attr: ops.BinaryAttr{}, Large: true,
		In: []Input{input(big.d, dense, big.gx, largeShape...), input(big.d, dense, big.gy, largeShape...)}, Ref: binaryRef(b),
	})
}

// binaryEdges are values whose pairs cover the special cases. Subnormal
// operands stay out of comparisons and products whose result would be normal
// on one device and flushed on another in ways the two references do not span.
func binaryEdges(op ops.Op, d ops.DType) []float64 {
	if op == "pow" {
		return []float64{0, math.Copysign(0, -1), 1, -1, 2, -2, 3, -3, 0.5, -0.5, inf, -inf, nan, 1e-10, 10, 2.5, 0.99}
	}
	return specials(d)
}

func addBinaryIntegers(op ops.Op, b binaryOp, add func(func(*binaryCase))) {
	if b.i == nil {
		return
	}
	types := []ops.DType{ops.I32, ops.I64}
	if b.bytes {
		types = append(types, ops.U8, ops.Bool)
	}
	for _, d := range types {
		edges := integerEdges(d)
		n := len(edges)
		fast, slow := make([]int64, n*n), make([]int64, n*n)
		for i := range fast {
			fast[i], slow[i] = edges[i%n], edges[i/n]
		}
		add(func(k *binaryCase) {
			k.d, k.sx, k.sy, k.ints, k.values = d, []int{n * n}, []int{n * n}, [2][]int64{fast, slow}, "special"
		})
		lo := -3
		if !d.IsInt() || d == ops.U8 {
			lo = 0
		}
		few := integers(lo, min(3, lo+6))
		if d == ops.Bool {
			few = integers(0, 1)
		}
		add(func(k *binaryCase) {
			k.d, k.sx, k.sy, k.gx, k.gy, k.lx = d, viewShape, []int{127}, few, few, steppedTransposed
		})
		if d != ops.Bool {
			add(func(k *binaryCase) { k.d, k.sx, k.gx, k.side, k.c = d, viewShape, few, ops.ScalarRight, 2 })
			add(func(k *binaryCase) { k.d, k.sx, k.gy, k.side, k.c = d, viewShape, few, ops.ScalarLeft, 2 })
		}
	}
}

func addBinaryGradients(op ops.Op, b binaryOp, add func(func(*binaryCase))) {
	mode := GradFD
	if b.second {
		mode = GradSecond
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(func(k *binaryCase) { k.d, k.sx, k.sy, k.grad = d, []int{23}, []int{23}, mode })
		add(func(k *binaryCase) { k.d, k.sx, k.sy, k.grad = d, []int{5, 7}, []int{7}, GradFD })
		add(func(k *binaryCase) { k.d, k.sx, k.sy, k.grad = d, []int{5, 1}, []int{3, 1, 7}, GradFD })
		add(func(k *binaryCase) { k.d, k.sx, k.sy, k.grad = d, []int{}, []int{3, 7}, GradFD })
		for _, side := range []ops.ScalarSide{ops.ScalarRight, ops.ScalarLeft} {
			add(func(k *binaryCase) { k.d, k.sx, k.side, k.c, k.grad = d, []int{29}, side, 1.76, GradFD })
		}
	}
	add(func(k *binaryCase) {
		k.sx, k.sy, k.grad, k.lx, k.ly = []int{5, 7}, []int{5, 7}, GradFD, transposed, stepped
	})
	add(func(k *binaryCase) { k.sx, k.sy, k.grad = []int{257, 129}, []int{257, 1}, GradDevice })
}

package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// indexRowsRef rounds after each addition, in the order of the source, so that
// the result is exact.
func indexRowsRef(c *Case, in []Array, _ []ops.Spec) []Array {
	a, y, idx, src := c.Attr.(ops.RowsAttr), in[0].clone(), in[1], in[2]
	dst := make([]int, y.Rank)
	for j, k := range idx.I {
		if int(k) == a.Padding-1 {
			continue
		}
		walk(src.Spec, func(i int, at []int) {
			if at[a.Dim] != j {
				return
			}
			copy(dst, at)
			dst[a.Dim] = int(k)
			o := flat(y.Spec, dst)
			switch {
			case c.Op == "index_copy":
				y.copyFrom(o, &src, i)
			case y.F != nil:
				y.F[o] = Round(y.DType, y.F[o]+src.F[i])
			default:
				y.I[o] = wrap(y.DType, y.I[o]+src.I[i])
			}
		})
	}
	return []Array{y}
}

// indexAddScaled is indexRowsRef with errors relative to Σ|terms|: torch summed
// in float64, and a device rounds after each addition.
func indexAddScaled(c *Case, in []Array, out []ops.Spec) []Array {
	sizes := []Array{in[0].clone(), in[1], in[2].clone()}
	for _, k := range []int{0, 2} {
		for i, x := range sizes[k].F {
			sizes[k].F[i] = math.Abs(x)
		}
	}
	size := indexRowsRef(c, sizes, out)[0]
	return []Array{indexRowsRef(c, in, out)[0].withScale(func(i int) float64 { return size.F[i] })}
}

func init() {
	for _, op := range []ops.Op{"index_add", "index_copy"} {
		addIndexRows(op)
		for _, bad := range []int64{13, -1} {
			Add(Case{
				Name: name(op, "shape", "13x2", "dtype", ops.F32, "index", bad), Op: op, Attr: ops.RowsAttr{},
				In: []Input{
					input(ops.F32, dense, normal(0, 1), 13, 2), {Spec: ops.NewSpec(ops.I64, 3), Ints: []int64{0, bad, 1}}, input(ops.F32, dense, normal(0, 1), 3, 2),
				},
				WantIndex: &ops.IndexError{Op: op, Index: bad, Limit: 13},
			})
		}
	}
}

func addIndexRows(op ops.Op) {
	add := func(d ops.DType, l [3]Layout, a ops.RowsAttr, n, below int, grad GradMode, shape ...int) {
		pairs := []any{
			"shape", dims(shape), "n", n, "view", l[0].Name + "," + l[1].Name + "," + l[2].Name, "dtype", d, "dim", a.Dim, "below", below, "padding", a.Padding - 1,
		}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		from := append([]int(nil), shape...)
		from[a.Dim] = n
		Add(Case{
			Name: name(op, pairs...), Op: op, Attr: a, Ref: indexRowsRef, Grad: grad, Flush: op == "index_add", AnyZero: op == "index_add",
			In: []Input{input(d, l[0], anyValue(d), shape...), input(ops.I64, l[1], integers(0, below-1), n), input(d, l[2], anyValue(d), from...)},
		})
	}
	plain := [3]Layout{dense, dense, dense}
	dtypes := ops.DTypes()
	if op == "index_add" {
		dtypes = []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64}
	}
	for _, d := range dtypes {
		add(d, plain, ops.RowsAttr{}, 40, 13, NoGrad, 13, 127)
		add(d, plain, ops.RowsAttr{Dim: 1}, 60, 127, NoGrad, 13, 127)
	}
	for _, k := range []struct {
		dim, n, below int
		shape         []int
	}{
		{0, 1, 1, []int{1}}, {0, 100, 1, []int{1}}, {0, 1000, 127, []int{127}}, {0, 500, 3, []int{1000}}, {0, 100, 70000, []int{70000}},
		{1, 40, 129, []int{65, 129}}, {1, 9, 5, []int{3, 5, 7}}, {2, 20, 7, []int{3, 5, 7}}, {4, 6, 3, deepShape}, {0, 200, 300, []int{300, 64}},
	} {
		add(ops.F32, plain, ops.RowsAttr{Dim: k.dim}, k.n, k.below, NoGrad, k.shape...)
	}
	for i, l := range []Layout{transposed, stepped, broadcastFirst} {
		ls := plain
		ls[i] = l
		add(ops.F32, ls, ops.RowsAttr{Dim: 1}, 31, 17, NoGrad, 13, 17)
	}
	if op == "index_add" {
		add(ops.F32, plain, ops.RowsAttr{Padding: 3}, 40, 5, NoGrad, 5, 7)
		add(ops.F64, plain, ops.RowsAttr{Padding: 3}, 8, 5, GradFD, 5, 2)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, plain, ops.RowsAttr{}, 8, 5, GradFD, 5, 3)
		add(d, plain, ops.RowsAttr{Dim: 1}, 2, 4, GradFD, 2, 4, 2)
		add(d, [3]Layout{transposed, dense, transposed}, ops.RowsAttr{Dim: 1}, 6, 3, GradFD, 4, 3)
	}
}

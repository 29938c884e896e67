package optest

import (
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// padPlace is the element of n that stands at p, counted from the first; −1:
// none. It steps back into the row one end at a time.
func padPlace(mode ops.PadMode, p, n int) int {
	for p < 0 || p >= n {
		switch {
		case mode == ops.PadConstant:
			return -1
		case mode == ops.PadReflect && p < 0:
			p = -p
		case mode == ops.PadReflect:
			p = n - 1 - (p - (n - 1))
		case mode == ops.PadCircular && p < 0:
			p += n
		case mode == ops.PadCircular:
			p -= n
		case p < 0:
			p = 0
		default:
			p = n - 1
		}
	}
	return p
}

func padRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x, y := c.Attr.(ops.PadAttr), in[0], NewArray(out[0])
	src := make([]int, x.Rank)
	walk(y.Spec, func(i int, at []int) {
		inside := true
		for k := range src {
			src[k] = padPlace(a.Mode, at[k]-a.Before[k], x.Shape[k])
			inside = inside && src[k] >= 0
		}
		switch {
		case inside:
			y.copyFrom(i, &x, flat(x.Spec, src))
		case y.F != nil:
			y.F[i] = c.constant(0, y.DType)
		default:
			y.I[i] = int64(c.Const[0])
		}
	})
	return []Array{y}
}

func padGradRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, y := c.Attr.(ops.PadGradAttr), in[0]
	x := NewArray(out[0])
	size := make([]float64, x.Len())
	dst := make([]int, x.Rank)
	walk(y.Spec, func(i int, at []int) {
		copy(dst, at)
		if dst[a.Dim] = padPlace(a.Mode, at[a.Dim]-a.Before, x.Shape[a.Dim]); dst[a.Dim] < 0 {
			return
		}
		o := flat(x.Spec, dst)
		x.F[o] += y.F[i]
		size[o] += math.Abs(y.F[i])
	})
	return []Array{x.withScale(func(i int) float64 { return size[i] })}
}

var padModes = []ops.PadMode{ops.PadConstant, ops.PadReflect, ops.PadReplicate, ops.PadCircular}

func padAttr(mode ops.PadMode, pairs [][2]int) ops.PadAttr {
	a := ops.PadAttr{Mode: mode}
	for i, p := range pairs {
		a.Before[i], a.After[i] = p[0], p[1]
	}
	return a
}

func init() {
	add := func(mode ops.PadMode, d ops.DType, l Layout, grad GradMode, shape []int, pairs ...[2]int) {
		var c [2]float64
		if mode == ops.PadConstant && d != ops.Bool {
			c[0] = 7.25
			if !d.IsFloat() {
				c[0] = 7
			}
		}
		Add(Case{
			Name: name("pad", "shape", dims(shape), "view", l.Name, "dtype", d, "options", mode, "pads", fmt.Sprint(pairs), "grad", grad),
			Op:   "pad", Attr: padAttr(mode, pairs), Const: c, In: []Input{input(d, l, anyValue(d), shape...)}, Ref: padRef, Grad: grad,
		})
	}
	two, three := [2]int{2, 2}, [2]int{3, 1}
	for _, mode := range padModes {
		for _, d := range ops.DTypes() {
			add(mode, d, dense, NoGrad, []int{13, 127}, two, three)
		}
		for _, l := range []Layout{transposed, stepped, offset, broadcastFirst} {
			add(mode, ops.F32, l, NoGrad, []int{13, 17}, [2]int{0, 5}, [2]int{4, 0})
		}
		for _, k := range []struct {
			shape []int
			pairs [][2]int
		}{
			{[]int{13}, [][2]int{{0, 0}}}, {[]int{13}, [][2]int{{12, 12}}}, {[]int{127}, [][2]int{{-3, 5}}}, {[]int{127}, [][2]int{{100, -120}}},
			{[]int{13}, [][2]int{{-6, -7}}}, {[]int{70000}, [][2]int{{600, 3}}}, {[]int{2, 3, 17, 19}, [][2]int{{}, {}, two, three}},
			{[]int{2, 3, 17, 19}, [][2]int{{}, {1, 2}, {}, {}}}, {[]int{257, 129}, [][2]int{{1, 0}, {}}}, {deepShape, [][2]int{{1, 0}, {0, 1}, {1, 1}, {}, {2, 0}, {}, {0, 1}, {1, 2}}},
			{[]int{0, 5}, [][2]int{{}, {1, 2}}}, {[]int{5, 5}, [][2]int{{2, 4}, {-4, 3}}}, {[]int{1, 64, 64}, [][2]int{{}, {8, 8}, {8, 8}}},
		} {
			add(mode, ops.F32, dense, NoGrad, k.shape, k.pairs...)
		}
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			add(mode, d, dense, GradFD, []int{3, 5}, [2]int{1, 2}, [2]int{4, 3})
			add(mode, d, transposed, GradFD, []int{4, 3}, [2]int{-1, 2}, [2]int{2, -1})
			add(mode, d, dense, GradFD, []int{2, 4, 2}, [2]int{}, [2]int{3, 3}, [2]int{})
			add(mode, d, dense, GradFD, []int{6}, [2]int{5, -5})
			add(mode, d, dense, GradFD, []int{6}, [2]int{-5, 4})
			add(mode, d, dense, GradFD, []int{4}, [2]int{-4, 0})
		}
		add(mode, ops.F32, dense, GradDevice, []int{3, 65, 33}, [2]int{}, [2]int{7, 5}, [2]int{3, 3})
		add(mode, ops.F32, dense, NoGrad, []int{1}, [2]int{})
	}
	add(ops.PadReplicate, ops.F32, dense, NoGrad, []int{1}, [2]int{300, 700})
	add(ops.PadReplicate, ops.F32, dense, GradFD, []int{3, 1}, [2]int{3, 9}, [2]int{4, 0})
	add(ops.PadCircular, ops.F32, dense, NoGrad, []int{13}, [2]int{13, 13})
	add(ops.PadConstant, ops.F32, dense, NoGrad, []int{13}, [2]int{1000, 5000})
	add(ops.PadConstant, ops.F32, dense, NoGrad, nil)

	sum := func(mode ops.PadMode, d ops.DType, l Layout, dim, before, after int, shape ...int) {
		grad := NoGrad // that of a gradient, where the shape is small
		if s := ops.NewSpec(d, shape...); d.Size() >= 4 && s.Len() <= 100 {
			grad = GradFD
		}
		Add(Case{
			Name: name("pad_grad", "shape", dims(shape), "view", l.Name, "dtype", d, "options", mode, "dim", dim, "pads", fmt.Sprint(before, ",", after)),
			Op:   "pad_grad", Attr: ops.PadGradAttr{Mode: mode, Dim: dim, Before: before, After: after}, Class: Summed, AnyZero: true, Flush: true, Grad: grad,
			In: []Input{input(d, l, normal(0, 3), shape...)}, Ref: padGradRef,
		})
	}
	for _, mode := range padModes {
		for _, d := range []ops.DType{ops.F32, ops.F64, ops.F16, ops.BF16} {
			sum(mode, d, dense, 1, 3, 5, 13, 127)
			sum(mode, d, transposed, 0, 4, 2, 13, 17)
		}
		sum(mode, ops.F32, dense, 1, 8, 9, 3, 40, 65)
		sum(mode, ops.F32, dense, 0, 1000, 900, 70000)
		sum(mode, ops.F32, dense, 0, 12, -12, 13)
		sum(mode, ops.F32, dense, 0, -12, 12, 13)
		sum(mode, ops.F32, dense, 0, -5, 2, 4, 3)
		sum(mode, ops.F32, dense, 0, 0, 0, 1)
		sum(mode, ops.F64, transposed, 1, 2, 1, 4, 7)
	}
	sum(ops.PadReplicate, ops.F32, dense, 0, 2000, 3000, 5001)
	sum(ops.PadReplicate, ops.F16, dense, 0, 40, 30, 75)
	sum(ops.PadCircular, ops.F32, dense, 0, 13, 13, 39)
}

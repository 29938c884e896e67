package optest

import "github.com/tuff-ml/tuff/ops"

func flipRef(c *Case, in []Array, out []ops.Spec) []Array {
	x, mask := in[0], c.Attr.(ops.FlipAttr).Dims
	return []Array{pick(x, out[0], func(at, src []int) {
		for k := range src {
			src[k] = at[k]
			if mask>>k&1 == 1 {
				src[k] = x.Shape[k] - 1 - at[k]
			}
		}
	})}
}

func rollRef(c *Case, in []Array, out []ops.Spec) []Array {
	x, a := in[0], c.Attr.(ops.RollAttr)
	return []Array{pick(x, out[0], func(at, src []int) {
		for k, n := range x.Shape[:x.Rank] {
			src[k] = ((at[k]-a.Shifts[k])%n + n) % n
		}
	})}
}

func init() {
	flip := func(d ops.DType, l Layout, mask int, grad GradMode, shape ...int) {
		Add(Case{
			Name: name("flip", "shape", dims(shape), "view", l.Name, "dtype", d, "dims", mask), Op: "flip", Attr: ops.FlipAttr{Dims: mask},
			In: []Input{input(d, l, anyValue(d), shape...)}, Ref: flipRef, Grad: grad,
		})
	}
	roll := func(d ops.DType, l Layout, shifts []int, grad GradMode, shape ...int) {
		var a ops.RollAttr
		copy(a.Shifts[:], shifts)
		c := Case{
			Name: name("roll", "shape", dims(shape), "view", l.Name, "dtype", d, "shifts", dims(shifts)), Op: "roll", Attr: a,
			In: []Input{input(d, l, anyValue(d), shape...)}, Ref: rollRef, Grad: grad,
		}
		Add(c)
	}
	for _, d := range ops.DTypes() {
		flip(d, dense, 2, NoGrad, 13, 127)
		flip(d, transposed, 3, NoGrad, 13, 17)
		roll(d, dense, []int{5, -3}, NoGrad, 13, 127)
		roll(d, stepped, []int{0, 20}, NoGrad, 13, 17)
	}
	for _, k := range []struct {
		mask  int
		shape []int
	}{{0, nil}, {1, []int{0}}, {1, []int{1}}, {1, []int{127}}, {1, []int{70000}}, {0, []int{13, 7}}, {5, []int{3, 5, 7}}, {255, deepShape}, {3, []int{0, 5}}} {
		flip(ops.F32, dense, k.mask, NoGrad, k.shape...)
	}
	for _, k := range []struct{ shifts, shape []int }{
		{nil, nil}, {[]int{3}, []int{0}}, {[]int{3}, []int{1}}, {[]int{127}, []int{127}}, {[]int{-1000001}, []int{70000}}, {[]int{0, 0}, []int{13, 7}},
		{[]int{1, -2, 10}, []int{3, 5, 7}}, {[]int{1, 2, 1, 1, 2, 1, 1, 1}, deepShape},
	} {
		roll(ops.F32, dense, k.shifts, NoGrad, k.shape...)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		flip(d, transposed, 3, GradFD, 3, 4)
		flip(d, dense, 1, GradFD, 5, 2)
		roll(d, transposed, []int{1, -1}, GradFD, 3, 4)
		roll(d, dense, []int{2, 0}, GradFD, 5, 2)
	}
}

package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func uniformRef(c *Case, in []Array, out []ops.Spec) []Array {
	w, d := words(in[0].I, out[0].Len()), out[0].DType
	lo, hi := c.constant(0, d), c.constant(1, d)
	y := floats(out[0], func(i int) float64 { return lo + (hi-lo)*unit(w[i]) })
	return []Array{y.withScale(func(int) float64 { return math.Max(math.Abs(lo), math.Abs(hi)) })}
}

// normalRef is Box and Muller's method on pairs of words; errors are relative
// to the radius, since the angle has an absolute one.
func normalRef(c *Case, in []Array, out []ops.Spec) []Array {
	n, d := out[0].Len(), out[0].DType
	w := words(in[0].I, n+n%2)
	mean, std := c.constant(0, d), c.constant(1, d)
	radius := func(i int) float64 { return math.Sqrt(-2 * math.Log((float64(w[i&^1]>>8)+1)*0x1p-24)) }
	y := floats(out[0], func(i int) float64 {
		theta := 2 * math.Pi * unit(w[i|1])
		if i%2 == 0 {
			return mean + std*radius(i)*math.Cos(theta)
		}
		return mean + std*radius(i)*math.Sin(theta)
	})
	return []Array{y.withScale(func(i int) float64 { return math.Abs(mean) + math.Abs(std)*radius(i) })}
}

func bernoulliRef(c *Case, in []Array, out []ops.Spec) []Array {
	w, y := words(in[0].I, out[0].Len()), NewArray(out[0])
	for i := range y.Len() {
		hit := step(unit(w[i]) < c.Const[0])
		if y.F != nil {
			y.F[i] = hit
		} else {
			y.I[i] = int64(hit)
		}
	}
	return []Array{y}
}

// state is an input that holds seed and counter.
func state(seed, counter int64) Input {
	return Input{Spec: ops.NewSpec(ops.I64, 2), Ints: []int64{seed, counter}}
}

// states are generators at the edges: the counter's low word runs over, and so
// does the whole.
var states = [][2]int64{{1, 0}, {0, 0}, {-1, 5}, {0x123456789ABCDEF0, 1<<32 - 3}, {42, -2}, {7, 1<<40 + 11}}

func init() {
	family := []struct {
		op     ops.Op
		ref    Ref
		class  Class
		consts [][2]float64
		dtypes []ops.DType
	}{
		{"uniform", uniformRef, Quotient, [][2]float64{{0, 1}, {-1, 3}, {10, 10.1}}, []ops.DType{ops.F32, ops.F64}},
		{"normal", normalRef, Drawn, [][2]float64{{0, 1}, {5, 0.1}, {-2, 3}}, []ops.DType{ops.F32, ops.F64}},
		{"bernoulli", bernoulliRef, Exact, [][2]float64{{0.5}, {0}, {1}, {0.1}}, []ops.DType{ops.F32, ops.F64, ops.Bool}},
	}
	for _, f := range family {
		add := func(d ops.DType, c [2]float64, st [2]int64, shape ...int) {
			class := f.class
			if f.op == "uniform" && c == [2]float64{0, 1} {
				class = Exact // 24 bits fit
			}
			Add(Case{
				Name: name(f.op, "shape", dims(shape), "dtype", d, "c0", c[0], "c1", c[1], "seed", st[0], "counter", st[1]), Op: f.op,
				Attr: createAttr(d, shape), Const: c, In: []Input{state(st[0], st[1])}, Ref: f.ref, Class: class, AnyZero: true,
			})
		}
		for _, d := range f.dtypes {
			for _, c := range f.consts {
				add(d, c, states[0], 13, 127)
			}
			for _, st := range states[1:] {
				add(d, f.consts[0], st, 127)
			}
		}
		for _, shape := range [][]int{{}, {0}, {1}, {2}, {3}, {4}, {5}, {1000}, {257, 129}, {70001}, {1<<20 + 3}, {2, 1, 3, 1, 2, 3, 1, 5}} {
			add(ops.F32, f.consts[0], states[0], shape...)
		}
	}
}

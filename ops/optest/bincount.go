package optest

import "github.com/tuff-ml/tuff/ops"

// binCountRef adds the weights, or ones, in the order of the ids, rounding each
// time.
func binCountRef(c *Case, in []Array, out []ops.Spec) []Array {
	weights := NewArray(in[0].Spec)
	for i := range weights.I {
		weights.I[i] = 1
	}
	if len(in) == 2 {
		weights = in[1]
	}
	return segmentSumRef(c, []Array{weights, in[0]}, out)
}

func binCountScaled(c *Case, in []Array, out []ops.Spec) []Array {
	if len(in) == 1 {
		return binCountRef(c, in, out)
	}
	return segmentSumScaled(c, []Array{in[1], in[0]}, out)
}

func init() {
	add := func(l Layout, bins, n int, weights ops.DType, grad GradMode) {
		c := Case{Op: "bincount", Attr: ops.BinsAttr{Bins: bins}, Ref: binCountRef, Grad: grad, Flush: true, AnyZero: true,
			In: []Input{input(ops.I64, l, integers(0, bins-1), n)}}
		pairs := []any{"shape", n, "view", l.Name, "bins", bins}
		if weights != ops.InvalidDType {
			c.In = append(c.In, input(weights, l, anyValue(weights), n))
			pairs = append(pairs, "dtype", weights, "weight", 1)
		}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		c.Name = name("bincount", pairs...)
		Add(c)
	}
	for _, k := range []struct{ bins, n int }{{1, 0}, {5, 0}, {1, 1}, {1, 1000}, {13, 127}, {256, 70001}, {70001, 1000}, {3, 1 << 18}} {
		add(dense, k.bins, k.n, ops.InvalidDType, NoGrad)
		add(dense, k.bins, k.n, ops.F32, NoGrad)
	}
	for _, d := range []ops.DType{ops.F64, ops.I32, ops.I64} {
		add(dense, 9, 1100, d, NoGrad)
	}
	for _, l := range []Layout{stepped, offset, broadcastAll} {
		add(l, 7, 300, ops.InvalidDType, NoGrad)
		add(l, 7, 300, ops.F32, NoGrad)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(dense, 4, 11, d, GradFD)
	}
	for _, bad := range []int64{4, -1} {
		Add(Case{Name: name("bincount", "shape", 3, "index", bad), Op: "bincount", Attr: ops.BinsAttr{Bins: 4},
			In:        []Input{{Spec: ops.NewSpec(ops.I64, 3), Ints: []int64{0, bad, 1}}},
			WantIndex: &ops.IndexError{Op: "segment_sum", Index: bad, Limit: 4}})
	}
}

package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// segmentSumRef rounds after each addition, in the order of the source, so that
// the result is exact.
func segmentSumRef(_ *Case, in []Array, out []ops.Spec) []Array {
	src, ids, y := in[0], in[1], NewArray(out[0])
	cols := y.Len() / out[0].Shape[0]
	for j, s := range ids.I {
		for c := range cols {
			o, i := int(s)*cols+c, j*cols+c
			if y.F != nil {
				y.F[o] = Round(y.DType, y.F[o]+src.F[i])
			} else {
				y.I[o] = wrap(y.DType, y.I[o]+src.I[i])
			}
		}
	}
	return []Array{y}
}

// segmentSumScaled is segmentSumRef with errors relative to Σ|terms|, for
// goldens: torch summed in float64.
func segmentSumScaled(c *Case, in []Array, out []ops.Spec) []Array {
	sizes := in[0].clone()
	for i, x := range sizes.F {
		sizes.F[i] = math.Abs(x)
	}
	size := segmentSumRef(c, []Array{sizes, in[1]}, out)[0]
	return []Array{segmentSumRef(c, in, out)[0].withScale(func(i int) float64 { return size.F[i] })}
}

// inOrder are ids that never fall, over all of n elements.
func inOrder(n, segments int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i * segments / n)
	}
	return ids
}

func init() {
	add := func(d ops.DType, l [2]Layout, segments int, ids string, grad GradMode, shape []int) {
		pairs := []any{"shape", dims(shape), "view", l[0].Name + "," + l[1].Name, "dtype", d, "segments", segments, "ids", ids}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		in := []Input{input(d, l[0], anyValue(d), shape...), input(ops.I64, l[1], integers(0, segments-1), shape[0])}
		if ids == "sorted" {
			in[1].Ints = inOrder(shape[0], segments)
		}
		Add(Case{Name: name("segment_sum", pairs...), Op: "segment_sum", Attr: ops.SegmentAttr{Segments: segments}, Ref: segmentSumRef,
			Grad: grad, In: in, Flush: true, AnyZero: true})
	}
	plain := [2]Layout{dense, dense}
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64} {
		add(d, plain, 7, "any", NoGrad, []int{300, 5})
		add(d, plain, 1000, "any", NoGrad, []int{3000})
		add(d, plain, 20, "sorted", NoGrad, []int{1100, 3})
	}
	for _, k := range []struct {
		segments int
		shape    []int
	}{
		{1, []int{1}}, {1, []int{0}}, {3, []int{0, 5}}, {3, []int{5, 0}}, {1, []int{2000}}, {2, []int{200000}}, {2, []int{70001}}, {17, []int{13}}, {16, []int{127, 1}}, {70001, []int{100}},
		{257, []int{1025, 2, 3}}, {3, []int{5, 300}}, {4096, []int{70001}}, {5, []int{2, 2, 3, 2, 1, 2, 2, 3}}, {100, []int{100000, 4}}, {1 << 20, []int{1 << 18}},
	} {
		add(ops.F32, plain, k.segments, "any", NoGrad, k.shape)
	}
	for _, l := range []Layout{transposed, stepped, padded, offset, broadcastFirst, broadcastLast} {
		add(ops.F32, [2]Layout{l, dense}, 9, "any", NoGrad, viewShape)
	}
	for _, l := range []Layout{stepped, offset, broadcastAll} {
		add(ops.F32, [2]Layout{dense, l}, 9, "any", NoGrad, viewShape)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, plain, 4, "any", GradFD, []int{9, 3})
		add(d, plain, 5, "sorted", GradFD, []int{7})
		add(d, [2]Layout{transposed, stepped}, 3, "any", GradFD, []int{5, 4})
	}
	for _, bad := range []int64{13, -1, 1 << 40} {
		Add(Case{
			Name: name("segment_sum", "shape", "5", "dtype", ops.F32, "index", bad), Op: "segment_sum", Attr: ops.SegmentAttr{Segments: 13},
			In:        []Input{input(ops.F32, dense, normal(0, 1), 5), {Spec: ops.NewSpec(ops.I64, 5), Ints: []int64{0, 12, bad, 1, 2}}},
			WantIndex: &ops.IndexError{Op: "segment_sum", Index: bad, Limit: 13},
		})
	}
	Add(Case{Name: name("segment_sum", "shape", "large", "dtype", ops.F32), Op: "segment_sum", Attr: ops.SegmentAttr{Segments: 5000}, Ref: segmentSumRef, Large: true,
		In: []Input{input(ops.F32, dense, cycle(1, -2, 3, -4, 5, 0.5, -0.25), largeShape[0]/64, 64), indices(5000, largeShape[0]/64)}})
}

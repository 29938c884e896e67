package optest

import (
	"fmt"

	"github.com/tuff-ml/tuff/ops"
)

// viewStep is one view op with its attribute.
type viewStep struct {
	op   ops.Op
	attr any
}

// Layout says how an input of a given shape lies in memory: which shape is
// uploaded, and which view ops show it as the input.
type Layout struct {
	Name  string
	build func(shape []int) (base []int, steps []viewStep)
	fits  func(shape []int) bool
}

// The layouts that cases use.
var (
	dense = Layout{"dense", func(shape []int) ([]int, []viewStep) { return shape, nil }, anyShape}
	// transposed swaps the last two dimensions in memory.
	transposed = Layout{"transposed", func(shape []int) ([]int, []viewStep) {
		order := make([]int, len(shape))
		for i := range order {
			order[i] = i
		}
		r := len(shape)
		order[r-1], order[r-2] = r-2, r-1
		return permuted(shape, order)
	}, func(shape []int) bool { return len(shape) >= 2 }}
	// reversed stores all dimensions in the opposite order.
	reversed = Layout{"reversed", func(shape []int) ([]int, []viewStep) {
		order := make([]int, len(shape))
		for i := range order {
			order[i] = len(shape) - 1 - i
		}
		return permuted(shape, order)
	}, func(shape []int) bool { return len(shape) >= 2 }}
	// stepped takes every second element of every dimension, from the second on.
	stepped = Layout{"stepped", func(shape []int) ([]int, []viewStep) {
		base := make([]int, len(shape))
		var a ops.SliceAttr
		for i, n := range shape {
			base[i] = 2*n + 1
			a.Start[i], a.Step[i], a.Len[i] = 1, 2, n
		}
		return base, []viewStep{{"slice", a}}
	}, func(shape []int) bool { return len(shape) >= 1 }}
	// padded has rows that lie further apart than they are long.
	padded = Layout{"padded", func(shape []int) ([]int, []viewStep) {
		base := append([]int(nil), shape...)
		r := len(shape)
		base[r-1] += 3
		var a ops.SliceAttr
		for i, n := range shape {
			a.Step[i], a.Len[i] = 1, n
		}
		a.Start[r-1] = 2
		return base, []viewStep{{"slice", a}}
	}, func(shape []int) bool { return len(shape) >= 1 }}
	// offset is dense, but starts three elements into its buffer.
	offset = Layout{"offset", func(shape []int) ([]int, []viewStep) {
		s := ops.NewSpec(ops.F32, shape...)
		n := s.Len()
		a := ops.SliceAttr{}
		a.Start[0], a.Step[0], a.Len[0] = 3, 1, n
		return []int{n + 3}, []viewStep{{"slice", a}, {"reshape", ops.ShapeAttr{Rank: s.Rank, Shape: s.Shape}}}
	}, anyShape}
	// broadcastFirst repeats the first dimension, broadcastLast the last.
	broadcastFirst = Layout{"broadcast_first", func(shape []int) ([]int, []viewStep) { return expanded(shape, 0) },
		func(shape []int) bool { return len(shape) >= 1 }}
	broadcastLast = Layout{"broadcast_last", func(shape []int) ([]int, []viewStep) { return expanded(shape, len(shape)-1) },
		func(shape []int) bool { return len(shape) >= 1 }}
	// broadcastAll shows one element everywhere.
	broadcastAll = Layout{"broadcast_all", func(shape []int) ([]int, []viewStep) {
		return nil, []viewStep{{"expand", shapeAttr(shape)}}
	}, func(shape []int) bool { return len(shape) >= 1 }}
	// steppedTransposed takes every second element and then swaps dimensions.
	steppedTransposed = Layout{"stepped_transposed", func(shape []int) ([]int, []viewStep) {
		inner, swap := transposed.build(shape)
		base, cut := stepped.build(inner)
		return base, append(cut, swap...)
	}, func(shape []int) bool { return len(shape) >= 2 }}
)

func anyShape([]int) bool { return true }

// views are the layouts that a kernel with strides is tried on; inPlace those
// that a destination may have.
var (
	views   = []Layout{transposed, reversed, stepped, padded, offset, broadcastFirst, broadcastLast, broadcastAll, steppedTransposed}
	inPlace = []Layout{dense, transposed, stepped, padded, offset, steppedTransposed}
)

// permuted stores shape so that dimension order[i] of the memory is dimension i.
func permuted(shape, order []int) ([]int, []viewStep) {
	base := make([]int, len(shape))
	var a ops.PermuteAttr
	for i, o := range order {
		base[o] = shape[i]
		a.Dims[i] = int8(o)
	}
	return base, []viewStep{{"permute", a}}
}

func expanded(shape []int, dim int) ([]int, []viewStep) {
	base := append([]int(nil), shape...)
	base[dim] = 1
	return base, []viewStep{{"expand", shapeAttr(shape)}}
}

func shapeAttr(shape []int) ops.ShapeAttr {
	s := ops.NewSpec(ops.F32, shape...)
	return ops.ShapeAttr{Rank: s.Rank, Shape: s.Shape}
}

// places gives, for each element that steps show of a base, its place in the
// base: the views' references applied to the numbers 0, 1, 2 …
func places(base []int, steps []viewStep) (ops.Spec, []int64) {
	a := NewArray(ops.NewSpec(ops.I64, base...))
	for i := range a.I {
		a.I[i] = int64(i)
	}
	for _, st := range steps {
		a = viewRef(st.op, st.attr, a)
	}
	return a.Spec, a.I
}

// Input is one input of a case: dtype, shape, layout and values.
type Input struct {
	ops.Spec
	Layout Layout
	Gen    Gen
	// Data, where set, holds the values in place of Gen (golden inputs; the
	// layout is dense), and Ints those of integer inputs beyond 2⁵³.
	Data *Array
	Ints []int64
	// Fixed inputs get no gradient check: the reference has none there.
	Fixed bool
}

// operand is an input with its values.
type operand struct {
	base  Array // what is uploaded
	steps []viewStep
	shape ops.Spec // of what the op sees
	idx   []int64  // place of each element that the op sees in base; nil: in order
	value Array    // what the op sees
}

// build makes the values of input k of a case.
func (in *Input) build(name string, k int) (operand, error) {
	if in.Data != nil {
		return operand{base: *in.Data, shape: in.Data.Spec, value: *in.Data}, nil
	}
	layout, shape := in.Layout, in.Dims()
	if layout.build == nil {
		layout = dense
	}
	if !layout.fits(shape) {
		return operand{}, fmt.Errorf("optest: %s: layout %s does not fit shape %v", name, layout.Name, shape)
	}
	base, steps := layout.build(shape)
	o := operand{base: NewArray(ops.NewSpec(in.DType, base...)), steps: steps}
	r := seeded(name, k)
	for i := range o.base.F {
		o.base.F[i] = Round(in.DType, in.Gen(r, i))
	}
	for i := range o.base.I {
		if in.Ints != nil {
			o.base.I[i] = in.Ints[i%len(in.Ints)]
		} else {
			o.base.I[i] = wrap(in.DType, int64(in.Gen(r, i)))
		}
	}
	o.shape = o.base.Spec
	if len(steps) > 0 {
		o.shape, o.idx = places(base, steps)
	}
	o.show()
	return o, nil
}

// show computes what the op sees from the base.
func (o *operand) show() {
	o.value = o.base
	if o.idx != nil {
		o.value = o.base.take(o.shape, o.idx)
	}
}

// as is the operand with float values in another dtype.
func (o operand) as(d ops.DType) operand {
	o.base = o.base.as(d)
	o.show()
	return o
}

// written is the base after value was written through the view.
func (o *operand) written(value *Array) Array {
	out := o.base.clone()
	for k := range value.Len() {
		at := k
		if o.idx != nil {
			at = int(o.idx[k])
		}
		out.copyFrom(at, value, k)
	}
	return out
}

package optest

import "github.com/tuff-ml/tuff/ops"

// viewRef moves elements as the view op says.
func viewRef(op ops.Op, attr any, x Array) Array {
	s := x.Spec
	switch a := attr.(type) {
	case ops.PermuteAttr:
		for i := range s.Rank {
			s.Shape[i] = x.Shape[a.Dims[i]]
		}
		return pick(x, s, func(at, src []int) {
			for i, p := range at {
				src[a.Dims[i]] = p
			}
		})
	case ops.SliceAttr:
		s.Shape = a.Len
		return pick(x, s, func(at, src []int) {
			for i, p := range at {
				src[i] = a.Start[i] + p*a.Step[i]
			}
		})
	case ops.ShapeAttr:
		s.Rank, s.Shape = a.Rank, a.Shape
		if op == "expand" {
			return stretch(x, s)
		}
		x.Spec = s // reshape: the same elements in the same order
		return x
	}
	panic("optest: " + string(op) + ": not a view op")
}

func init() {
	viewCase := func(kind string, op ops.Op, attr any, in Input) {
		c := Case{
			Name: name(op, "shape", dims(in.Dims()), "view", in.Layout.Name, "dtype", in.DType, "kind", kind),
			Op:   op, Attr: attr, In: []Input{in},
			Ref: func(c *Case, in []Array, _ []ops.Spec) []Array { return []Array{viewRef(c.Op, c.Attr, in[0])} },
		}
		if in.DType.IsFloat() && in.DType.Size() >= 4 {
			c.Grad = GradDevice
			if in.Len() <= 200 {
				c.Grad = GradFD
			}
		}
		Add(c)
	}
	in := func(d ops.DType, l Layout, shape ...int) Input { return input(d, l, anyValue(d), shape...) }
	for _, d := range ops.DTypes() {
		viewCase("merge", "reshape", shapeAttr([]int{1651}), in(d, dense, 13, 127))
		viewCase("swap", "permute", ops.PermuteAttr{Dims: [8]int8{1, 0}}, in(d, dense, 13, 127))
		viewCase("rows", "expand", shapeAttr([]int{4, 13, 127}), in(d, dense, 1, 127))
		viewCase("step", "slice", ops.SliceAttr{Start: [8]int{1, 2}, Step: [8]int{3, 5}, Len: [8]int{4, 25}}, in(d, dense, 13, 127))
	}
	viewCase("split", "reshape", shapeAttr([]int{2, 3, 5, 1}), in(ops.F32, dense, 30))
	viewCase("scalar", "reshape", shapeAttr(nil), in(ops.F32, dense, 1, 1))
	viewCase("from_scalar", "reshape", shapeAttr([]int{1, 1, 1}), in(ops.F32, dense))
	viewCase("empty", "reshape", shapeAttr([]int{5, 0}), in(ops.F32, dense, 0, 3))
	viewCase("split_rows", "reshape", shapeAttr([]int{2, 3, 5}), in(ops.F32, padded, 6, 5))
	viewCase("offset", "reshape", shapeAttr([]int{5, 6}), in(ops.F32, offset, 6, 5))
	viewCase("rank8", "reshape", shapeAttr([]int{12, 6, 12}), in(ops.F32, dense, deepShape...))
	viewCase("reverse", "permute", ops.PermuteAttr{Dims: [8]int8{7, 6, 5, 4, 3, 2, 1, 0}}, in(ops.F32, dense, deepShape...))
	viewCase("rotate", "permute", ops.PermuteAttr{Dims: [8]int8{2, 0, 1}}, in(ops.F32, dense, 3, 4, 5))
	viewCase("rotate", "permute", ops.PermuteAttr{Dims: [8]int8{2, 0, 1}}, in(ops.F32, stepped, 3, 4, 5))
	viewCase("scalar", "permute", ops.PermuteAttr{}, in(ops.F32, dense))
	viewCase("empty", "permute", ops.PermuteAttr{Dims: [8]int8{1, 0}}, in(ops.F32, dense, 0, 3))
	viewCase("swap", "permute", ops.PermuteAttr{Dims: [8]int8{1, 0}}, in(ops.F32, dense, 257, 129))
	viewCase("scalar", "expand", shapeAttr([]int{7, 5}), in(ops.F32, dense))
	viewCase("middle", "expand", shapeAttr([]int{2, 3, 4, 5}), in(ops.F32, dense, 3, 1, 5))
	viewCase("middle", "expand", shapeAttr([]int{2, 3, 4, 5}), in(ops.F32, stepped, 3, 1, 5))
	viewCase("to_nothing", "expand", shapeAttr([]int{0, 5}), in(ops.F32, dense, 1, 5))
	viewCase("same", "expand", shapeAttr([]int{3, 5}), in(ops.F32, dense, 3, 5))
	viewCase("all", "slice", ops.SliceAttr{Step: [8]int{1, 1}, Len: [8]int{6, 7}}, in(ops.F32, dense, 6, 7))
	viewCase("nothing", "slice", ops.SliceAttr{Start: [8]int{6, 2}, Step: [8]int{1, 1}, Len: [8]int{0, 3}}, in(ops.F32, dense, 6, 7))
	viewCase("last", "slice", ops.SliceAttr{Start: [8]int{5, 6}, Step: [8]int{1, 9}, Len: [8]int{1, 1}}, in(ops.F32, dense, 6, 7))
	viewCase("of_transposed", "slice", ops.SliceAttr{Start: [8]int{1, 0}, Step: [8]int{2, 3}, Len: [8]int{3, 3}}, in(ops.F32, transposed, 6, 7))
	viewCase("of_expanded", "slice", ops.SliceAttr{Start: [8]int{1, 0}, Step: [8]int{2, 3}, Len: [8]int{3, 3}}, in(ops.F32, broadcastFirst, 6, 7))
	viewCase("rank8", "slice", ops.SliceAttr{
		Start: [8]int{1, 0, 1, 0, 2, 0, 1, 1}, Step: [8]int{1, 2, 1, 1, 1, 1, 1, 1}, Len: [8]int{1, 2, 1, 2, 1, 2, 1, 2},
	}, in(ops.F32, dense, deepShape...))
}

package optest

import "github.com/tuff-ml/tuff/ops"

func writeAtRef(c *Case, in []Array, _ []ops.Spec) []Array {
	x, idx, src, dim := in[0].clone(), in[1], in[2], c.Attr.(ops.IndexAttr).Dim
	dst := make([]int, x.Rank)
	for j := range idx.I { // in order, so that the last of equal indices wins
		walk(src.Spec, func(i int, at []int) {
			if at[dim] == j {
				copy(dst, at)
				dst[dim] = int(idx.I[j])
				x.copyFrom(flat(x.Spec, dst), &src, i)
			}
		})
	}
	return []Array{x}
}

func init() {
	add := func(d ops.DType, l Layout, dim int, idx []int64, shape ...int) {
		from := append([]int(nil), shape...)
		from[dim] = len(idx)
		Add(Case{
			Name: name("write_at", "shape", dims(shape)+","+dims(from), "view", l.Name, "dtype", d, "dim", dim), Op: "write_at",
			Attr: ops.IndexAttr{Dim: dim}, Ref: writeAtRef,
			In: []Input{
				input(d, dense, anyValue(d), shape...), {Spec: ops.NewSpec(ops.I64, len(idx)), Ints: idx}, input(d, l, anyValue(d), from...),
			},
		})
	}
	many := make([]int64, 40)
	for i := range many {
		many[i] = int64((i*7 + 3) % 13) // each row several times
	}
	for _, d := range ops.DTypes() {
		add(d, dense, 0, []int64{5, 0, 12}, 13, 127)
		add(d, dense, 1, []int64{126, 3, 3, 64}, 13, 127)
	}
	add(ops.F32, dense, 0, []int64{0}, 1)
	add(ops.F32, dense, 0, many, 13, 127)
	add(ops.F32, dense, 0, many, 13)
	add(ops.F32, dense, 1, many, 257, 13)
	add(ops.F32, dense, 1, []int64{4}, 3, 5, 7)
	add(ops.F32, dense, 2, []int64{6, 0}, 3, 5, 7)
	add(ops.F32, transposed, 0, []int64{5, 0, 12}, 13, 127)
	add(ops.F32, stepped, 1, []int64{126, 3, 3, 64}, 13, 127)
	add(ops.F32, broadcastFirst, 0, []int64{5, 0, 12}, 13, 127)
	add(ops.F32, dense, 0, []int64{69999, 1, 5}, 70000, 3)
	add(ops.F32, dense, 2, []int64{1, 0}, 2, 8, 1024, 64) // a cache of keys
	add(ops.F32, dense, 4, []int64{2, 1}, deepShape...)
	for _, bad := range []int64{13, -1} {
		Add(Case{
			Name: name("write_at", "shape", "13x4,2x4", "dtype", ops.F32, "index", bad), Op: "write_at", Attr: ops.IndexAttr{},
			In: []Input{
				input(ops.F32, dense, normal(0, 1), 13, 4), {Spec: ops.NewSpec(ops.I64, 2), Ints: []int64{0, bad}}, input(ops.F32, dense, normal(0, 1), 2, 4),
			},
			WantIndex: &ops.IndexError{Op: "write_at", Index: bad, Limit: 13},
		})
	}
}

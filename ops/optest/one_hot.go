package optest

import "github.com/tuff-ml/tuff/ops"

func oneHotRef(c *Case, in []Array, out []ops.Spec) []Array {
	y, n := NewArray(out[0]), c.Attr.(ops.OneHotAttr).Classes
	for i, k := range in[0].I {
		if y.F != nil {
			y.F[i*n+int(k)] = 1
		} else {
			y.I[i*n+int(k)] = 1
		}
	}
	return []Array{y}
}

func init() {
	add := func(d ops.DType, l Layout, classes int, shape ...int) {
		Add(Case{
			Name: name("one_hot", "shape", dims(shape), "view", l.Name, "dtype", d, "classes", classes), Op: "one_hot",
			Attr: ops.OneHotAttr{Classes: classes, DType: d}, In: []Input{input(ops.I64, l, integers(0, classes-1), shape...)}, Ref: oneHotRef,
		})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64} {
		add(d, dense, 10, 127)
		add(d, transposed, 13, 5, 7)
	}
	for _, shape := range [][]int{{}, {0}, {1}, {1000}, {13, 127}, {70000}, {2, 1, 3, 1, 2, 3, 1}} {
		add(ops.F32, dense, 7, shape...)
	}
	add(ops.F32, dense, 1, 13)
	add(ops.F32, dense, 32000, 40)
	add(ops.F32, stepped, 5, 100)
	for _, bad := range []int64{10, -1} {
		Add(Case{
			Name: name("one_hot", "shape", 3, "dtype", ops.F32, "index", bad), Op: "one_hot", Attr: ops.OneHotAttr{Classes: 10, DType: ops.F32},
			In:        []Input{{Spec: ops.NewSpec(ops.I64, 3), Ints: []int64{0, bad, 9}}},
			WantIndex: &ops.IndexError{Op: "one_hot", Index: bad, Limit: 10},
		})
	}
}

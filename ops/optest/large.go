package optest

import "github.com/tuff-ml/tuff/ops"

// Large cases hold a tensor of more than 128 MiB, the smallest range of a
// storage buffer that a Vulkan device may offer: one for each family of
// kernels, beside those that stand with their ops (add, relu, sum, max,
// contiguous, matmul). Adam is left to sgd's case, since four such lists need
// more memory than a small machine has, and permutation sorts too long.
func init() {
	n := largeShape[0]
	few := func(values ...float64) Gen { return cycle(values...) }
	add := func(op ops.Op, attr any, k [2]float64, class Class, ref Ref, in ...Input) {
		d := ops.F32
		if a, ok := attr.(ops.CreateAttr); ok {
			d = a.DType
		}
		Add(Case{
			Name: name(op, "shape", "large", "dtype", d), Op: op, Attr: attr, Const: k, In: in, Ref: ref,
			Class: class, AnyZero: true, Flush: true, Large: true,
		})
	}
	x := input(ops.F32, dense, few(1, -2, 3, -4, 5, 0.5, -0.25), n)
	last := Input{Spec: ops.NewSpec(ops.I64, 5), Ints: []int64{int64(n) - 1, 0, 1 << 24, 1<<24 + 1, int64(n) - 1}}
	add("tanh_grad", nil, noConst, Product, activationGradRef(activationGrads["tanh_grad"]), x, input(ops.F32, dense, few(0.5, -0.25, 0.125), n))
	add("where", nil, noConst, Exact, whereRef, input(ops.Bool, dense, few(1, 0, 0), n), x, input(ops.F32, dense, few(7, 8), n))
	add("cast", ops.CastAttr{To: ops.F16}, noConst, Exact, castRef, x)
	add("softmax", ops.SoftmaxAttr{Dim: 1}, noConst, Summed, softmaxRef(softmaxLine), input(ops.F32, dense, few(1, -2, 3, -4, 5, 0.5, -0.25), 8209, 4096))
	add("gather", ops.IndexAttr{}, noConst, Exact, gatherRef, x, last)
	add("scatter_add", ops.IndexAttr{}, noConst, Exact, scatterAddRef, x, last, input(ops.F32, dense, few(1, 2, 3, 4, 5), 5))
	add("concat", ops.ConcatAttr{}, noConst, Exact, concatRef, input(ops.F32, dense, few(1, 2, 3), n/2), input(ops.F32, dense, few(4, 5), n/2+7))
	add("unslice", ops.UnsliceAttr{
		Slice: ops.SliceAttr{Start: [8]int{3}, Step: [8]int{n / 1000}, Len: [8]int{1000}}, Into: shapeAttr(largeShape),
	}, noConst, Exact, unsliceRef, input(ops.F32, dense, few(1, 2, 3), 1000))
	add("one_hot", ops.OneHotAttr{Classes: 32003, DType: ops.F32}, noConst, Exact, oneHotRef, input(ops.I64, dense, few(0, 32002, 777), 1051))
	add("full", createAttr(ops.F32, largeShape), [2]float64{2.5}, Exact, fullRef)
	add("arange", createAttr(ops.I32, largeShape), [2]float64{5, 3}, Exact, arangeRef)
	add("copy_", nil, noConst, Exact, inPlaceRef, input(ops.F32, dense, constant(9), n), x)
	add("uniform", createAttr(ops.F32, largeShape), [2]float64{0, 1}, Exact, uniformRef, state(5, 9))
	add("dropout", nil, [2]float64{0.5}, Quotient, dropoutRef, x, state(5, 9))
	add("write_at", ops.IndexAttr{}, noConst, Exact, writeAtRef, input(ops.F32, dense, few(1, 2, 3), n/64, 64),
		Input{Spec: ops.NewSpec(ops.I64, 3), Ints: []int64{int64(n)/64 - 1, 0, 1 << 18}}, input(ops.F32, dense, few(7, 8, 9, 10, 11), 3, 64))
	add("sgd", ops.SGDAttr{N: 1}, noConst, Stepped, sgdRef, stepInputs(ops.F32, 0.1, 1, [][]int{largeShape}, few(1, -2, 3), few(0.5, 0.25))...)
}

var noConst [2]float64

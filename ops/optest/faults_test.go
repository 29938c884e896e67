package optest

import (
	"context"
	"math"
	"strings"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

// fault is one way in which a backend may be wrong. Both hooks see calls on op
// alone; edit may change the call (which is planned again), and spoil gets the
// call after it ran.
type fault struct {
	name  string
	op    ops.Op
	edit  func(b *broken, c *ops.Call)
	spoil func(b *broken, c *ops.Call)
	cases string // pattern of the cases that must notice; empty: the op's
}

// broken is a correct backend with one fault.
type broken struct {
	ops.Backend
	t     *testing.T
	fault fault
	hits  int
	last  ops.Buffer    // what the call before wrote
	undo  []func()      // restores what edit changed in memory
	calls map[*lane]int // of the fault's op, by stream
	lane  *lane         // of the call under way
}

// lane is a stream of a broken backend.
type lane struct {
	ops.Stream
	b *broken
}

func (b *broken) Stream() (ops.Stream, error) {
	s, err := b.Backend.Stream()
	return &lane{s, b}, err
}

func (l *lane) Run(p ops.Plan, c *ops.Call) error {
	b := l.b
	b.lane = l
	defer func() { b.last = c.Out[0].Buf }()
	if c.Op != b.fault.op {
		return l.Stream.Run(p, c)
	}
	b.hits++
	b.calls[l]++
	call := *c
	call.In, call.Out = append([]ops.View(nil), c.In...), append([]ops.View(nil), c.Out...)
	if b.fault.edit != nil {
		b.fault.edit(b, &call)
		var err error
		if p, err = b.Backend.Plan(&call); err != nil {
			return err
		}
		if n := p.Scratch(); n > 0 {
			scratch, err := b.Backend.Alloc(n)
			if err != nil {
				return err
			}
			defer scratch.Release()
			call.Scratch = ops.DenseView(ops.NewSpec(ops.U8, n), scratch)
		}
	}
	err := l.Stream.Run(p, &call)
	for _, f := range b.undo {
		f()
	}
	b.undo = nil
	if b.fault.spoil != nil && err == nil {
		b.fault.spoil(b, c)
	}
	return err
}

// memory reads all elements of a view's buffer from its offset on.
func (b *broken) memory(v ops.View) Array {
	lo, hi := v.Extent()
	s := ops.NewSpec(v.DType, hi-lo)
	bytes := make([]byte, s.Bytes())
	if err := v.Buf.Read(context.Background(), lo*v.DType.Size(), bytes); err != nil {
		b.t.Fatal(err)
	}
	return fromBytes(s, bytes)
}

// get reads the elements of a view.
func (b *broken) get(v ops.View) Array {
	m, out, i := b.memory(v), NewArray(v.Spec), 0
	walk(v.Spec, func(_ int, at []int) {
		place := 0
		for k, p := range at {
			place += p * v.Strides[k]
		}
		out.copyFrom(i, &m, place)
		i++
	})
	return out
}

// put writes a dense view.
func (b *broken) put(v ops.View, a Array) {
	if err := v.Buf.Write(v.Offset*v.DType.Size(), a.Bytes()); err != nil {
		b.t.Fatal(err)
	}
}

// change reads output 0, edits it and writes it back.
func change(f func(in []Array, out *Array, c *ops.Call)) func(b *broken, c *ops.Call) {
	return func(b *broken, c *ops.Call) {
		var in []Array
		for _, v := range c.In {
			in = append(in, b.get(v))
		}
		out := b.get(c.Out[0])
		f(in, &out, c)
		b.put(c.Out[0], out)
	}
}

// attr edits the attribute.
func attr[A any](f func(a *A)) func(b *broken, c *ops.Call) {
	return func(_ *broken, c *ops.Call) {
		a := c.Attr.(A)
		f(&a)
		c.Attr = a
	}
}

var faults = []fault{
	{name: "strides are ignored", op: "add", edit: func(_ *broken, c *ops.Call) {
		for i := range c.In {
			if _, hi := c.In[i].Extent(); hi-c.In[i].Offset >= c.In[i].Len() {
				c.In[i].Strides = c.In[i].DenseStrides()
			}
		}
	}},
	{name: "the step is short by one", op: "contiguous", edit: func(_ *broken, c *ops.Call) {
		if v := &c.In[0]; v.Rank > 0 && v.Strides[v.Rank-1] == 2 {
			v.Strides[v.Rank-1]--
		}
	}},
	{name: "the slice's step is short by one", op: "unslice", edit: attr(func(a *ops.UnsliceAttr) {
		for i := range a.Slice.Step {
			a.Slice.Step[i] = max(min(a.Slice.Step[i], 1), a.Slice.Step[i]-1)
		}
	})},
	{name: "the offset is ignored", op: "mul", edit: func(_ *broken, c *ops.Call) {
		c.In[0].Offset = guardBytes / c.In[0].DType.Size()
	}},
	{name: "the last element is not written", op: "exp", spoil: change(func(_ []Array, out *Array, _ *ops.Call) {
		out.F[len(out.F)-1] = -2.7e7
	})},
	{name: "the wrong axis", op: "softmax", edit: attr(func(a *ops.SoftmaxAttr) { a.Dim = 0 })},
	{name: "the wrong axis in the gradient", op: "log_softmax_grad", edit: attr(func(a *ops.SoftmaxAttr) { a.Dim = 0 }), cases: "log_softmax"},
	{name: "the tail of a block is missed", op: "sum", edit: func(_ *broken, c *ops.Call) {
		if v := &c.In[0]; v.Rank == 1 && v.Shape[0] > 4 {
			v.Shape[0] &^= 3
		}
	}},
	{name: "float16 rounds toward zero", op: "cast", spoil: func(b *broken, c *ops.Call) {
		if c.Out[0].DType != ops.F16 || !c.In[0].DType.IsFloat() {
			return
		}
		change(func(in []Array, out *Array, _ *ops.Call) {
			for i, x := range in[0].F {
				if math.Abs(out.F[i]) > math.Abs(x) && finite(out.F[i]) {
					out.F[i] = f16Value(f16Bits(out.F[i]) - 1)
				}
			}
		})(b, c)
	}},
	{name: "integers round to nearest", op: "cast", spoil: func(b *broken, c *ops.Call) {
		if c.Out[0].DType == ops.I32 && c.In[0].DType == ops.F32 {
			change(func(in []Array, out *Array, _ *ops.Call) {
				for i, x := range in[0].F {
					if math.Abs(x) < 1e6 {
						out.I[i] = int64(math.RoundToEven(x))
					}
				}
			})(b, c)
		}
	}},
	{name: "zero loses its sign", op: "neg", spoil: change(func(_ []Array, out *Array, _ *ops.Call) {
		for i := range out.F {
			out.F[i] += 0
		}
	})},
	{name: "NaN is dropped", op: "maximum", spoil: change(func(in []Array, out *Array, _ *ops.Call) {
		for i, x := range out.F {
			if math.IsNaN(x) {
				out.F[i] = 0
			}
		}
	})},
	{name: "NaN is dropped from a row", op: "max", spoil: change(func(_ []Array, out *Array, _ *ops.Call) {
		for i, x := range out.F {
			if math.IsNaN(x) {
				out.F[i] = 3
			}
		}
	})},
	{name: "the last of equal elements wins", op: "argmax", spoil: change(func(in []Array, out *Array, c *ops.Call) {
		for o, list := range fold(in[0], c.Attr.(ops.ReduceAttr)) {
			for j, i := range list {
				if in[0].Float(i) == in[0].Float(list[out.I[o]]) {
					out.I[o] = int64(j)
				}
			}
		}
	})},
	{name: "the bias is ignored", op: "matmul", edit: func(_ *broken, c *ops.Call) { c.In = c.In[:2] }},
	{name: "gelu in place of silu", op: "matmul", edit: attr(func(a *ops.MatMulAttr) {
		if a.Act == ops.ActSiLU {
			a.Act = ops.ActGELU
		}
	})},
	{name: "the batch's stride is ignored", op: "matmul", edit: func(_ *broken, c *ops.Call) {
		if c.In[1].Rank > 2 {
			c.In[1].Strides[c.In[1].Rank-3] = 0
		}
	}},
	{name: "betas are swapped", op: "adam", edit: attr(func(a *ops.AdamAttr) { a.Beta1, a.Beta2 = a.Beta2, a.Beta1 })},
	{name: "the bias correction is left out", op: "adam", edit: func(b *broken, c *ops.Call) {
		was := b.get(c.In[1])
		b.put(c.In[1], floats(was.Spec, func(int) float64 { return 1e6 }))
		b.undo = append(b.undo, func() { b.put(c.In[1], was) })
	}},
	{name: "decay is not decoupled", op: "adam", edit: attr(func(a *ops.AdamAttr) { a.Decoupled = false })},
	{name: "nesterov is ignored", op: "sgd", edit: attr(func(a *ops.SGDAttr) { a.Nesterov = false })},
	{name: "the first step is dampened", op: "sgd", edit: func(b *broken, c *ops.Call) {
		was := b.get(c.In[1])
		b.put(c.In[1], floats(was.Spec, func(i int) float64 { return was.F[i] + 1 }))
		b.undo = append(b.undo, func() { b.put(c.In[1], was) })
	}},
	{name: "the counter does not advance", op: "rand_reserve", spoil: func(b *broken, c *ops.Call) { b.put(c.Out[1], b.get(c.Out[0])) }},
	{name: "the counter's high word is ignored", op: "uniform", edit: func(b *broken, c *ops.Call) {
		was := b.get(c.In[0])
		low := was.clone()
		low.I[1] &= 0xFFFFFFFF
		b.put(c.In[0], low)
		b.undo = append(b.undo, func() { b.put(c.In[0], was) })
	}},
	{name: "sine and cosine are swapped", op: "normal", spoil: change(func(_ []Array, out *Array, _ *ops.Call) {
		for i := 0; i+1 < len(out.F); i += 2 {
			out.F[i], out.F[i+1] = out.F[i+1], out.F[i]
		}
	})},
	{name: "the backward mask is another", op: "dropout", spoil: func(b *broken, c *ops.Call) {
		if b.calls[b.lane] > 1 {
			change(func(_ []Array, out *Array, _ *ops.Call) { out.F = append(out.F[1:], out.F[0]) })(b, c)
		}
	}},
	{name: "indices are clamped", op: "gather", edit: func(b *broken, c *ops.Call) {
		idx := b.get(c.In[1])
		n := int64(c.In[0].Shape[c.Attr.(ops.IndexAttr).Dim])
		for i, k := range idx.I {
			idx.I[i] = min(max(k, 0), n-1)
		}
		b.put(c.In[1], idx)
	}},
	{name: "one of equal indices is lost", op: "scatter_add", spoil: change(func(in []Array, out *Array, c *ops.Call) {
		dim := c.Attr.(ops.IndexAttr).Dim
		dst := make([]int, out.Rank)
		walk(in[1].Spec, func(i int, at []int) {
			copy(dst, at)
			dst[dim] = int(in[1].I[i])
			o := flat(out.Spec, dst)
			if out.F != nil {
				out.F[o] = Round(out.DType, in[0].F[o]+in[2].F[i])
			}
		})
	})},
	{name: "the first of equal indices wins", op: "write_at", edit: func(b *broken, c *ops.Call) {
		idx := b.get(c.In[1])
		was := idx.clone()
		for i, k := range idx.I { // later ones go where an earlier one wrote the same row
			for j, l := range idx.I[:i] {
				if k == l && c.Attr.(ops.IndexAttr).Dim == 0 && c.In[2].Rank > 0 {
					src := b.get(c.In[2])
					row := src.Len() / src.Shape[0]
					for e := range row {
						src.copyFrom(i*row+e, &src, j*row+e)
					}
					before := b.get(c.In[2])
					b.put(c.In[2], src)
					b.undo = append(b.undo, func() { b.put(c.In[2], before) })
				}
			}
		}
		b.undo = append(b.undo, func() { b.put(c.In[1], was) })
	}},
	{name: "inputs are joined in another order", op: "concat", edit: func(_ *broken, c *ops.Call) {
		if n := len(c.In); n > 2 && c.In[0].Spec == c.In[n-1].Spec {
			c.In[0], c.In[n-1] = c.In[n-1], c.In[0]
		}
	}},
	{name: "the condition is inverted", op: "where", edit: func(_ *broken, c *ops.Call) { c.In[1], c.In[2] = c.In[2], c.In[1] }},
	{name: "the correction is ignored", op: "var", edit: attr(func(a *ops.ReduceAttr) { a.Correction = 0 })},
	{name: "the destination's strides are ignored", op: "copy_", edit: func(_ *broken, c *ops.Call) {
		c.Out[0].Strides = c.Out[0].DenseStrides()
		c.In[0].Strides = c.Out[0].Strides
	}},
	{name: "exponentials overflow", op: "logsumexp", spoil: change(func(_ []Array, out *Array, _ *ops.Call) {
		for i, x := range out.F {
			if x > 88.8 {
				out.F[i] = inf
			}
		}
	})},
	{name: "one element past the end is written", op: "full", spoil: func(b *broken, c *ops.Call) {
		v := c.Out[0]
		if err := v.Buf.Write((v.Offset+v.Len())*v.DType.Size(), make([]byte, v.DType.Size())); err != nil {
			b.t.Fatal(err)
		}
	}},
	{name: "the input is written over", op: "relu", spoil: func(b *broken, c *ops.Call) {
		if c.In[0].Dense() {
			b.put(c.In[0], b.get(c.Out[0]))
		}
	}},
	{name: "a barrier is missing", op: "mul", cases: "exp", edit: func(b *broken, c *ops.Call) {
		for _, v := range c.In {
			if v.Buf == b.last && v.Dense() { // the write before has not landed yet
				was := b.memory(v)
				b.put(v, floats(was.Spec, func(int) float64 { return -2.7e7 }))
				b.undo = append(b.undo, func() { b.put(v, was) })
			}
		}
	}},
	{name: "the gradient's second term is dropped", op: "gelu_grad", cases: "gelu", spoil: change(func(in []Array, out *Array, _ *ops.Call) {
		for i := range out.F {
			out.F[i] = Round(out.DType, in[0].F[i]*normalCDF(in[1].F[i]))
		}
	})},
	{name: "log is off far from 1", op: "log", spoil: change(func(in []Array, out *Array, _ *ops.Call) {
		for i := range out.F {
			out.F[i] *= 1 + 0x1p-19
		}
	})},
}

// TestFaultsAreFound wraps the CPU backend, breaks it in one way at a time,
// and demands that the suite notices each.
func TestFaultsAreFound(t *testing.T) {
	if len(faults) < 20 {
		t.Fatalf("wanted at least 20 faults, got %d", len(faults))
	}
	for _, f := range faults {
		t.Run(strings.ReplaceAll(string(f.op)+"/"+f.name, " ", "_"), func(t *testing.T) {
			inner, err := cpu.New(cpu.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer inner.Close()
			ref := ops.NewDevice(inner, nil)
			b := &broken{Backend: inner, t: t, fault: f, calls: map[*lane]int{}}
			k := NewChecker(ops.NewDevice(b, nil), ref)
			pattern := f.cases
			if pattern == "" {
				pattern = string(f.op)
			}
			cases, err := Options{Pattern: pattern}.Select(Cases())
			if err != nil {
				t.Fatal(err)
			}
			whole := NewChecker(ref, ref)
			for _, c := range cases {
				r := k.Check(c)
				if r.Status != Failed {
					continue
				}
				if strings.Contains(r.Reason, "panic") {
					t.Fatalf("%s: wanted a wrong result, got %s", c.Name, r.Reason)
				}
				if r := whole.Check(c); r.Status == Passed { // the fault, not the backend
					t.Logf("%s: %.200s", c.Name, k.Check(c).Reason)
					return
				}
			}
			t.Errorf("%d cases of %s passed, and %d calls were wrong", len(cases), pattern, b.hits)
		})
	}
}

package optest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tuff-ml/tuff/ops"
)

// Ref computes what a case must give, in float64 and plainly. in holds what
// the op sees, out the specs that the op's shape rule gave. Results are not
// rounded; the comparison does that.
type Ref func(c *Case, in []Array, out []ops.Spec) []Array

// GradMode says how a case's gradient is checked.
type GradMode uint8

// The modes.
const (
	// NoGrad: forward only.
	NoGrad GradMode = iota
	// GradFD: the float64 gradient against finite differences of the
	// reference, and the device's against the float64 gradient.
	GradFD
	// GradDevice: only the device's against the reference device's float64
	// gradient, for shapes too large for finite differences.
	GradDevice
	// GradSecond is GradFD, and the gradient of a gradient.
	GradSecond
)

// Case is one call of one op and what must come of it.
type Case struct {
	// Name is key=value pairs: op=add/shape=13x127/view=transposed/dtype=f32.
	Name  string
	Op    ops.Op
	Attr  any
	Const [2]float64
	In    []Input

	// Ref is the reference; Want, in its place, golden results, and Source
	// says where they are from.
	Ref    Ref
	Want   []Array
	Source string

	Class Class
	// Widen multiplies the tolerance; where it is set, a comment says why.
	// GradWiden does so for the gradient.
	Widen, GradWiden float64
	// AnyZero: the sign of a zero is not specified.
	AnyZero bool
	// Flush: a device may treat subnormal inputs as zero.
	Flush bool

	Grad GradMode
	// RefGrad computes the gradients for weights w of the outputs where
	// finite differences cannot (casts that round).
	RefGrad func(c *Case, in, w []Array) []Array
	// Weights and WantGrad are golden: dL/dout, and dL/din (nil Data: none).
	Weights, WantGrad []Array

	// WantIndex: the call must fail with an *ops.IndexError like this.
	WantIndex *ops.IndexError
	// Do, in place of a single call, is a check of its own.
	Do func(t *Trial) error

	// Large cases need several hundred MiB; Run leaves them out unless asked.
	Large bool
}

// constant is Go constant i as the op uses it: in dtype d.
func (c *Case) constant(i int, d ops.DType) float64 {
	if d.IsFloat() {
		return Round(d, c.Const[i])
	}
	return c.Const[i]
}

// Stem is the file name of the case's op.
func (c *Case) Stem() string {
	if d := ops.Lookup(c.Op); d != nil {
		return d.Stem
	}
	return string(c.Op)
}

// DType is the dtype that the case is about: the first input's that is not an
// index, or the attribute's.
func (c *Case) DType() ops.DType {
	for _, in := range c.In {
		if in.DType.IsFloat() {
			return in.DType
		}
	}
	if a, ok := c.Attr.(ops.CreateAttr); ok {
		return a.DType
	}
	if len(c.In) > 0 {
		return c.In[0].DType
	}
	return ops.F32
}

var registered = map[string]Case{}

// Add registers a case, for the ops of other modules too; it panics when the
// name is taken or the case says nothing to check. Call it from init.
func Add(c Case) {
	if c.Name == "" || c.Op == "" || (c.Ref == nil && c.Want == nil && c.Do == nil && c.WantIndex == nil) {
		panic(fmt.Sprintf("optest: add %q: wanted a name, an op and something to expect", c.Name))
	}
	if _, ok := registered[c.Name]; ok {
		panic(fmt.Sprintf("optest: add %q: the name is taken", c.Name))
	}
	registered[c.Name] = c
}

// Cases lists all cases, by stem, op and name.
func Cases() []Case {
	out := make([]Case, 0, len(registered))
	for _, c := range registered {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Case) int {
		return cmp.Or(cmp.Compare(a.Stem(), b.Stem()), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Short picks a few cases of each op from cs: one for each variant that a
// backend may have for it, and of those the one whose size is nearest to 1,000
// elements. Variants are told apart by dtypes, whether inputs are dense, dense
// but unaligned or strided, the attribute, whether a gradient is taken, and
// whether the call is small or large.
func Short(cs []Case) []Case {
	best := map[string]int{}
	for i := range cs {
		c := &cs[i]
		if c.Large {
			continue
		}
		k := c.variant()
		if j, ok := best[k]; !ok || c.distance() < cs[j].distance() {
			best[k] = i
		}
	}
	var out []Case
	for i := range cs {
		if j, ok := best[cs[i].variant()]; ok && i == j {
			out = append(out, cs[i])
		}
	}
	return out
}

// variantKeys are the parts of a name that choose among kernels; the others
// choose values.
var variantKeys = []string{"op", "dtype", "to", "scalar", "act", "bias", "dims", "dim", "grad", "options", "weight"}

// variant is what Short tells cases apart by.
func (c *Case) variant() string {
	var key []string
	for part := range strings.SplitSeq(c.Name, "/") {
		k, v, _ := strings.Cut(part, "=")
		switch {
		case k == "view":
			key = append(key, viewClass(v))
		case slices.Contains(variantKeys, k):
			key = append(key, part)
		}
	}
	if c.elements() > 4096 {
		key = append(key, "large")
	}
	return strings.Join(key, "/")
}

// viewClass is dense, offset or strided, for a list of layouts.
func viewClass(layouts string) string {
	class := "dense"
	for l := range strings.SplitSeq(layouts, ",") {
		switch {
		case l == "offset" && class == "dense":
			class = "offset"
		case l != "dense" && l != "offset":
			class = "strided"
		}
	}
	return class
}

// elements is the size of the largest input or created tensor.
func (c *Case) elements() int {
	n := 0
	for i := range c.In {
		n = max(n, c.In[i].Len())
	}
	if a, ok := c.Attr.(ops.CreateAttr); ok {
		s := a.Spec()
		n = max(n, s.Len())
	}
	return n
}

func (c *Case) distance() int {
	n := c.elements() - 1000
	return max(n, -n)
}

// name writes a case's name; pairs are key, value, key, value …
func name(op ops.Op, pairs ...any) string {
	var b strings.Builder
	fmt.Fprintf(&b, "op=%s", op)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "/%v=%v", pairs[i], pairs[i+1])
	}
	return b.String()
}

// dims writes a shape for a name: 13x127, scalar.
func dims(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	s := make([]string, len(shape))
	for i, n := range shape {
		s[i] = fmt.Sprint(n)
	}
	return strings.Join(s, "x")
}

// input is an input of a dtype, layout and generator.
func input(d ops.DType, l Layout, g Gen, shape ...int) Input {
	return Input{Spec: ops.NewSpec(d, shape...), Layout: l, Gen: g}
}

// index inputs are i64, dense, with numbers below n.
func indices(n int, shape ...int) Input {
	return input(ops.I64, dense, integers(0, n-1), shape...)
}

// The shapes that elementwise ops and moves are tried on: nothing, one, odd,
// about a thousand, across tiles, across workgroups, past 2²⁰.
var (
	sizes      = [][]int{{}, {0}, {1}, {13}, {127}, {1000}, {13, 127}, {257, 129}, {70000}, {1<<20 + 3}, {3, 0, 5}, {2, 1, 3, 1, 2, 3, 1, 5}}
	fewSizes   = [][]int{{1}, {13, 127}, {70000}}
	viewShape  = []int{13, 127}
	deepShape  = []int{2, 3, 2, 2, 3, 2, 2, 3} // rank 8
	largeShape = []int{(128<<20)/4 + 1027}     // more than 128 MiB of f32
)

package ops

import (
	"fmt"
	"slices"
	"strings"
)

// Op is the name of an op: lower case with underscores for ours; ops of other
// modules are qualified by their path, "example.com/mod.swish_two".
type Op string

// Kind says what sort of op this is, and with it on which floors it stands:
// View and Composed ops have no kernels.
type Kind uint8

// The kinds.
const (
	Elementwise Kind = iota + 1 // out[i] depends on in[…][i] only
	Reduction                   // folds dimensions
	Rows                        // works along one dimension and keeps it (softmax)
	Contraction                 // matrix products
	ViewOp                      // strides and offset only
	Copy                        // moves elements
	Index                       // moves elements by an index tensor
	Creation                    // makes elements out of nothing
	Random                      // draws from a generator's state
	Update                      // writes into an input
	Composed                    // made of other ops
)

var kindNames = [...]string{"", "elementwise", "reduction", "rows", "contraction", "view", "copy", "index", "creation", "random", "update", "composed"}

func (k Kind) String() string { return kindNames[k] }

// Def is what an op means. There is one per op, registered at init.
type Def struct {
	Op   Op
	Kind Kind
	// Stem is the file name, without ending, under which the op stands on
	// every floor; empty: the op's name. Families share one.
	Stem string
	// Doc is the formula in one line, for tables.
	Doc string

	// Infer is the only shape rule: it appends the outputs' specs to out. It
	// checks dtypes, shapes and attribute; its error text needs no op name.
	Infer func(out, in []Spec, attr any) ([]Spec, error)
	// View computes strides and offset of a view op's result.
	View func(in View, attr any) View
	// Alias says which input output out is written over; −1: none. Nil: none.
	Alias func(attr any, out int) int
	// SaveIn and SaveOut are bit masks of the inputs and outputs that the
	// gradient reads.
	SaveIn, SaveOut uint64
	// Saves replaces the masks where they depend on the attribute.
	Saves func(attr any) (in, out uint64)
	// AnyView: kernels take inputs with any strides; otherwise ops makes them
	// dense first.
	AnyView bool
	// VJP returns the gradients of the inputs, nil where there is none, made
	// of ops. A nil VJP: the gradient stops here.
	VJP func(g *Grad) []*Tensor
	// Compose computes the op by other ops, for Composed ops and for backends
	// without a kernel.
	Compose func(in []*Tensor, attr any, c [2]float64) []*Tensor
	// Empty gives the value that fills a non-empty output when an input is
	// empty; nil: that is an error.
	Empty func(attr any) float64
}

var registry = map[Op]*Def{}

// Register adds an op. It is called from init or variable initialisers only,
// and panics on a duplicate or an incomplete definition. It returns its
// argument, as the handle that Apply and kernels use.
func Register(d Def) *Def {
	if d.Op == "" || d.Kind == 0 || d.Infer == nil {
		panic(fmt.Sprintf("ops: register %q: wanted Op, Kind and Infer", d.Op))
	}
	if _, ok := registry[d.Op]; ok {
		panic(fmt.Sprintf("ops: register: op %q is there already", d.Op))
	}
	if (d.Kind == ViewOp) != (d.View != nil) {
		panic(fmt.Sprintf("ops: register %q: View belongs to view ops, and they need it", d.Op))
	}
	if d.Kind == Composed && d.Compose == nil {
		panic(fmt.Sprintf("ops: register %q: a composed op needs Compose", d.Op))
	}
	d.Infer = bounded(d.Infer)
	if d.Stem == "" {
		d.Stem = string(d.Op)
	}
	registry[d.Op] = &d
	return &d
}

// bounded refuses results with more elements than can be counted.
func bounded(infer func(out, in []Spec, attr any) ([]Spec, error)) func(out, in []Spec, attr any) ([]Spec, error) {
	return func(out, in []Spec, attr any) ([]Spec, error) {
		outs, err := infer(out, in, attr)
		if err != nil {
			return nil, err
		}
		for _, s := range outs[len(out):] {
			if _, err := checkedSpec(s); err != nil {
				return nil, err
			}
		}
		return outs, nil
	}
}

// Lookup finds an op by name; nil when there is none.
func Lookup(op Op) *Def { return registry[op] }

// Defs lists all registered ops by name.
func Defs() []*Def {
	out := make([]*Def, 0, len(registry))
	for _, d := range registry {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *Def) int { return strings.Compare(string(a.Op), string(b.Op)) })
	return out
}

// NeedsKernel says whether a backend should have a kernel for the op.
func (d *Def) NeedsKernel() bool { return d.Kind != ViewOp && d.Kind != Composed }

func (d *Def) alias(attr any, out int) int {
	if d.Alias == nil {
		return -1
	}
	return d.Alias(attr, out)
}

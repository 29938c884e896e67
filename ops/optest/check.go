package optest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tuff-ml/tuff/ops"
)

// Status is how a case ended.
type Status string

// The outcomes.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped" // the device says that it has no such kernel
)

// Result is what checking one case found.
type Result struct {
	Case   string
	Op     ops.Op
	Status Status
	// Reason is why a case was skipped, or what went wrong.
	Reason string
	// ULP and NMSE are the worst errors of the outputs, GradULP and GradNMSE
	// those of the gradients.
	ULP, NMSE, GradULP, GradNMSE float64
	Seconds                      float64
}

// Checker checks cases on one device. It belongs to one goroutine.
type Checker struct {
	guard    *Guard
	dev, ref *ops.Device
}

// NewChecker prepares a device for checking. ref is a device with float64, such
// as the CPU backend, whose gradients are checked by finite differences and
// then serve as reference for those of dev; dev itself may be it. Without one
// (nil), finite differences are the only reference for gradients, and gradients
// of large shapes go unchecked.
func NewChecker(dev, ref *ops.Device) *Checker {
	g := NewGuard(dev.Backend())
	return &Checker{guard: g, dev: ops.NewDevice(g, nil), ref: ref}
}

// Check runs one case on dev; see NewChecker for ref.
func Check(dev, ref *ops.Device, c Case) Result { return NewChecker(dev, ref).Check(c) }

// Check runs one case.
func (k *Checker) Check(c Case) Result {
	if c.Large {
		runtime.GC() // the arrays of the case before count as much as this one's
	}
	start := time.Now()
	res := Result{Case: c.Name, Op: c.Op, Status: Passed}
	t := &Trial{checker: k, Case: &c, result: &res}
	err := t.protect(func() error {
		if c.Do != nil {
			return c.Do(t)
		}
		return t.all()
	})
	if gerr := k.guard.Check(context.Background()); gerr != nil {
		if err == nil || errors.Is(err, ops.ErrUnsupported) {
			err = gerr
		} else {
			err = fmt.Errorf("%w; and %w", err, gerr)
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, ops.ErrUnsupported):
		res.Status, res.Reason = Skipped, err.Error()
	default:
		res.Status, res.Reason = Failed, t.describe(err)
	}
	res.Seconds = time.Since(start).Seconds()
	return res
}

// Trial is one case being checked, as its Do function sees it.
type Trial struct {
	Case    *Case
	checker *Checker
	result  *Result
	// inside a scope:
	scope *ops.Scope
}

// Device is the device under test.
func (t *Trial) Device() *ops.Device { return t.checker.dev }

// protect turns a panic into an error that shows where it came from.
func (t *Trial) protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok {
				err = fmt.Errorf("panic: %w\n%s", e, debug.Stack())
				return
			}
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// describe adds op, attribute and inputs to an error.
func (t *Trial) describe(err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", t.Case.Op)
	if t.Case.Attr != nil {
		fmt.Fprintf(&b, " %+v", t.Case.Attr)
	}
	if t.Case.Const != [2]float64{} {
		fmt.Fprintf(&b, " constants %v", t.Case.Const)
	}
	for i, in := range t.Case.In {
		if i == 6 {
			fmt.Fprintf(&b, " and %d more inputs", len(t.Case.In)-i)
			break
		}
		l := in.Layout.Name
		if l == "" {
			l = "dense"
		}
		fmt.Fprintf(&b, " %v(%s)", in.Spec, l)
	}
	return b.String() + ": " + err.Error()
}

// all checks the call, then its gradient.
func (t *Trial) all() error {
	c := t.Case
	in, err := c.operands()
	if err != nil {
		return err
	}
	if err := t.forward(in); err != nil || c.Grad == NoGrad && c.RefGrad == nil && c.WantGrad == nil {
		return err
	}
	return t.gradient(in)
}

// operands makes the inputs' values.
func (c *Case) operands() ([]operand, error) {
	out := make([]operand, len(c.In))
	for i := range c.In {
		var err error
		if out[i], err = c.In[i].build(c.Name, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func values(in []operand) []Array {
	out := make([]Array, len(in))
	for i := range in {
		out[i] = in[i].value
	}
	return out
}

// outSpecs asks the op's shape rule.
func (c *Case) outSpecs(in []Array) ([]ops.Spec, error) {
	d := ops.Lookup(c.Op)
	if d == nil {
		return nil, fmt.Errorf("optest: %s: wanted a registered op", c.Op)
	}
	specs := make([]ops.Spec, len(in))
	for i := range in {
		specs[i] = in[i].Spec
	}
	return d.Infer(nil, specs, c.Attr)
}

// expect computes what must come out, and what may where the device flushes
// subnormal inputs.
func (c *Case) expect(in []Array) (want, alt []Array, err error) {
	if c.Want != nil {
		return c.Want, nil, nil
	}
	specs, err := c.outSpecs(in)
	if err != nil {
		return nil, nil, err
	}
	want = c.Ref(c, in, specs)
	if flushed, any := flush(in); c.Flush && any {
		alt = c.Ref(c, flushed, specs)
	}
	return want, alt, nil
}

// flush replaces subnormal numbers by zeros.
func flush(in []Array) (out []Array, any bool) {
	for _, a := range in {
		if a.DType.IsFloat() && a.DType != ops.F16 { // float16 becomes normal numbers of float32
			a = a.clone()
			for i, x := range a.F {
				if x != 0 && x > -smallestNormal(a.DType) && x < smallestNormal(a.DType) {
					a.F[i], any = 0*x, true
				}
			}
		}
		out = append(out, a)
	}
	return out, any
}

// Scope opens a scope on the device under test, in which Apply and Upload work.
func (t *Trial) Scope(mode ops.Mode, f func(s *ops.Scope) error) error {
	return t.checker.dev.Scope(context.Background(), mode, func(s *ops.Scope) error {
		t.scope = s
		defer func() { t.scope = nil }()
		return f(s)
	})
}

// Upload makes a tensor of an array.
func (t *Trial) Upload(a Array) *ops.Tensor {
	return ops.FromBytes(t.scope, a.DType, a.Bytes(), a.Dims()...)
}

// Read copies a tensor back.
func (t *Trial) Read(x *ops.Tensor) (Array, error) { return read(x) }

func read(x *ops.Tensor) (Array, error) {
	b, err := ops.ToBytes(context.Background(), x)
	if err != nil {
		return Array{}, err
	}
	return fromBytes(x.Spec(), b), nil
}

// upload makes the base tensor of an operand, and the view that the op sees.
func upload(s *ops.Scope, o *operand, watch bool) (base, view *ops.Tensor) {
	base = ops.FromBytes(s, o.base.DType, o.base.Bytes(), o.base.Dims()...)
	if watch {
		base.Watch()
	}
	view = base
	for _, st := range o.steps {
		view = ops.ApplyConst(s, st.op, st.attr, [2]float64{}, view)[0]
	}
	return base, view
}

// Compare checks an array that came out, against tol, and keeps the errors
// for the report.
func (t *Trial) Compare(what string, got, want Array, tol Tol) error {
	return t.compare(what, got, want, nil, tol)
}

func (t *Trial) compare(what string, got, want Array, alt *Array, tol Tol) error {
	if got.Spec != want.Spec {
		return fmt.Errorf("%s: wanted %v, got %v", what, want.Spec, got.Spec)
	}
	e := compare(got, want, alt, tol, leave{anyZero: t.Case.AnyZero, flush: t.Case.Flush || t.Case.Class != Exact})
	t.result.ULP, t.result.NMSE = max(t.result.ULP, e.ULP), max(t.result.NMSE, e.NMSE)
	return e.verdict(what, got, want, tol)
}

// Tol is the tolerance of the case for a dtype.
func (t *Trial) Tol(d ops.DType) Tol {
	tol := Tolerance(t.Case.Class, d)
	if t.Case.Widen > 0 {
		tol = tol.times(t.Case.Widen)
	}
	return tol
}

// forward runs the call once and compares outputs, destinations and inputs.
func (t *Trial) forward(in []operand) error {
	c := t.Case
	var want, alt []Array
	if c.WantIndex == nil {
		var err error
		if want, alt, err = c.expect(values(in)); err != nil {
			return err
		}
	}
	var got, bases []Array
	err := t.Scope(ops.Infer(), func(s *ops.Scope) error {
		base, view := make([]*ops.Tensor, len(in)), make([]*ops.Tensor, len(in))
		for i := range in {
			base[i], view[i] = upload(s, &in[i], false)
		}
		outs := ops.ApplyConst(s, c.Op, c.Attr, c.Const, view...)
		for _, x := range slices.Concat(outs, base) {
			a, err := read(x)
			if err != nil {
				return err
			}
			got = append(got, a)
		}
		bases, got = got[len(outs):], got[:len(outs)]
		return nil
	})
	if c.WantIndex != nil {
		return sameIndexError(err, c.WantIndex)
	}
	if err != nil {
		return err
	}
	if len(got) != len(want) {
		return fmt.Errorf("wanted %d outputs, got %d", len(want), len(got))
	}
	for i := range want {
		var a *Array
		if alt != nil {
			a = &alt[i]
		}
		if err := t.compare(fmt.Sprintf("output %d", i), got[i], want[i], a, t.Tol(want[i].DType)); err != nil {
			return err
		}
	}
	return t.inputsAfter(in, bases, got)
}

// inputsAfter checks that inputs did not change, and that destinations changed
// in the elements of their view only.
func (t *Trial) inputsAfter(in []operand, bases, outs []Array) error {
	def := ops.Lookup(t.Case.Op)
	dest := map[int]int{}
	for o := range outs {
		if def.Alias != nil {
			if k := def.Alias(t.Case.Attr, o); k >= 0 {
				dest[k] = o
			}
		}
	}
	for i := range in {
		want, what := in[i].base, fmt.Sprintf("memory of input %d, which the op only reads,", i)
		if o, ok := dest[i]; ok {
			want, what = in[i].written(&outs[o]), fmt.Sprintf("memory of the destination, input %d,", i)
		}
		e := compare(bases[i], want, nil, Tol{}, leave{})
		if err := e.verdict(what, bases[i], want, Tol{}); err != nil {
			return err
		}
	}
	return nil
}

func sameIndexError(err error, want *ops.IndexError) error {
	var got *ops.IndexError
	switch {
	case err == nil:
		return fmt.Errorf("wanted an error like %q, got none", want.Error())
	case errors.Is(err, ops.ErrUnsupported):
		return err
	case !errors.As(err, &got):
		return fmt.Errorf("wanted an *ops.IndexError like %q, got %w", want.Error(), err)
	case *got != *want:
		return fmt.Errorf("wanted the error %q, got %q", want.Error(), got.Error())
	}
	return nil
}

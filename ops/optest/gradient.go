package optest

import (
	"context"
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// Gradients are of L = Σ_k Σ_i w_k[i]·out_k[i], with weights w drawn for each
// case, and are taken with respect to what lies in memory, so that they pass
// through the views too.

// gradTolerances: what a float64 gradient may differ from finite differences
// (five points: an error of h⁴, and of rounding over h), from first and from
// second differences. Errors are relative to the root mean square.
var (
	differenceTol       = Tol{ULP: 1 << 27, NMSE: 1e-15} // about 3e-8
	secondDifferenceTol = Tol{ULP: 1 << 33, NMSE: 1e-12} // about 2e-6
)

// gradient checks the gradient of the case with respect to all float inputs
// that are not fixed.
func (t *Trial) gradient(in []operand) error {
	c := t.Case
	wrt := c.differentiable()
	if c.WantGrad != nil {
		return t.goldenGradient(in, wrt)
	}
	w, err := c.weights(values(in))
	if err != nil {
		return err
	}
	if c.RefGrad != nil {
		want := c.RefGrad(c, values(in), w)
		return t.deviceGradient(in, w, wrt, in[wrt[0]].base.DType, keep(want, wrt))
	}
	in64, w64 := operandsAs(in, ops.F64), arraysAs(w, ops.F64)
	var want []Array
	if c.Grad == GradFD || c.Grad == GradSecond {
		if want, err = c.differences(in64, w64, wrt); err != nil {
			return err
		}
	}
	if k := t.checker; k.ref != nil {
		exact, err := c.gradients(k.ref, in64, w64, wrt)
		if err != nil {
			return fmt.Errorf("float64 gradient on %s: %w", k.ref.Name(), err)
		}
		if want != nil {
			if err := agree("float64 gradient against finite differences", exact, want, wrt, differenceTol); err != nil {
				return err
			}
		}
		want = exact
	}
	if want == nil {
		return nil
	}
	if err := t.deviceGradient(in, w, wrt, c.DType(), want); err != nil {
		return err
	}
	if c.Grad == GradSecond {
		return t.second(in64, w64, wrt)
	}
	return nil
}

// differentiable lists the inputs that get a gradient.
func (c *Case) differentiable() []int {
	var out []int
	for i := range c.In {
		if c.In[i].DType.IsFloat() && !c.In[i].Fixed {
			out = append(out, i)
		}
	}
	return out
}

// weights draws the gradient of L with respect to each float output.
func (c *Case) weights(in []Array) ([]Array, error) {
	specs, err := c.outSpecs(in)
	if err != nil {
		return nil, err
	}
	out := make([]Array, len(specs))
	for i, s := range specs {
		out[i] = NewArray(s)
		r := seeded(c.Name+"/weights", i)
		for j := range out[i].F {
			out[i].F[j] = Round(s.DType, r.NormFloat64())
		}
	}
	return out, nil
}

func arraysAs(as []Array, d ops.DType) []Array {
	out := make([]Array, len(as))
	for i := range as {
		out[i] = as[i].as(d)
	}
	return out
}

func keep(as []Array, which []int) []Array {
	out := make([]Array, len(which))
	for i, k := range which {
		out[i] = as[k]
	}
	return out
}

// loss is L by the reference.
func (c *Case) loss(in []operand, w []Array) (float64, error) {
	args := values(in)
	specs, err := c.outSpecs(args)
	if err != nil {
		return 0, err
	}
	var sum compensated
	for k, y := range c.Ref(c, args, specs) {
		for i, x := range y.F {
			sum.add(w[k].F[i] * x)
		}
	}
	return sum.value(), nil
}

// compensated adds with the rounding errors kept (Neumaier 1974).
type compensated struct{ s, e float64 }

func (c *compensated) add(x float64) {
	t := c.s + x
	if math.Abs(c.s) >= math.Abs(x) {
		c.e += c.s - t + x
	} else {
		c.e += x - t + c.s
	}
	c.s = t
}

func (c *compensated) value() float64 {
	if !finite(c.s) {
		return c.s // the error term is NaN then
	}
	return c.s + c.e
}

// central is the five-point central difference of f at 0:
// (f(−2h) − 8f(−h) + 8f(h) − f(2h)) / 12h.
func central(h float64, f func(x float64) (float64, error)) (float64, error) {
	var sum compensated
	for _, p := range [...]struct{ at, weight float64 }{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}} {
		y, err := f(p.at * h)
		if err != nil {
			return 0, err
		}
		sum.add(p.weight * y)
	}
	return sum.value() / (12 * h), nil
}

const differenceStep = 1e-3

// differences is dL/dbase by finite differences of the reference.
func (c *Case) differences(in []operand, w []Array, wrt []int) ([]Array, error) {
	out := make([]Array, len(wrt))
	for j, k := range wrt {
		o := &in[k]
		out[j] = NewArray(o.base.Spec)
		o.base = o.base.clone()
		for i, x := range o.base.F {
			d, err := central(differenceStep, func(dx float64) (float64, error) {
				o.base.F[i] = x + dx
				o.show()
				return c.loss(in, w)
			})
			if err != nil {
				return nil, err
			}
			o.base.F[i] = x
			out[j].F[i] = d
		}
		o.show()
	}
	return out, nil
}

// gradients asks a device for dL/dbase.
func (c *Case) gradients(dev *ops.Device, in []operand, w []Array, wrt []int) ([]Array, error) {
	var out []Array
	err := dev.Scope(context.Background(), ops.Train(nil), func(s *ops.Scope) error {
		bases, l, err := c.record(s, in, w, wrt)
		if err != nil {
			return err
		}
		out, err = readAll(s, ops.Gradients(l, bases, false), bases)
		return err
	})
	return out, err
}

// record makes the watched inputs and L.
func (c *Case) record(s *ops.Scope, in []operand, w []Array, wrt []int) (bases []*ops.Tensor, l *ops.Tensor, err error) {
	args := make([]*ops.Tensor, len(in))
	for i := range in {
		watch := false
		for _, k := range wrt {
			watch = watch || k == i
		}
		var base *ops.Tensor
		base, args[i] = upload(s, &in[i], watch)
		if watch {
			bases = append(bases, base)
		}
	}
	for k, y := range ops.ApplyConst(s, c.Op, c.Attr, c.Const, args...) {
		if !y.DType().IsFloat() {
			continue
		}
		if w[k].DType != y.DType() {
			return nil, nil, fmt.Errorf("optest: %s: wanted weights of %v, got %v", c.Name, y.DType(), w[k].DType)
		}
		term := weighted(y, ops.FromBytes(s, w[k].DType, w[k].Bytes(), w[k].Dims()...))
		if l == nil {
			l = term
		} else {
			l = l.Add(term)
		}
	}
	return bases, l, nil
}

// weighted is Σ w·y, summed in f32 where y is of a half type.
func weighted(y, w *ops.Tensor) *ops.Tensor {
	if d := y.DType(); d == ops.F16 || d == ops.BF16 {
		y, w = y.Cast(ops.F32), w.Cast(ops.F32)
	}
	return y.Mul(w).Sum()
}

// readAll reads gradients back. None stands for zeros: an op may leave out
// what it knows to be zero.
func readAll(s *ops.Scope, gs, of []*ops.Tensor) ([]Array, error) {
	out := make([]Array, len(gs))
	for i, g := range gs {
		if g == nil {
			out[i] = NewArray(of[i].Spec())
			continue
		}
		var err error
		if out[i], err = read(g); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// agree compares gradients, relative to the root mean square of each.
func agree(what string, got, want []Array, wrt []int, tol Tol) error {
	for j := range want {
		if got[j].Spec != want[j].Spec {
			return fmt.Errorf("%s of input %d: wanted %v, got %v", what, wrt[j], want[j].Spec, got[j].Spec)
		}
		w := want[j].rootMeanSquare()
		if err := compare(got[j], w, nil, tol, leave{true, true}).verdict(fmt.Sprintf("%s, input %d", what, wrt[j]), got[j], w, tol); err != nil {
			return err
		}
	}
	return nil
}

// rootMeanSquare scales all elements' errors by the array's root mean square.
func (a Array) rootMeanSquare() Array {
	sum := 0.0
	for _, x := range a.F {
		sum += x * x
	}
	rms := math.Sqrt(sum / float64(max(1, len(a.F))))
	return a.withScale(func(int) float64 { return rms })
}

// deviceGradient compares the device's gradient in the case's dtype with want.
func (t *Trial) deviceGradient(in []operand, w []Array, wrt []int, d ops.DType, want []Array) error {
	got, err := t.Case.gradients(t.checker.dev, in, w, wrt)
	if err != nil {
		return fmt.Errorf("gradient: %w", err)
	}
	tol := Tolerance(Gradient, d)
	if t.checker.ref == nil && d == ops.F64 {
		tol = differenceTol
	}
	if t.Case.GradWiden > 0 {
		tol = tol.times(t.Case.GradWiden)
	}
	for j := range want {
		want[j] = want[j].as(d)
		e := compare(got[j], want[j].rootMeanSquare(), nil, tol, leave{true, true})
		t.result.GradULP, t.result.GradNMSE = max(t.result.GradULP, e.ULP), max(t.result.GradNMSE, e.NMSE)
	}
	return agree("gradient", got, want, wrt, tol)
}

// goldenGradient compares with the gradients of another library.
func (t *Trial) goldenGradient(in []operand, wrt []int) error {
	var want []Array
	var with []int
	for _, k := range wrt {
		if t.Case.WantGrad[k].F != nil {
			want, with = append(want, t.Case.WantGrad[k]), append(with, k)
		}
	}
	return t.deviceGradient(in, t.Case.Weights, with, t.Case.DType(), want)
}

// second checks the gradient of Σ v·dL/dbase, for weights v, against second
// differences of the reference. It runs on the reference device in float64,
// or without one on the device under test.
func (t *Trial) second(in []operand, w []Array, wrt []int) error {
	c, dev := t.Case, t.checker.ref
	if dev == nil {
		dev = t.checker.dev
	}
	v := make([]Array, len(wrt))
	for j, k := range wrt {
		r := seeded(c.Name+"/second", j)
		v[j] = floats(in[k].base.Spec, func(int) float64 { return r.NormFloat64() })
	}
	want, err := c.secondDifferences(in, w, v, wrt)
	if err != nil {
		return err
	}
	if c.DType() == ops.F32 {
		got, err := c.secondGradients(t.checker.dev, operandsAs(in, ops.F32), arraysAs(w, ops.F32), arraysAs(v, ops.F32), wrt)
		if err != nil {
			return fmt.Errorf("gradient of the gradient: %w", err)
		}
		// Two gradients in a row: twice the tolerance of one.
		if err := agree("gradient of the gradient", got, arraysAs(want, ops.F32), wrt, Tolerance(Gradient, ops.F32).times(2)); err != nil {
			return err
		}
		if t.checker.ref == nil {
			return nil
		}
	}
	got, err := c.secondGradients(dev, in, w, v, wrt)
	if err != nil {
		return fmt.Errorf("gradient of the gradient, float64 on %s: %w", dev.Name(), err)
	}
	return agree("gradient of the gradient in float64", got, want, wrt, secondDifferenceTol)
}

func operandsAs(in []operand, d ops.DType) []operand {
	out := make([]operand, len(in))
	for i := range in {
		out[i] = in[i].as(d)
	}
	return out
}

// secondDifferences differentiates the directional derivative of L along v.
func (c *Case) secondDifferences(in []operand, w, v []Array, wrt []int) ([]Array, error) {
	const step = 2e-3 // two divisions by h: more rounding, so a larger step
	at := make([]Array, len(wrt))
	for j, k := range wrt {
		at[j] = in[k].base.clone()
	}
	along := func() (float64, error) {
		return central(step, func(dt float64) (float64, error) {
			for j, k := range wrt {
				o := &in[k]
				o.base = at[j].clone()
				for i := range o.base.F {
					o.base.F[i] += dt * v[j].F[i]
				}
				o.show()
			}
			return c.loss(in, w)
		})
	}
	out := make([]Array, len(wrt))
	for j := range wrt {
		out[j] = NewArray(at[j].Spec)
		for i, x := range at[j].F {
			d, err := central(step, func(dx float64) (float64, error) {
				at[j].F[i] = x + dx
				return along()
			})
			if err != nil {
				return nil, err
			}
			at[j].F[i] = x
			out[j].F[i] = d
		}
	}
	for j, k := range wrt {
		in[k].base = at[j]
		in[k].show()
	}
	return out, nil
}

// secondGradients asks a device for the gradient of Σ v·dL/dbase.
func (c *Case) secondGradients(dev *ops.Device, in []operand, w, v []Array, wrt []int) ([]Array, error) {
	var out []Array
	err := dev.Scope(context.Background(), ops.Train(nil), func(s *ops.Scope) error {
		bases, l, err := c.record(s, in, w, wrt)
		if err != nil {
			return err
		}
		var inner *ops.Tensor
		for j, g := range ops.Gradients(l, bases, true) {
			if g == nil {
				continue // zeros
			}
			term := weighted(g, ops.FromBytes(s, v[j].DType, v[j].Bytes(), v[j].Dims()...))
			if inner == nil {
				inner = term
			} else {
				inner = inner.Add(term)
			}
		}
		if inner == nil {
			return fmt.Errorf("optest: %s: wanted an op with a gradient, got none", c.Name)
		}
		out, err = readAll(s, ops.Gradients(inner, bases, false), bases)
		return err
	})
	return out, err
}

package optest

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestEveryOpHasCases holds that no op of ours goes without cases, nor without
// gradient cases where it has a gradient.
func TestEveryOpHasCases(t *testing.T) {
	cases, graded, golden := map[ops.Op]int{}, map[ops.Op]int{}, map[ops.Op]int{}
	for _, c := range Cases() {
		cases[c.Op]++
		if c.Grad != NoGrad || c.RefGrad != nil || c.WantGrad != nil {
			graded[c.Op]++
		}
		if c.Source != "" {
			golden[c.Op]++
		}
	}
	// torch has no counterpart that draws our stream.
	noGolden := map[ops.Op]bool{"uniform": true, "normal": true, "bernoulli": true, "permutation": true, "dropout": true, "rand_reserve": true}
	for _, d := range ops.Defs() {
		if strings.Contains(string(d.Op), ".") {
			continue // of another module
		}
		if cases[d.Op] < 5 {
			t.Errorf("%s: wanted at least 5 cases, got %d", d.Op, cases[d.Op])
		}
		if d.VJP != nil && graded[d.Op] == 0 {
			t.Errorf("%s: wanted gradient cases, got none", d.Op)
		}
		if golden[d.Op] == 0 && !noGolden[d.Op] {
			t.Errorf("%s: wanted goldens, got none", d.Op)
		}
	}
	for op := range cases {
		if ops.Lookup(op) == nil {
			t.Errorf("%s: cases of an op that is not registered", op)
		}
	}
}

// TestCasesAreWellFormed holds that names are unique key=value pairs that
// start with the op, that Short keeps every op, and that inputs fit Infer.
func TestCasesAreWellFormed(t *testing.T) {
	all := Cases()
	for i := range all {
		c := &all[i]
		if !strings.HasPrefix(c.Name, "op="+string(c.Op)+"/") {
			t.Errorf("%s: wanted a name that starts with its op, %s", c.Name, c.Op)
		}
		for part := range strings.SplitSeq(c.Name, "/") {
			if k, v, ok := strings.Cut(part, "="); !ok || k == "" || v == "" {
				t.Errorf("%s: wanted key=value parts, got %q", c.Name, part)
			}
		}
		if c.Do != nil {
			continue
		}
		specs := make([]ops.Spec, len(c.In))
		for k := range c.In {
			specs[k] = c.In[k].Spec
		}
		if _, err := ops.Lookup(c.Op).Infer(nil, specs, c.Attr); err != nil {
			t.Errorf("%s: Infer refuses its inputs: %v", c.Name, err)
		}
	}
	short := map[ops.Op]bool{}
	for _, c := range Short(all) {
		short[c.Op] = true
	}
	for _, c := range all {
		if !short[c.Op] {
			t.Fatalf("%s: Short left out the op", c.Op)
		}
	}
}

// TestReferencesAgreeWithTorch compares the references with PyTorch's results
// in float64, without any device.
func TestReferencesAgreeWithTorch(t *testing.T) {
	files, err := goldens()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for file, f := range files {
		if f.Torch == "" || f.Seed == 0 || f.Script != "tools/goldens/make.py" {
			t.Errorf("%s: wanted script, torch version and seed, got %q, %q, %d", file, f.Script, f.Torch, f.Seed)
		}
		for _, g := range f.Cases {
			d := ops.F64
			c, err := g.toCase(d, f.source())
			if err != nil {
				t.Fatal(err)
			}
			in, err := c.operands()
			if err != nil {
				t.Fatal(err)
			}
			specs, err := c.outSpecs(values(in))
			if err != nil {
				t.Fatal(err)
			}
			ref := goldenOps()[g.Op].ref(&c, values(in), specs)
			tol := Tolerance(c.Class, d).times(2) // both sides have errors
			for i := range ref {
				compared++
				if err := compare(ref[i], c.Want[i], nil, tol, leave{anyZero: c.AnyZero}).verdict("reference", ref[i], c.Want[i], tol); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		}
	}
	if compared < 150 {
		t.Errorf("wanted at least 150 comparisons, got %d", compared)
	}
}

// TestStepsAgreeWithTorch runs the optimizers' references over torch's runs.
func TestStepsAgreeWithTorch(t *testing.T) {
	files, err := goldens()
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for _, f := range files {
		for _, r := range f.Runs {
			runs++
			attr, err := r.attribute()
			if err != nil {
				t.Fatal(err)
			}
			p, err := r.Start.array(ops.F64)
			if err != nil {
				t.Fatal(err)
			}
			m, v := NewArray(p.Spec), NewArray(p.Spec)
			for k := range r.Grads {
				g, err := r.Grads[k].array(ops.F64)
				if err != nil {
					t.Fatal(err)
				}
				want, err := r.Params[k].array(ops.F64)
				if err != nil {
					t.Fatal(err)
				}
				for i := range p.F {
					switch a := attr.(type) {
					case ops.SGDAttr:
						p.F[i], m.F[i] = sgdStep(a, r.Rates[k], float64(k+1), p.F[i], g.F[i], m.F[i])
					case ops.AdamAttr:
						p.F[i], m.F[i], v.F[i] = adamStep(a, r.Rates[k], float64(k+1), p.F[i], g.F[i], m.F[i], v.F[i])
					}
					if math.Abs(p.F[i]-want.F[i]) > 1e-12 {
						t.Fatalf("%s %s, step %d, element %d: wanted %v, got %v", r.Op, r.Attr, k+1, i, want.F[i], p.F[i])
					}
				}
			}
		}
	}
	if runs < 12 {
		t.Errorf("wanted at least 12 runs, got %d", runs)
	}
}

// TestPhiloxKnownAnswers: the vectors for philox4x32-10 in Random123,
// file tests/kat_vectors (Salmon, Moraes, Dror and Shaw).
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, k := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := philox(k.counter, k.key); got != k.want {
			t.Errorf("philox(%x, %x): wanted %x, got %x", k.counter, k.key, k.want, got)
		}
	}
}

// TestDrawsHaveTheirMoments: a million draws of each reference. The bounds are
// five standard errors.
func TestDrawsHaveTheirMoments(t *testing.T) {
	const n = 1 << 20
	spec := []ops.Spec{ops.NewSpec(ops.F64, n)}
	in := []Array{{Spec: ops.NewSpec(ops.I64, 2), I: []int64{11, 0}}}
	moments := func(a Array) (mean, variance float64) {
		for _, x := range a.F {
			mean += x / n
		}
		for _, x := range a.F {
			variance += (x - mean) * (x - mean) / n
		}
		return mean, variance
	}
	for _, k := range []struct {
		name           string
		ref            Ref
		c              [2]float64
		mean, variance float64
		kurtosis       float64
	}{
		{"uniform", uniformRef, [2]float64{0, 1}, 0.5, 1.0 / 12, 1.8},
		{"normal", normalRef, [2]float64{2, 3}, 2, 9, 3},
		{"bernoulli", bernoulliRef, [2]float64{0.25}, 0.25, 0.1875, 7.0 / 3},
	} {
		mean, variance := moments(k.ref(&Case{Const: k.c}, in, spec)[0])
		if e := 5 * math.Sqrt(k.variance/n); math.Abs(mean-k.mean) > e {
			t.Errorf("%s: wanted a mean of %v ± %.2g, got %v", k.name, k.mean, e, mean)
		}
		if e := 5 * k.variance * math.Sqrt((k.kurtosis-1)/n); math.Abs(variance-k.variance) > e {
			t.Errorf("%s: wanted a variance of %v ± %.2g, got %v", k.name, k.variance, e, variance)
		}
	}
}

// TestCompare holds what a comparison lets pass and what it does not.
func TestCompare(t *testing.T) {
	next := math.Nextafter32(1, 2)
	for _, k := range []struct {
		got, want float64
		tol       Tol
		l         leave
		bad       bool
	}{
		{1, 1, Tol{}, leave{}, false},
		{float64(next), 1, Tol{}, leave{}, true},
		{float64(next), 1, Tol{1, 1}, leave{}, false},
		{1, 1 + 1e-9, Tol{}, leave{}, false}, // the reference is rounded to f32
		{nan, nan, Tol{}, leave{}, false},
		{1, nan, Tol{1, 1}, leave{}, true},
		{nan, 1, Tol{1, 1}, leave{}, true},
		{inf, inf, Tol{}, leave{}, false},
		{-inf, inf, Tol{1, 1}, leave{}, true},
		{3e38, inf, Tol{1, 1}, leave{}, true},
		{0, math.Copysign(0, -1), Tol{1, 1}, leave{}, true},
		{0, math.Copysign(0, -1), Tol{}, leave{anyZero: true}, false},
		{0, 1e-40, Tol{}, leave{}, true},
		{0, 1e-40, Tol{}, leave{flush: true}, false},
		{0, 1e-30, Tol{4, 1}, leave{flush: true}, true},
	} {
		s := ops.NewSpec(ops.F32, 1)
		e := compare(Array{Spec: s, F: []float64{k.got}}, Array{Spec: s, F: []float64{k.want}}, nil, k.tol, k.l)
		if (e.Bad > 0) != k.bad {
			t.Errorf("got %v, want %v, %+v, %+v: wanted bad %v, got %v", k.got, k.want, k.tol, k.l, k.bad, e.Bad > 0)
		}
	}
	s := ops.NewSpec(ops.F32, 2)
	want := Array{Spec: s, F: []float64{1, 1e-3}, Scale: []float64{1, 1}}
	if e := compare(Array{Spec: s, F: []float64{1, 1e-3 + 1e-7}}, want, nil, Tol{1, 1}, leave{}); e.Bad != 0 {
		t.Errorf("an error relative to the scale: wanted it to pass, got %v ULP", e.ULP)
	}
}

// TestRound compares the 16-bit roundings with values from IEEE 754 and the
// bfloat16 format.
func TestRound(t *testing.T) {
	for _, k := range []struct {
		d       ops.DType
		x, want float64
	}{
		{ops.F16, 1 + 0x1p-11, 1}, {ops.F16, 1 + 0x1p-11 + 0x1p-30, 1 + 0x1p-10}, {ops.F16, 65519.99, 65504}, {ops.F16, 65520, inf},
		{ops.F16, 0x1p-25, 0}, {ops.F16, 0x1.8p-25, 0x1p-24}, {ops.F16, -0x1.8p-24, -0x1p-23}, {ops.F16, 0x1p-14, 0x1p-14},
		{ops.BF16, 1 + 0x1p-8, 1}, {ops.BF16, 1 + 3*0x1p-8, 1 + 0x1p-6}, {ops.BF16, 3.4e38, inf}, {ops.BF16, 0x1p-133, 0x1p-133}, {ops.BF16, 0x1p-135, 0},
	} {
		if got := Round(k.d, k.x); got != k.want {
			t.Errorf("Round(%v, %v): wanted %v, got %v", k.d, k.x, k.want, got)
		}
	}
	for h := range 1 << 16 {
		if x := f16Value(uint16(h)); !math.IsNaN(x) && f16Bits(x) != uint16(h) {
			t.Fatalf("float16 %#04x: decodes to %v, which encodes to %#04x", h, x, f16Bits(x))
		}
	}
}

// TestReport holds the renderers' shape.
func TestReport(t *testing.T) {
	rep := Report{Device: "a device"}
	rep.Add(Result{Case: "op=add/x=1", Op: "add", Status: Passed, ULP: 0.5, NMSE: 1e-15})
	rep.Add(Result{Case: "op=add/x=2", Op: "add", Status: Failed, Reason: "wanted 1, got 2", ULP: inf})
	rep.Add(Result{Case: "op=abs/x=1", Op: "abs", Status: Skipped, Reason: "no kernel"})
	rep.Add(Result{Case: "op=abs/x=2", Op: "abs", Status: Skipped, Reason: "no kernel"})
	if rep.Cases != 4 || rep.Failed != 1 || rep.Skipped != 2 || rep.Ops[0].Op != "abs" || rep.Ops[1].Cases != 2 {
		t.Errorf("wanted 4 cases, 1 failed, 2 skipped, abs first, got %+v", rep)
	}
	var b bytes.Buffer
	if err := rep.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"device", "driver", "cases", "failed", "skipped", "ops"} {
		if _, ok := back[key]; !ok {
			t.Errorf("JSON: wanted the key %q, got %s", key, b.String())
		}
	}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return rep.WriteTable(b) }, func(b *bytes.Buffer) error { return rep.WriteMarkdown(b) },
	} {
		b.Reset()
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"a device", "abs", "op=add/x=2", "wanted 1, got 2", "no kernel", "and 1 more"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("wanted %q in:\n%s", want, b.String())
			}
		}
	}
}

// TestSelect holds what patterns choose.
func TestSelect(t *testing.T) {
	all := Cases()
	for pattern, want := range map[string]func(c Case) bool{
		"add": func(c Case) bool { return c.Op == "add" },
		"soft*,view=offset": func(c Case) bool {
			return strings.HasPrefix(string(c.Op), "soft") || strings.Contains(c.Name, "view=offset")
		},
	} {
		got, err := Options{Pattern: pattern}.Select(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got {
			if !want(c) {
				t.Errorf("pattern %q chose %s", pattern, c.Name)
			}
		}
	}
	for _, pattern := range []string{"no_such_op", "["} {
		if _, err := (Options{Pattern: pattern}).Select(all); err == nil {
			t.Errorf("pattern %q: wanted an error, got none", pattern)
		}
	}
}

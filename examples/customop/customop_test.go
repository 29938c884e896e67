package main

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// reference is the formula in float64, plainly.
func reference(_ *optest.Case, in []optest.Array, out []ops.Spec) []optest.Array {
	y := optest.NewArray(out[0])
	for i, x := range in[0].F {
		y.F[i] = x * min(max(x+3, 0), 6) / 6
	}
	return []optest.Array{y}
}

// smooth draws values that are not near the kinks at −3 and 3, where finite
// differences would not tell a gradient.
func smooth(r *rand.Rand, _ int) float64 {
	for {
		x := 3 * r.NormFloat64()
		if d := max(x, -x) - 3; d < -0.1 || d > 0.1 {
			return x
		}
	}
}

func cases() []optest.Case {
	var out []optest.Case
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		for name, shape := range map[string][]int{"scalar": {}, "1": {1}, "13": {13}, "13x127": {13, 127}, "70000": {70000}} {
			c := optest.Case{
				Name: "op=hard_swish/shape=" + name + "/dtype=" + d.String(), Op: opName,
				In:  []optest.Input{{Spec: ops.NewSpec(d, shape...), Gen: smooth}},
				Ref: reference, Class: optest.Product, AnyZero: true,
			}
			if len(shape) > 0 && shape[0] < 1000 {
				c.Grad = optest.GradSecond
			}
			out = append(out, c)
		}
	}
	return out
}

// devices are the CPU backend and every Vulkan device that can be used.
func devices(t *testing.T) []*ops.Device {
	t.Helper()
	list, err := tuff.Devices(tuff.Options{})
	if err != nil && os.Getenv("TUFF_REQUIRE_VULKAN") == "1" {
		t.Fatal("a Vulkan device is promised: ", err)
	}
	var out []*ops.Device
	for _, c := range list {
		if len(c.Missing) > 0 {
			continue
		}
		dev, err := tuff.Open(tuff.Options{Device: c.ID, Vulkan: gpu.Options{CacheDir: "-"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := dev.Close(); err != nil {
				t.Error(err)
			}
		})
		out = append(out, dev)
	}
	return out
}

func TestConformance(t *testing.T) {
	ref, err := tuff.Open(tuff.Options{Device: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ref.Close() })
	for _, dev := range devices(t) {
		for _, c := range cases() {
			t.Run(dev.Name()+"/"+c.Name, func(t *testing.T) {
				r := optest.Check(dev, ref, c)
				switch {
				case r.Status == optest.Skipped && c.DType() == ops.F64 && !strings.HasPrefix(dev.Name(), "cpu"):
					t.Skip("the Vulkan kernel is f32 only: ", r.Reason)
				case r.Status != optest.Passed:
					t.Errorf("%s: %s", r.Status, r.Reason)
				}
			})
		}
	}
}

func TestMisuseNamesTheOp(t *testing.T) {
	for _, dev := range devices(t) {
		err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
			HardSwish(ops.Zeros(s, ops.I32, 3))
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "hard_swish: wanted one tensor of f32 or f64, got [i32[3]]") {
			t.Errorf("%s: wanted an error that says what was wanted and what came, got %v", dev.Name(), err)
		}
	}
}

func TestRun(t *testing.T) {
	t.Setenv(tuff.Env, "cpu")
	var out strings.Builder
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"asked for by TUFF_DEVICE",
		"y     [ 0.000 -0.333 -0.333  0.000  0.667  1.667  4.000]",
		"dy/dx [ 0.000 -0.167  0.167  0.500  0.833  1.167  1.000]",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("wanted %q in\n%s", want, &out)
		}
	}
}

// TestShaderIsFresh fails when the shader changed and nobody compiled it.
func TestShaderIsFresh(t *testing.T) {
	source, err := os.ReadFile("hard_swish.comp")
	if err != nil {
		t.Fatal(err)
	}
	noted, err := os.ReadFile("hard_swish.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(source); hex.EncodeToString(sum[:]) != strings.TrimSpace(string(noted)) {
		t.Error("hard_swish.comp is newer than hard_swish.spv: run sh compile.sh")
	}
}

package ops_test

import (
	"context"
	"os"
	"strings"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/kernels"
	"github.com/tuff-ml/tuff/ops"
)

var ctx = context.Background()

// onEachDevice runs a test on the CPU and on the first Vulkan device. Without
// one it skips by name, or fails where TUFF_REQUIRE_VULKAN promises one.
func onEachDevice(t *testing.T, f func(t *testing.T, dev *ops.Device)) {
	t.Helper()
	t.Run("cpu", func(t *testing.T) { f(t, openCPU(t)) })
	t.Run("vulkan", func(t *testing.T) { f(t, openVulkan(t)) })
}

func openCPU(t testing.TB) *ops.Device {
	t.Helper()
	b, err := cpu.New(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return watched(t, ops.NewDevice(b, nil))
}

func openVulkan(t testing.TB) *ops.Device {
	t.Helper()
	refuse := t.Skipf
	if os.Getenv("TUFF_REQUIRE_VULKAN") != "" {
		refuse = t.Fatalf
	}
	infos, err := gpu.Enumerate(nil)
	if err != nil {
		refuse("no Vulkan device: %v", err)
	}
	for _, info := range infos {
		if len(info.Missing) > 0 {
			continue
		}
		b, err := kernels.Open(info, nil)
		if err != nil {
			t.Fatal(err)
		}
		return watched(t, ops.NewDevice(b, nil))
	}
	refuse("no Vulkan device meets the floor: %v", infos)
	return nil
}

// watched closes the device at the test's end.
func watched(t testing.TB, dev *ops.Device) *ops.Device {
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return dev
}

// train and infer run f in a scope that must end well.
func train(t *testing.T, dev *ops.Device, rng *ops.Rand, f func(s *ops.Scope) error) {
	t.Helper()
	if err := dev.Scope(ctx, ops.Train(rng), f); err != nil {
		t.Fatal(err)
	}
}

func infer(t *testing.T, dev *ops.Device, f func(s *ops.Scope) error) {
	t.Helper()
	if err := dev.Scope(ctx, ops.Infer(), f); err != nil {
		t.Fatal(err)
	}
}

func newRand(t *testing.T, dev *ops.Device, seed uint64) *ops.Rand {
	t.Helper()
	rng, err := dev.NewRand(seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rng.Release)
	return rng
}

func values(t testing.TB, x *ops.Tensor) []float32 {
	t.Helper()
	v, err := ops.ToSlice[float32](ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func item(t testing.TB, x *ops.Tensor) float64 {
	t.Helper()
	v, err := x.Item(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func param(s *ops.Scope, v []float32, shape ...int) *ops.Tensor {
	return ops.NewParam(s, ops.FromSlice(s, v, shape...))
}

// ramp is n numbers between −1 and 1 in an order that looks random.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32((i*7919+13)%1009)/504 - 1
	}
	return v
}

// wantError asserts an *ops.Error whose text has all the parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("wanted an error with %q, got none", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("wanted an error with %q, got: %v", p, err)
		}
	}
}

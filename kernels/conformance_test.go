package kernels_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/kernels"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// devices lists the Vulkan devices; without any the test is skipped by name,
// or fails where Vulkan is promised.
func devices(t *testing.T) []gpu.Info {
	t.Helper()
	list, err := gpu.Enumerate(nil)
	for _, absent := range []error{gpu.ErrUnavailable, gpu.ErrNoLoader, gpu.ErrNoDriver, gpu.ErrNoDevice} {
		if errors.Is(err, absent) && os.Getenv("TUFF_REQUIRE_VULKAN") != "1" {
			t.Skipf("no Vulkan device: %v", absent)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// reference opens the CPU backend, whose float64 gradients the suite compares
// with.
func reference(t *testing.T) *ops.Device {
	t.Helper()
	b, err := cpu.New(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := ops.NewDevice(b, nil)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// mayLack are the only reasons for which a case may be skipped: parts of a
// refusal's text that name a feature the device does not have.
var mayLack = []string{"shaderFloat64", "shaderInt64"}

// TestConformance runs every case on every device, by op; with -short a few
// for each variant.
func TestConformance(t *testing.T) {
	ref := reference(t)
	cases, err := optest.Options{Short: testing.Short()}.Select(optest.Cases())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range devices(t) {
		t.Run(info.Name, func(t *testing.T) {
			cases := cases
			b, err := kernels.Open(info, &gpu.Options{CacheDir: "-"})
			if err != nil {
				t.Fatal(err)
			}
			d := ops.NewDevice(b, nil)
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			k := optest.NewChecker(d, ref)
			for len(cases) > 0 {
				n := 1
				for n < len(cases) && cases[n].Op == cases[0].Op {
					n++
				}
				t.Run(string(cases[0].Op), func(t *testing.T) { checkAll(t, k, cases[:n]) })
				cases = cases[n:]
			}
		})
	}
}

// TestConformanceLarge runs the cases with tensors longer than the smallest
// storage buffer range that Vulkan allows, 128 MiB, which is lavapipe's.
func TestConformanceLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("needs several GiB; run without -short")
	}
	for _, info := range devices(t) {
		t.Run(info.Name, func(t *testing.T) {
			b, err := kernels.Open(info, &gpu.Options{CacheDir: "-"})
			if err != nil {
				t.Fatal(err)
			}
			d := ops.NewDevice(b, nil)
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			cases := slices.DeleteFunc(optest.Cases(), func(c optest.Case) bool { return !c.Large })
			checkAll(t, optest.NewChecker(d, nil), cases)
		})
	}
}

// checkAll checks the cases of one op.
func checkAll(t *testing.T, k *optest.Checker, cases []optest.Case) {
	start := time.Now()
	for _, c := range cases {
		switch r := k.Check(c); r.Status {
		case optest.Failed:
			t.Errorf("%s: %s", c.Name, r.Reason)
		case optest.Skipped:
			if !lacks(r.Reason) {
				t.Errorf("%s: skipped without a reason that mayLack names: %s", c.Name, r.Reason)
			}
		}
	}
	t.Logf("%d cases in %v", len(cases), time.Since(start).Round(time.Millisecond))
}

func lacks(reason string) bool {
	for _, feature := range mayLack {
		if strings.Contains(reason, feature) {
			return true
		}
	}
	return false
}

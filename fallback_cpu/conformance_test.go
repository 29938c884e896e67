package cpu_test

import (
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// device opens the CPU backend; the end of the test closes it, and finds leaks.
func device(t testing.TB) *ops.Device {
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

// TestConformance runs every case; with -short a few for each variant. The
// CPU backend has every op, so that a skipped case is a failure here.
func TestConformance(t *testing.T) {
	d := device(t)
	cases, err := optest.Options{Short: testing.Short()}.Select(optest.Cases())
	if err != nil {
		t.Fatal(err)
	}
	k := optest.NewChecker(d, d)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if r := k.Check(c); r.Status != optest.Passed {
				t.Errorf("%s: %s", r.Status, r.Reason)
			}
		})
	}
}

// TestConformanceLarge runs the cases that need several hundred MiB.
func TestConformanceLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("needs several GiB and minutes; run without -short")
	}
	d := device(t)
	k := optest.NewChecker(d, d)
	for _, c := range optest.Cases() {
		if c.Large {
			t.Run(c.Name, func(t *testing.T) {
				if r := k.Check(c); r.Status != optest.Passed {
					t.Errorf("%s: %s", r.Status, r.Reason)
				}
			})
		}
	}
}

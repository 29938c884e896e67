package cpu_test

import (
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// device opens the CPU backend; the end of the test closes it, and finds leaks.
func device(t testing.TB, o cpu.Options) *ops.Device {
	t.Helper()
	b, err := cpu.New(o)
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
func TestConformance(t *testing.T) { conform(t, cpu.Options{}) }

// TestConformancePlain does the same with the plain Go kernels, and buffers
// that show reads of memory nobody wrote and writes past their ends.
func TestConformancePlain(t *testing.T) {
	conform(t, cpu.Options{Plain: true, Guard: true, Poison: true})
}

func conform(t *testing.T, o cpu.Options) {
	d := device(t, o)
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
	d := device(t, cpu.Options{})
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

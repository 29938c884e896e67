package kernels

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// openDevice opens the first Vulkan device, or skips by name; where Vulkan is
// promised that fails.
func openDevice(t testing.TB) *Backend {
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
	b, err := Open(list[0], &gpu.Options{CacheDir: "-"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// inScope runs f in a scope on a fresh device.
func inScope(t testing.TB, f func(ctx context.Context, s *ops.Scope)) {
	t.Helper()
	ctx, dev := context.Background(), ops.NewDevice(openDevice(t), nil)
	if err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error { f(ctx, s); return nil }); err != nil {
		t.Fatal(err)
	}
}

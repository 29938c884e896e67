//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

func TestStats(t *testing.T) {
	d := open(t, nil)
	x, err := d.NewBuffer(1000)
	must(t, err)
	y, err := d.NewBuffer(3 << 20)
	must(t, err)
	s := d.Stats()
	if s.InUse != 1024+(3<<20) {
		t.Errorf("in use: wanted %d, got %d", 1024+(3<<20), s.InUse)
	}
	if s.Buffers != 2 || s.Allocations != 2 || s.Blocks != 2 || s.Reserved != s.InUse+s.Pooled || s.Peak != s.InUse {
		t.Errorf("wanted 2 buffers in 2 blocks with reserved = in use + pooled, got %+v", s)
	}
	if x.Address()%256 != 0 || y.Address()%256 != 0 {
		t.Errorf("wanted addresses in multiples of 256, got %#x and %#x", x.Address(), y.Address())
	}
	x.Retain()
	x.Release()
	x.Release()
	y.Release()
	s = d.Stats()
	if s.InUse != 0 || s.Buffers != 0 || s.Pooled != s.Reserved || s.Reserved == 0 {
		t.Errorf("after release: wanted everything pooled, got %+v", s)
	}
	if err := x.Write(0, []byte{1}); err == nil || !strings.Contains(err.Error(), "released") {
		t.Errorf("write after release: wanted an error that says so, got %v", err)
	}
	d.Trim()
	if s = d.Stats(); s.Reserved != 0 || s.Blocks != 0 {
		t.Errorf("after trim: wanted nothing reserved, got %+v", s)
	}
}

// TestFragmentation fills a limited pool with small and large pieces, frees
// every second one, and needs the rest back as one.
func TestFragmentation(t *testing.T) {
	d := open(t, &Options{MemoryLimit: 64 << 20})
	var all []*Buffer
	for range 60 {
		b, err := d.NewBuffer(1 << 20)
		must(t, err)
		all = append(all, b)
	}
	for i := 0; i < len(all); i += 2 {
		all[i].Release()
	}
	if _, err := d.NewBuffer(20 << 20); !errors.Is(err, ErrOutOfMemory) {
		t.Errorf("20 MiB in holes of 1 MiB: wanted ErrOutOfMemory, got %v", err)
	}
	for i := 1; i < len(all); i += 2 {
		all[i].Release()
	}
	b, err := d.NewBuffer(60 << 20)
	must(t, err)
	b.Release()
	if s := d.Stats(); s.Peak > 64<<20 || s.Reserved > 64<<20 {
		t.Errorf("wanted the limit of 64 MiB kept, got %+v", s)
	}
}

func TestOutOfMemory(t *testing.T) {
	reclaimed := 0
	var hoard *Buffer
	d := open(t, &Options{MemoryLimit: 48 << 20, Reclaim: func() {
		reclaimed++
		if hoard != nil {
			hoard.Release()
			hoard = nil
		}
	}})
	var err error
	hoard, err = d.NewBuffer(40 << 20)
	must(t, err)
	b, err := d.NewBuffer(30 << 20) // needs the hoard back
	must(t, err)
	if reclaimed != 1 {
		t.Errorf("wanted Reclaim called once, got %d", reclaimed)
	}
	_, err = d.NewBuffer(45 << 20)
	var oom *OutOfMemory
	if !errors.As(err, &oom) || !errors.Is(err, ErrOutOfMemory) {
		t.Fatalf("wanted *OutOfMemory, got %v", err)
	}
	if oom.Asked != 45<<20 || oom.InUse != 30<<20 || oom.Budget != 48<<20 {
		t.Errorf("wanted asked 45, in use 30, budget 48 MiB, got %+v", oom)
	}
	for _, w := range []string{"wanted 47185920 bytes (45.0 MiB)", "31457280 bytes (30.0 MiB) in use", "budget", d.Info().Name} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("wanted %q in %q", w, err)
		}
	}
	b.Release()
	if _, err := d.NewBuffer(d.Info().Limits.MaxAllocation + 1); !errors.Is(err, ErrOutOfMemory) || !strings.Contains(err.Error(), "largest allocation") {
		t.Errorf("above the largest allocation: got %v", err)
	}
	for _, n := range []int{0, -1} {
		if _, err := d.NewBuffer(n); err == nil {
			t.Errorf("%d bytes: wanted an error", n)
		}
	}
}

// TestLargeBuffer lets one kernel address a buffer larger than a descriptor
// could.
func TestLargeBuffer(t *testing.T) {
	d := open(t, nil)
	limit := d.Info().Limits.MaxStorageBufferRange
	if limit > 1<<30 {
		t.Skipf("the descriptor limit of %d bytes is too large to pass in a test", limit)
	}
	n := uint64(limit)/4 + 1000
	x := buffer(t, d, int(4*n))
	p := pipe(t, d, iotaProgram)
	s := stream(t, d)
	var push [16]byte
	binary.LittleEndian.PutUint64(push[0:], x.Address())
	binary.LittleEndian.PutUint64(push[8:], n)
	groups := (n + 63) / 64
	gx := uint64(4096)
	must(t, s.Dispatch(p, [3]uint32{uint32(gx), uint32((groups + gx - 1) / gx), 1}, push[:], []Range{{x, 0, int(4 * n), true}}))
	must(t, s.Close())
	var w [4]byte
	for _, i := range []uint64{0, 1, uint64(limit)/4 - 1, uint64(limit) / 4, n - 1} {
		must(t, x.Read(bg, int(4*i), w[:]))
		if got, want := binary.LittleEndian.Uint32(w[:]), uint32(i*2654435761); got != want {
			t.Errorf("element %d: wanted %d, got %d", i, want, got)
		}
	}
}

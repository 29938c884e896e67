//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// gather records y[i] = x[index[i]] with checked indices.
func gather(s *Stream, p *Pipeline, x, index, y *Buffer, n, limit uint32) error {
	var push [40]byte
	for i, a := range []uint64{x.Address(), index.Address(), y.Address(), s.FaultAddr()} {
		binary.LittleEndian.PutUint64(push[8*i:], a)
	}
	binary.LittleEndian.PutUint32(push[32:], n)
	binary.LittleEndian.PutUint32(push[36:], limit)
	return s.Dispatch(p, [3]uint32{(n + 63) / 64, 1, 1}, push[:],
		[]Range{{x, 0, int(4 * limit), false}, {index, 0, int(8 * n), false}, {y, 0, int(4 * n), true}})
}

func TestFault(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			p := pipe(t, d, gatherProgram)
			x, good, bad, y := buffer(t, d, 4*8), buffer(t, d, 8*4), buffer(t, d, 8*4), buffer(t, d, 4*4)
			must(t, x.Write(0, words(8, func(i int) uint32 { return uint32(10 + i) })))
			index := make([]byte, 32)
			for i := range 4 {
				binary.LittleEndian.PutUint64(index[8*i:], uint64(7-i))
			}
			must(t, good.Write(0, index))
			minus := int64(-3)
			binary.LittleEndian.PutUint64(index[8:], uint64(minus))
			must(t, bad.Write(0, index))
			s, other := stream(t, d), stream(t, d)
			s.Mark("gather rows")
			want := func(what string, err error) {
				t.Helper()
				var f *Fault
				if !errors.As(err, &f) || !errors.Is(err, ErrFault) {
					t.Fatalf("%s: wanted a fault, got %v", what, err)
				}
				if f.Code != 7 || f.Limit != 8 || f.Value != -3 || !strings.Contains(err.Error(), "gather rows") {
					t.Fatalf("%s: wanted code 7, limit 8, value -3 after gather rows, got %v", what, err)
				}
			}
			must(t, gather(s, p, x, good, y, 4, 8))
			must(t, s.Wait(bg))
			must(t, gather(s, p, x, bad, y, 4, 8))
			must(t, gather(other, p, x, good, y, 4, 8))
			must(t, other.Wait(bg)) // another stream's record
			want("wait", s.Wait(bg))
			must(t, s.Wait(bg)) // once
			must(t, gather(s, p, x, good, y, 4, 8))
			if got := readWords(t, y, 4); got[0] != 17 || got[3] != 14 {
				t.Errorf("after a fault: wanted 17 … 14, got %v", got)
			}
			must(t, gather(s, p, x, bad, y, 4, 8))
			want("read", y.Read(bg, 0, make([]byte, 4)))
			must(t, gather(s, p, x, bad, y, 4, 8))
			must(t, s.flush())
			must(t, d.waitSeq(bg, s.last))
			want("flush", s.Flush())
			must(t, gather(s, p, x, bad, y, 4, 8))
			must(t, s.flush())
			must(t, d.waitSeq(bg, s.last))
			want("close", s.Close())

			late := stream(t, d)
			late.Mark("gather rows")
			slow := pipe(t, d, spinProgram)
			must(t, spin(late, slow, x, 20_000_000, 0))
			must(t, gather(late, p, x, bad, y, 4, 8))
			must(t, late.Close())
			want("sync", d.Sync(bg))
			must(t, d.Sync(bg))
			must(t, other.Close())
		})
	}
}

func TestProfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.json")
	t.Setenv("TUFF_PROFILE", path)
	d := openRaw(t, nil)
	p, slow := pipe(t, d, addProgram), pipe(t, d, spinProgram)
	x := buffer(t, d, 4096)
	s := stream(t, d)
	s.Mark("first")
	for range 300 { // more than a batch
		must(t, add(s, p, x, x, x, 64, 1))
	}
	s.Mark("second")
	must(t, spinOnce(s, slow, x, 60_000, 1))
	s.Mark("")
	must(t, s.Fill(x, 0, 64, 1))
	must(t, s.Wait(bg))
	sums := d.Profile()
	if len(sums) != 3 || sums[0].Time < sums[1].Time || sums[1].Time < sums[2].Time || sums[2].Time <= 0 {
		t.Errorf("wanted three labels, longest first, got %+v", sums)
	}
	for _, o := range sums {
		if want := map[string]int{"first": 300, "second": 1, "fill": 1}[o.Label]; o.Count != want {
			t.Errorf("%s: wanted %d commands, got %d", o.Label, want, o.Count)
		}
	}
	must(t, s.Close())
	must(t, d.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	var trace struct {
		TraceEvents []struct {
			Name, Ph string
			Ts, Dur  float64
		}
	}
	must(t, json.Unmarshal(data, &trace))
	count := map[string]int{}
	end := 0.0
	for _, e := range trace.TraceEvents {
		if e.Ph != "X" {
			continue
		}
		count[e.Name]++
		if e.Dur < 0 || e.Ts < end-1 {
			t.Fatalf("event %+v begins before %f, where the one before ends", e, end)
		}
		end = e.Ts + e.Dur
	}
	if count["first"] != 300 || count["second"] != 1 || count["fill"] != 1 || len(count) != 3 {
		t.Errorf("wanted first 300, second 1, fill 1, got %v", count)
	}
}

// TestValidation proves that messages arrive and fail Close: one of the layer's
// own, made by a copy that the interface would have refused.
func TestValidation(t *testing.T) {
	opt := &Options{Validate: true, CacheDir: "-"}
	infos(t, nil)
	list, err := Enumerate(opt)
	if err != nil && strings.Contains(err.Error(), validationLayer) {
		t.Skip(err)
	}
	must(t, err)
	d, err := Open(list[0], opt)
	must(t, err)
	x := buffer(t, d, 4096)
	s := stream(t, d)
	must(t, s.Fill(x, 0, 64, 1))
	must(t, s.Wait(bg))
	if m := d.ValidationMessages(); len(m) != 0 {
		t.Fatalf("wanted no message yet, got %q", m)
	}
	s.mu.Lock()
	s.labels = append(s.labels, "misaligned fill")
	s.cmds = append(s.cmds, vkx.Cmd{Kind: vkx.Fill, H1: x.piece.block.buf, B: 2, N: 4})
	s.mu.Unlock()
	must(t, s.Wait(bg))
	m := d.ValidationMessages()
	if len(m) == 0 || !strings.Contains(m[0], "vkCmdFillBuffer") {
		t.Errorf("wanted a message about vkCmdFillBuffer, got %q", m)
	}
	must(t, s.Close())
	if err := d.Close(); !errors.Is(err, ErrValidation) {
		t.Errorf("close: wanted ErrValidation, got %v", err)
	}
}

func TestSimulatedLoss(t *testing.T) {
	for _, opt := range []*Options{nil, {Disable: []string{"timeline"}}} {
		d := openRaw(t, opt)
		p := pipe(t, d, spinProgram)
		x, err := d.NewBuffer(8)
		must(t, err)
		s := stream(t, d)
		s.Mark("matmul")
		must(t, spin(s, p, x, 60_000_000, 1))
		must(t, s.Flush())
		done := make(chan error, 1)
		go func() { done <- s.Wait(bg) }()
		time.Sleep(5 * time.Millisecond)
		d.SimulateLoss()
		select {
		case err = <-done:
		case <-time.After(5 * time.Second):
			t.Fatal("Wait hangs on a lost device")
		}
		var lost *LostError
		if !errors.As(err, &lost) || !errors.Is(err, ErrLost) {
			t.Fatalf("wanted *LostError, got %v", err)
		}
		if !strings.Contains(err.Error(), d.Info().Name) || !strings.Contains(err.Error(), "matmul") {
			t.Errorf("wanted device and operation named, got %v", err)
		}
		_, e1 := d.NewBuffer(16)
		_, e2 := d.NewStream()
		_, e3 := d.Pipeline(addProgram)
		for i, err := range []error{e1, e2, e3, s.Fill(x, 0, 8, 1), s.Flush(), s.Wait(bg), x.Write(0, []byte{1}), x.Read(bg, 0, []byte{1}), d.Sync(bg), s.Close(), d.Err()} {
			if !errors.Is(err, ErrLost) {
				t.Errorf("call %d: wanted the sticky error, got %v", i, err)
			}
		}
		x.Release()
		start := time.Now()
		if err := d.Close(); !errors.Is(err, ErrLost) {
			t.Errorf("close: wanted the sticky error, got %v", err)
		}
		if took := time.Since(start); took > closeGrace+time.Second {
			t.Errorf("close took %v", took)
		}
	}
}

func TestNoProgress(t *testing.T) {
	for _, disable := range [][]string{nil, {"timeline"}} {
		d := openRaw(t, &Options{WaitLimit: 40 * time.Millisecond, Disable: disable})
		p := pipe(t, d, spinProgram)
		x := buffer(t, d, 8)
		s := stream(t, d)
		must(t, spin(s, p, x, 60_000_000, 1))
		err := s.Wait(bg)
		if !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "no progress for 40ms") {
			t.Errorf("wanted a lost device for want of progress, got %v", err)
		}
		if err := d.Close(); !errors.Is(err, ErrLost) {
			t.Errorf("close: wanted the sticky error, got %v", err)
		}
	}
}

func TestClosed(t *testing.T) {
	d := openRaw(t, nil)
	s := stream(t, d)
	x := buffer(t, d, 64)
	must(t, s.Fill(x, 0, 64, 1)) // recorded, not submitted
	must(t, d.Close())
	must(t, d.Close())
	for i, err := range []error{s.Fill(x, 0, 4, 1), s.Flush(), s.Close(), x.Write(0, []byte{1}), d.Sync(bg)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("call %d: wanted ErrClosed, got %v", i, err)
		}
	}
	if d.Stats().Submissions != 1 {
		t.Errorf("wanted Close to submit what was recorded, got %d batches", d.Stats().Submissions)
	}
}

package checkpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

func Example() {
	b, err := cpu.New(cpu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev := ops.NewDevice(b, nil)
	defer dev.Close()
	ctx := context.Background()
	var w *ops.Tensor
	err = dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
		w = ops.NewParam(s, ops.Arange(s, ops.F32, 0, 1, 3))
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Release()
	model := func(yield func(string, *ops.Tensor) bool) { yield("weight", w) }

	dir, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	if err := Save(ctx, path, model, map[string]string{"epoch": "3"}); err != nil {
		fmt.Println(err)
		return
	}
	meta, err := Load(ctx, path, model)
	fmt.Println(meta, err)
	// Output: map[epoch:3] <nil>
}

func newDevice(t testing.TB) *ops.Device {
	t.Helper()
	b, err := cpu.New(cpu.Options{Threads: 2, Poison: true, Guard: true})
	if err != nil {
		t.Fatal(err)
	}
	dev := ops.NewDevice(b, nil)
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	})
	return dev
}

type named struct {
	name string
	t    *ops.Tensor
}

func list(all []named) iter.Seq2[string, *ops.Tensor] {
	return func(yield func(string, *ops.Tensor) bool) {
		for _, n := range all {
			if !yield(n.name, n.t) {
				return
			}
		}
	}
}

// tensors makes one of each dtype and some odd shapes, filled with v.
func tensors(t *testing.T, dev *ops.Device, v float64) (all []named) {
	t.Helper()
	err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
		add := func(name string, x *ops.Tensor) { all = append(all, named{name, s.Keep(x)}) }
		for _, d := range ops.DTypes() {
			add("of."+d.String(), ops.Full(s, ops.F32, v, 3, 5).Cast(d))
		}
		add("scalar", ops.Full(s, ops.F32, v))
		add("empty", ops.Zeros(s, ops.F32, 0, 4))
		add("transposed", ops.Arange(s, ops.F32, v, 1, 6).Reshape(2, 3).T().Contiguous())
		add(`odd "name"`, ops.Full(s, ops.I64, v, 1))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func release(all []named) {
	for _, n := range all {
		n.t.Release()
	}
}

func contents(t *testing.T, all []named) (out [][]byte) {
	t.Helper()
	for _, n := range all {
		b, err := ops.ToBytes(context.Background(), n.t)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	dev := newDevice(t)
	a, b := tensors(t, dev, 1), tensors(t, dev, 0)
	defer release(a)
	defer release(b)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := Save(t.Context(), path, list(a), map[string]string{"k": "v"}); err != nil {
		t.Fatal(err)
	}
	meta, err := Load(t.Context(), path, list(b))
	if err != nil || meta["k"] != "v" {
		t.Fatalf("wanted the metadata back, got %v, %v", meta, err)
	}
	want, got := contents(t, a), contents(t, b)
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Errorf("%s: wanted % x, got % x", a[i].name, want[i], got[i])
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("wanted one file and no leftovers, got %v, %v", entries, err)
	}
}

// TestFormat holds the bytes of a file, written out by hand from the format's
// description.
func TestFormat(t *testing.T) {
	dev := newDevice(t)
	path := filepath.Join(t.TempDir(), "m")
	err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
		return Save(t.Context(), path, list([]named{{"b", ops.FromSlice(s, []float32{1, -2}, 2)}, {"a", ops.FromSlice(s, []int64{3}, 1, 1)}}), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"a":{"dtype":"I64","shape":[1,1],"data_offsets":[8,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	want = append(want, header...)
	want = append(want, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 3, 0, 0, 0, 0, 0, 0, 0)
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("wanted %q, got %q, %v", want, got, err)
	}
}

// TestFailedSave: nothing of a save that fails is left, and what was there
// stays.
func TestFailedSave(t *testing.T) {
	dev := newDevice(t)
	a := tensors(t, dev, 1)
	dir := t.TempDir()
	path := filepath.Join(dir, "m")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	release(a[3:4])
	if err := Save(t.Context(), path, list(a), nil); err == nil || !strings.Contains(err.Error(), "used after its release") {
		t.Errorf("wanted an error about a released tensor, got %v", err)
	}
	a = append(a[:3], a[4:]...)
	defer release(a)
	if got, err := os.ReadFile(path); string(got) != "before" || err != nil {
		t.Errorf("wanted the old file whole, got %q, %v", got, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("wanted no leftovers, got %v, %v", entries, err)
	}
	for want, err := range map[string]error{
		`wanted each tensor under a name of its own, got "x"`:            Save(t.Context(), path, list([]named{{"x", a[0].t}, {"x", a[1].t}}), nil),
		`wanted each tensor under a name of its own, got ""`:             Save(t.Context(), path, list([]named{{"", a[0].t}}), nil),
		`wanted each tensor under a name of its own, got "__metadata__"`: Save(t.Context(), path, list([]named{{"__metadata__", a[0].t}}), nil),
		"no such file": Save(t.Context(), filepath.Join(dir, "none", "m"), list(a), nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

// TestOtherModel: every difference is named, and nothing is written.
func TestOtherModel(t *testing.T) {
	dev := newDevice(t)
	a, b := tensors(t, dev, 1), tensors(t, dev, 0)
	defer release(a)
	defer release(b)
	path := filepath.Join(t.TempDir(), "m")
	if err := Save(t.Context(), path, list(a), nil); err != nil {
		t.Fatal(err)
	}
	before := contents(t, b)
	other := append([]named{{"more", b[0].t}, {"scalar", b[1].t}}, b[2:8]...)
	_, err := Load(t.Context(), path, list(other))
	for _, want := range []string{`"more" is missing`, `"scalar": wanted F64[3 5], got F32[]`, `"empty" is not asked for`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	for i, now := range contents(t, b) {
		if !bytes.Equal(now, before[i]) {
			t.Errorf("%s was written by a failing load", b[i].name)
		}
	}
	if _, err := Load(t.Context(), path+"none", list(b)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("wanted an error about a missing file, got %v", err)
	}
}

// file is a header with its length and a body.
func file(header string, body int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, body)...)
}

func TestBrokenFiles(t *testing.T) {
	good := `{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	for want, raw := range map[string][]byte{
		"wanted at least 8 bytes, got 3":                          {1, 2, 3},
		"got a length of 72057594037927936":                       {0, 0, 0, 0, 0, 0, 0, 1},
		"wanted a header of at most 10 bytes, got a length of 54": file(good, 0)[:18],
		"wanted a JSON header":                                    file("{", 0),
		`header of "x"`:                                           file(`{"x":{"dtype":3}}`, 0),
		`"x": wanted bytes from 0 to at most 7, got [0 8]`:        file(good, 7),
		"wanted 8 bytes of tensors, got 9":                        file(good, 9),
		`"x": wanted bytes from 0 to at most 8, got [4 8]`:        file(strings.Replace(good, "[0,8]", "[4,8]", 1), 8),
		`"x": wanted bytes from 0 to at most 8, got [0 -8]`:       file(strings.Replace(good, "[0,8]", "[0,-8]", 1), 8),
		`"y": wanted bytes from 8 to at most 8, got [0 8]`:        file(good[:len(good)-1]+`,"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8),
		`header of "__metadata__"`:                                file(`{"__metadata__":{"a":1}}`, 0),
		`"x": wanted F32[2], got F32[3]`:                          file(strings.Replace(good, "[2]", "[3]", 1), 8),
		`"x": wanted 8 bytes, got 4`:                              file(strings.Replace(good, "[0,8]", "[0,4]", 1), 4),
		`"x": wanted F32[2], got I32[2]`:                          file(strings.Replace(good, "F32", "I32", 1), 8),
	} {
		path := filepath.Join(t.TempDir(), "m")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		dev := newDevice(t)
		err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
			_, err := Load(t.Context(), path, list([]named{{"x", ops.Zeros(s, ops.F32, 2)}}))
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add(file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Add(file(`{"__metadata__":{"a":"b"}}`, 0))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := readHeader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		total := int64(0)
		for _, p := range h.places {
			total += p.Offsets[1] - p.Offsets[0]
		}
		if h.start+total != int64(len(raw)) {
			t.Errorf("wanted places that fill %d bytes, got %d", len(raw), h.start+total)
		}
	})
}

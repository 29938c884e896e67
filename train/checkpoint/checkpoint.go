// Package checkpoint saves tensors by name and loads them again, in the
// safetensors format: 8 bytes with the length of a JSON header, the header
// with dtype, shape and place of each tensor, then their bytes, little-endian
// (huggingface.co/docs/safetensors, "Format").
//
// It knows names and tensors, no modules: layers.StateDict and an optimizer's
// State give both.
package checkpoint

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/tuff-ml/tuff/ops"
)

// headerLimit is the most bytes that a header may have, as the format's own
// library sets it.
const headerLimit = 100_000_000

var typeNames = map[ops.DType]string{
	ops.F32: "F32", ops.F64: "F64", ops.F16: "F16", ops.BF16: "BF16",
	ops.I32: "I32", ops.I64: "I64", ops.U8: "U8", ops.Bool: "BOOL",
}

// place is one tensor in the header.
type place struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"` // bytes, from the header's end
}

const metaKey = "__metadata__"

// Save writes the tensors to path, with meta as the file's metadata (may be
// nil). The file appears whole or not at all: it is written under another name
// in the same folder, synced, and renamed. After an interrupted training call
// it with a context of its own. Two tensors under one name are an error, as
// are names that are empty or the format's own __metadata__.
func Save(ctx context.Context, path string, tensors iter.Seq2[string, *ops.Tensor], meta map[string]string) (err error) {
	header, list, err := layOut(tensors, meta)
	if err != nil {
		return fmt.Errorf("checkpoint: save %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("checkpoint: save: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("checkpoint: save %s: %w", path, err)
		}
	}()
	if err := write(ctx, f, header, list); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// layOut makes the header, padded with blanks to a multiple of 8 bytes.
func layOut(tensors iter.Seq2[string, *ops.Tensor], meta map[string]string) ([]byte, []*ops.Tensor, error) {
	entries := map[string]any{}
	if len(meta) > 0 {
		entries[metaKey] = meta
	}
	var list []*ops.Tensor
	at := int64(0)
	for name, t := range tensors {
		if _, twice := entries[name]; twice || name == "" || name == metaKey {
			return nil, nil, fmt.Errorf("wanted each tensor under a name of its own, got %q", name)
		}
		spec := t.Spec()
		n := int64(spec.Bytes())
		entries[name] = place{typeNames[spec.DType], append([]int{}, t.Shape()...), [2]int64{at, at + n}}
		list = append(list, t)
		at += n
	}
	header, err := json.Marshal(entries) // keys sorted
	if err != nil {
		return nil, nil, err
	}
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	return header, list, nil
}

func write(ctx context.Context, f io.Writer, header []byte, list []*ops.Tensor) error {
	w := bufio.NewWriterSize(f, 1<<16)
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range list {
		b, err := ops.ToBytes(ctx, t)
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}

// Load reads path into the tensors, in place, and returns the file's metadata.
// The file must hold exactly these names, each with the tensor's dtype and
// shape; everything is checked, and every difference named, before the first
// tensor is written.
func Load(ctx context.Context, path string, tensors iter.Seq2[string, *ops.Tensor]) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: load: %w", err)
	}
	defer f.Close()
	meta, err := load(ctx, f, tensors)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: load %s: %w", path, err)
	}
	return meta, nil
}

func load(ctx context.Context, f *os.File, tensors iter.Seq2[string, *ops.Tensor]) (map[string]string, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	h, err := readHeader(f, st.Size())
	if err != nil {
		return nil, err
	}
	var names []string
	byName := map[string]*ops.Tensor{}
	var dev *ops.Device
	for name, t := range tensors {
		if byName[name] != nil {
			return nil, fmt.Errorf("wanted each tensor under a name of its own, got %q twice", name)
		}
		names, byName[name], dev = append(names, name), t, t.Device()
	}
	if err := h.matches(names, byName); err != nil {
		return nil, err
	}
	if dev == nil {
		return h.meta, nil
	}
	return h.meta, dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
		for _, name := range names {
			p, t := h.places[name], byName[name]
			b := make([]byte, p.Offsets[1]-p.Offsets[0])
			if _, err := f.ReadAt(b, h.start+p.Offsets[0]); err != nil {
				return fmt.Errorf("tensor %q: %w", name, err)
			}
			t.Copy_(s, ops.FromBytes(s, t.DType(), b, t.Shape()...))
		}
		return nil
	})
}

// header is what stands before the tensors' bytes.
type header struct {
	places map[string]place
	meta   map[string]string
	start  int64 // where the bytes begin
}

// readHeader reads the header of a file of that many bytes and checks that its
// places fill the rest without gap or overlap, as the format demands.
func readHeader(r io.ReaderAt, size int64) (*header, error) {
	var n [8]byte
	if size < 8 {
		return nil, fmt.Errorf("wanted at least 8 bytes, got %d", size)
	}
	if _, err := r.ReadAt(n[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(n[:])
	if length > headerLimit || int64(length) > size-8 {
		return nil, fmt.Errorf("wanted a header of at most %d bytes, got a length of %d", min(headerLimit, size-8), length)
	}
	raw := make([]byte, length)
	if _, err := r.ReadAt(raw, 8); err != nil {
		return nil, err
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("wanted a JSON header: %w", err)
	}
	h := &header{places: map[string]place{}, start: 8 + int64(length)}
	for name, e := range entries {
		var err error
		if name == metaKey {
			err = json.Unmarshal(e, &h.meta)
		} else {
			var p place
			err = json.Unmarshal(e, &p)
			h.places[name] = p
		}
		if err != nil {
			return nil, fmt.Errorf("header of %q: %w", name, err)
		}
	}
	return h, h.fills(size - h.start)
}

// fills checks the places against the bytes that follow the header.
func (h *header) fills(bytes int64) error {
	names := make([]string, 0, len(h.places))
	for name := range h.places {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := h.places[names[i]].Offsets, h.places[names[j]].Offsets
		if a != b {
			return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
		}
		return names[i] < names[j]
	})
	at := int64(0)
	for _, name := range names {
		p := h.places[name]
		if p.Offsets[0] != at || p.Offsets[1] < at || p.Offsets[1] > bytes {
			return fmt.Errorf("tensor %q: wanted bytes from %d to at most %d, got %v", name, at, bytes, p.Offsets)
		}
		at = p.Offsets[1]
	}
	if at != bytes {
		return fmt.Errorf("wanted %d bytes of tensors, got %d", at, bytes)
	}
	return nil
}

// matches compares the file with the tensors that it should fill.
func (h *header) matches(names []string, byName map[string]*ops.Tensor) error {
	var wrong []string
	for _, name := range names {
		p, ok := h.places[name]
		spec := byName[name].Spec()
		switch {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%q is missing", name))
		case p.DType != typeNames[spec.DType] || !sameShape(p.Shape, spec.Dims()):
			wrong = append(wrong, fmt.Sprintf("%q: wanted %s%v, got %s%v", name, typeNames[spec.DType], spec.Dims(), p.DType, p.Shape))
		case p.Offsets[1]-p.Offsets[0] != int64(spec.Bytes()):
			wrong = append(wrong, fmt.Sprintf("%q: wanted %d bytes, got %d", name, spec.Bytes(), p.Offsets[1]-p.Offsets[0]))
		}
	}
	for name := range h.places {
		if byName[name] == nil {
			wrong = append(wrong, fmt.Sprintf("%q is not asked for", name))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	sort.Strings(wrong)
	const most = 8
	if len(wrong) > most {
		wrong = append(wrong[:most], fmt.Sprintf("and %d more", len(wrong)-most))
	}
	return fmt.Errorf("wanted the tensors of this model: %s", strings.Join(wrong, "; "))
}

func sameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

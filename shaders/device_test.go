package shaders_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

// bench is a device with one stream, for the shaders in testdata.
type bench struct {
	*testing.T
	dev    *gpu.Device
	stream *gpu.Stream
}

// onDevice opens the first device, or skips by name; where Vulkan is promised that fails.
func onDevice(t *testing.T) *bench {
	t.Helper()
	list, err := gpu.Enumerate(nil)
	for _, absent := range []error{gpu.ErrUnavailable, gpu.ErrNoLoader, gpu.ErrNoDriver, gpu.ErrNoDevice} {
		if errors.Is(err, absent) && os.Getenv("TUFF_REQUIRE_VULKAN") != "1" {
			t.Skipf("no Vulkan device: %v", absent)
		}
	}
	b := &bench{T: t}
	b.must(err)
	b.dev, err = gpu.Open(list[0], &gpu.Options{CacheDir: "-"})
	b.must(err)
	t.Cleanup(func() { b.must(b.dev.Close()) })
	b.stream, err = b.dev.NewStream()
	b.must(err)
	t.Cleanup(func() { b.must(b.stream.Close()) })
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// upload makes a buffer of words; words beyond them, up to n, are undefined.
func (b *bench) upload(words []uint32, n int) *gpu.Buffer {
	b.Helper()
	buf, err := b.dev.NewBuffer(4 * max(n, len(words)))
	b.must(err)
	b.Cleanup(buf.Release)
	raw := make([]byte, 0, 4*len(words))
	for _, w := range words {
		raw = binary.LittleEndian.AppendUint32(raw, w)
	}
	if len(raw) > 0 {
		b.must(buf.Write(0, raw))
	}
	return buf
}

// download returns the buffer's words.
func (b *bench) download(buf *gpu.Buffer) []uint32 {
	b.Helper()
	b.must(b.stream.Wait(context.Background()))
	raw := make([]byte, buf.Bytes())
	b.must(buf.Read(context.Background(), 0, raw))
	words := make([]uint32, len(raw)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return words
}

// dispatch runs testdata's shader of that name: in and out are pushed as addresses, then the words of tail.
// spec lists constants from id 0 on; the first is the workgroup size.
func (b *bench) dispatch(name string, groups int, spec []uint32, in, out []*gpu.Buffer, tail ...uint32) {
	b.Helper()
	code, err := os.ReadFile(filepath.Join("testdata", "spv", name+".spv"))
	b.must(err)
	var push []byte
	var use []gpu.Range
	for k, buf := range append(append([]*gpu.Buffer{}, in...), out...) {
		push = binary.LittleEndian.AppendUint64(push, buf.Address())
		use = append(use, gpu.Range{Buf: buf, Off: 0, Len: buf.Bytes(), Write: k >= len(in)})
	}
	for _, w := range tail {
		push = binary.LittleEndian.AppendUint32(push, w)
	}
	prog := gpu.Program{Name: name, SPIRV: code, PushBytes: len(push)}
	for id, v := range spec {
		prog.Spec = append(prog.Spec, gpu.SpecConst{ID: uint32(id), Value: v})
	}
	pipe, err := b.dev.Pipeline(prog)
	b.must(err)
	b.must(b.stream.Dispatch(pipe, [3]uint32{uint32(groups), 1, 1}, push, use))
}

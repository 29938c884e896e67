//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"os"
	"testing"
)

var (
	//go:embed testdata/add.spv
	addSPV []byte
	//go:embed testdata/iota.spv
	iotaSPV []byte
	//go:embed testdata/spin.spv
	spinSPV []byte
	//go:embed testdata/gather.spv
	gatherSPV []byte
)

var bg = context.Background()

// infos lists the devices, or skips: by name, and not where Vulkan is promised.
func infos(t testing.TB, opt *Options) []Info {
	t.Helper()
	list, err := Enumerate(opt)
	if errors.Is(err, ErrNoLoader) || errors.Is(err, ErrNoDriver) || errors.Is(err, ErrNoDevice) {
		if os.Getenv("TUFF_REQUIRE_VULKAN") == "1" {
			t.Fatalf("TUFF_REQUIRE_VULKAN=1, but: %v", err)
		}
		t.Skipf("no Vulkan here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// open opens the first device and closes it with the test; validation messages
// and a failing Close fail the test.
func open(t testing.TB, opt *Options) *Device {
	t.Helper()
	d := openRaw(t, opt)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		for _, m := range d.ValidationMessages() {
			t.Errorf("validation: %s", m)
		}
	})
	return d
}

func openRaw(t testing.TB, opt *Options) *Device {
	t.Helper()
	o := Options{}
	if opt != nil {
		o = *opt
	}
	if o.CacheDir == "" {
		o.CacheDir = "-"
	}
	d, err := Open(infos(t, &o)[0], &o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func buffer(t testing.TB, d *Device, n int) *Buffer {
	t.Helper()
	b, err := d.NewBuffer(n)
	must(t, err)
	t.Cleanup(b.Release)
	return b
}

func stream(t testing.TB, d *Device) *Stream {
	t.Helper()
	s, err := d.NewStream()
	must(t, err)
	return s
}

func pipe(t testing.TB, d *Device, p Program) *Pipeline {
	t.Helper()
	pl, err := d.Pipeline(p)
	must(t, err)
	return pl
}

var (
	addProgram    = Program{Name: "add", SPIRV: addSPV, PushBytes: 32, Spec: []SpecConst{{0, 64}}}
	iotaProgram   = Program{Name: "iota", SPIRV: iotaSPV, PushBytes: 16, Spec: []SpecConst{{0, 64}}}
	spinProgram   = Program{Name: "spin", SPIRV: spinSPV, PushBytes: 16}
	gatherProgram = Program{Name: "gather", SPIRV: gatherSPV, PushBytes: 40}
)

// add records c = a + scale·b over n words.
func add(s *Stream, p *Pipeline, a, b, c *Buffer, n, scale uint32) error {
	var push [32]byte
	binary.LittleEndian.PutUint64(push[0:], a.Address())
	binary.LittleEndian.PutUint64(push[8:], b.Address())
	binary.LittleEndian.PutUint64(push[16:], c.Address())
	binary.LittleEndian.PutUint32(push[24:], n)
	binary.LittleEndian.PutUint32(push[28:], scale)
	use := [3]Range{{a, 0, int(4 * n), false}, {b, 0, int(4 * n), false}, {c, 0, int(4 * n), true}}
	return s.Dispatch(p, [3]uint32{(n + 63) / 64, 1, 1}, push[:], use[:])
}

// spin records work that takes about 13 ns a round on lavapipe: a chain of
// dispatches, each short enough for drivers that cut loops.
func spin(s *Stream, p *Pipeline, x *Buffer, rounds, value uint32) error {
	const most = 50_000
	for ; rounds > most; rounds -= most {
		if err := spinOnce(s, p, x, most, value); err != nil {
			return err
		}
	}
	return spinOnce(s, p, x, rounds, value)
}

func spinOnce(s *Stream, p *Pipeline, x *Buffer, rounds, value uint32) error {
	var push [16]byte
	binary.LittleEndian.PutUint64(push[0:], x.Address())
	binary.LittleEndian.PutUint32(push[8:], rounds)
	binary.LittleEndian.PutUint32(push[12:], value)
	return s.Dispatch(p, [3]uint32{1, 1, 1}, push[:], []Range{{x, 0, 8, true}})
}

func words(n int, f func(int) uint32) []byte {
	out := make([]byte, 4*n)
	for i := range n {
		binary.LittleEndian.PutUint32(out[4*i:], f(i))
	}
	return out
}

func readWords(t testing.TB, b *Buffer, n int) []uint32 {
	t.Helper()
	raw := make([]byte, 4*n)
	must(t, b.Read(bg, 0, raw))
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return out
}

// modes are the ways in which a device can move data and wait.
var modes = []struct {
	name string
	opt  Options
}{
	{"plain", Options{}},
	{"staging", Options{ForceStaging: true}},
	{"fences", Options{Disable: []string{"timeline"}}},
	{"staging+fences+profile", Options{ForceStaging: true, Disable: []string{"timeline"}, Profile: true}},
}

func TestRoundTrip(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			for _, n := range []int{1, 3, 256, 4097, 1 << 20, ringBytes + 12345} {
				b := buffer(t, d, n)
				src := make([]byte, n)
				for i := range src {
					src[i] = byte(i*7 + i>>8)
				}
				must(t, b.Write(0, src))
				got := make([]byte, n)
				must(t, b.Read(bg, 0, got))
				if !bytes.Equal(src, got) {
					t.Fatalf("%d bytes came back changed", n)
				}
				part := make([]byte, n/2)
				must(t, b.Read(bg, n-len(part), part))
				if !bytes.Equal(src[n-len(part):], part) {
					t.Fatalf("the last %d of %d bytes came back changed", len(part), n)
				}
			}
			if staged := d.Stats().StagedWrites; m.opt.ForceStaging && staged != 6 {
				t.Errorf("forced staging: wanted 6 staged writes, got %d", staged)
			}
		})
	}
}

func TestDispatch(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			p := pipe(t, d, addProgram)
			const n = 1000
			a, b, c := buffer(t, d, 4*n), buffer(t, d, 4*n), buffer(t, d, 4*n)
			must(t, a.Write(0, words(n, func(i int) uint32 { return uint32(i) })))
			must(t, b.Write(0, words(n, func(i int) uint32 { return uint32(3 * i) })))
			s := stream(t, d)
			must(t, add(s, p, a, b, c, n, 2))
			must(t, add(s, p, c, a, c, n, 1))
			for i, v := range readWords(t, c, n) {
				if v != uint32(8*i) {
					t.Fatalf("element %d: wanted %d, got %d", i, 8*i, v)
				}
			}
			must(t, s.Close())
		})
	}
}

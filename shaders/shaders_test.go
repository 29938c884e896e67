package shaders_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/internal/glsl"
	"github.com/tuff-ml/tuff/internal/spirv"
	"github.com/tuff-ml/tuff/shaders"
)

// read returns the sources of a folder.
func read(t *testing.T, dir string) []*glsl.Source {
	t.Helper()
	paths, err := glsl.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	var sources []*glsl.Source
	for _, p := range paths {
		s, err := glsl.Read(p, "include")
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, s)
	}
	return sources
}

// TestFresh holds the committed code to the sources: every declared variant is there, stamped with the hash of
// what it should come from, and nothing else is there.
func TestFresh(t *testing.T) {
	for _, dir := range []string{".", "testdata"} {
		want := map[string]bool{}
		for _, s := range read(t, dir) {
			for _, v := range s.Variants {
				name := s.Program(v)
				want[name+".spv"] = true
				code, err := os.ReadFile(filepath.Join(dir, "spv", name+".spv"))
				if err != nil {
					t.Errorf("%s: wanted its code, got %v: run sh tools/shaderc.sh", name, err)
					continue
				}
				m, err := spirv.Parse(code)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if got := m.Stamped(); got != s.Hash(v) {
					t.Errorf("%s: stale: wanted hash %.12s, got %.12s: run sh tools/shaderc.sh", name, s.Hash(v), got)
				}
				if dir != "." {
					continue
				}
				if p, err := shaders.Lookup(name); err != nil {
					t.Error(err)
				} else if p.Hash != s.Hash(v) {
					t.Errorf("%s: gen_%s.go is stale: run sh tools/shaderc.sh", name, s.Stem)
				}
			}
		}
		there, err := filepath.Glob(filepath.Join(dir, "spv", "*.spv"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range there {
			if !want[filepath.Base(f)] {
				t.Errorf("%s: wanted a shader that declares it, found none", f)
			}
		}
		if dir == "." && len(shaders.Names()) != len(want) {
			t.Errorf("wanted %d programs, one for each variant, got %d", len(want), len(shaders.Names()))
		}
	}
}

// TestSize keeps what every binary carries below 8 MiB.
func TestSize(t *testing.T) {
	total := 0
	for _, name := range shaders.Names() {
		p, err := shaders.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		code, err := p.SPIRV()
		if err != nil {
			t.Fatal(err)
		}
		total += len(code)
	}
	if total >= 8<<20 {
		t.Errorf("wanted less than %d bytes of embedded SPIR-V, got %d", 8<<20, total)
	}
	t.Logf("%d programs, %d bytes", len(shaders.Names()), total)
}

// TestPush compares the generated structs with the code: offsets and sizes as Go lays them out, and the bytes
// that Append writes, which must hold every member's value at the offset that the shader reads.
func TestPush(t *testing.T) {
	for _, name := range shaders.Names() {
		p, _ := shaders.Lookup(name)
		code, err := p.SPIRV()
		if err != nil {
			t.Fatal(err)
		}
		m, err := spirv.Parse(code)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		face, err := m.Reflect()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Push != face.PushSize || p.Local != face.Local || p.LocalID != face.LocalID || len(p.Specs) != len(face.Specs) {
			t.Errorf("%s: wanted what its code holds, %+v, got %+v", name, face, p)
		}
		if face.Push == nil {
			continue
		}
		if err := checkBlock(p, face); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func checkBlock(p *shaders.Program, face *spirv.Interface) error {
	v := reflect.New(reflect.TypeOf(p.Block).Elem())
	want := make([]byte, face.PushSize)
	k := 0
	for i, f := range reflect.VisibleFields(v.Elem().Type()) {
		if f.Name == "_" {
			continue
		}
		if k >= len(face.Push) {
			return fmt.Errorf("field %s: wanted %d fields", f.Name, len(face.Push))
		}
		m := face.Push[k]
		k++
		if int(f.Offset) != m.Offset || int(f.Type.Size()) != m.Size() {
			return fmt.Errorf("field %s: wanted %d bytes at %d, got %d at %d", f.Name, m.Size(), m.Offset, f.Type.Size(), f.Offset)
		}
		fill(v.Elem().Field(i), want[m.Offset:m.Offset+m.Size()], byte(16*k))
	}
	if k != len(face.Push) {
		return fmt.Errorf("wanted %d fields, got %d", len(face.Push), k)
	}
	block := v.Interface().(interface{ Append([]byte) []byte })
	buf := make([]byte, 0, 128)
	got := block.Append(buf)
	if !bytes.Equal(got, want) {
		return fmt.Errorf("wanted the bytes %x, got %x", want, got)
	}
	if n := testing.AllocsPerRun(10, func() { block.Append(buf) }); n != 0 {
		return fmt.Errorf("wanted Append without allocation, got %v", n)
	}
	return nil
}

// fill sets a field to bytes that count up from first, and writes the same to want.
func fill(f reflect.Value, want []byte, first byte) {
	for i := range want {
		want[i] = first + byte(i)%16
	}
	read := bytes.NewReader(want)
	if err := binary.Read(read, binary.LittleEndian, f.Addr().Interface()); err != nil {
		panic(err)
	}
}

// TestHeaders: every include says what it offers, every shader what it computes, reads and takes.
func TestHeaders(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var need []string
		switch filepath.Ext(path) {
		case ".glsl":
			need = []string{filepath.Base(path), "Offers"}
		case ".comp":
			need = []string{"Push constants"}
		default:
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head, _, _ := strings.Cut(string(b), "\n#")
		for _, word := range need {
			if !strings.Contains(strings.ToLower(head), strings.ToLower(word)) {
				t.Errorf("%s: wanted %q in its header comment", path, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ExampleFeature() {
	need := shaders.Float64 | shaders.Int64
	fmt.Println(need, need.Has(shaders.Float64), need.Has(shaders.CoopMat))
	// Output: float64,int64 true false
}

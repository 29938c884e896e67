package shaders_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

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

// stale says what is wrong with the committed code of a variant, "" where nothing is.
func stale(dir string, s *glsl.Source, v glsl.Variant) string {
	name, want := s.Program(v), s.Hash(v)
	code, err := os.ReadFile(filepath.Join(dir, "spv", name+".spv"))
	if err != nil {
		return fmt.Sprintf("%s: %v", name, err)
	}
	m, err := spirv.Parse(code)
	if err != nil {
		return fmt.Sprintf("%s: %v", name, err)
	}
	if got := m.Stamped(); got != want {
		return fmt.Sprintf("%s: code: wanted hash %.12s, got %.12s", name, want, got)
	}
	if dir != "." {
		return ""
	}
	p, err := shaders.Lookup(name)
	if err != nil {
		return err.Error()
	}
	if p.Hash != want {
		return fmt.Sprintf("%s: gen_%s.go: wanted hash %.12s, got %.12s", name, s.Stem, want, p.Hash)
	}
	return ""
}

// TestFresh holds the committed code to the sources: every declared variant is there, stamped with the hash of
// what it should come from, and nothing else is there.
func TestFresh(t *testing.T) {
	for _, dir := range []string{".", "testdata"} {
		want := map[string]bool{}
		for _, s := range read(t, dir) {
			wrong, first := 0, ""
			for _, v := range s.Variants {
				want[s.Program(v)+".spv"] = true
				if why := stale(dir, s, v); why != "" {
					if wrong++; wrong == 1 {
						first = why
					}
				}
			}
			if wrong > 0 {
				t.Errorf("%s: %d of %d variants are stale, first %s: run sh tools/shaderc.sh", s.Stem, wrong, len(s.Variants), first)
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

// header returns the comment that a file begins with, as one line.
func header(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\n#")
	return strings.Join(strings.Fields(strings.ReplaceAll("\n"+head, "\n//", " ")), " ")
}

// explained collects the words of a file's comments, and of its lines that end in one.
func explained(t *testing.T, path string, words map[string]bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if !strings.Contains(line, "//") {
			continue
		}
		for _, w := range strings.FieldsFunc(line, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words[w] = true
		}
	}
}

// TestHeaders: every shader and include begins with its name, and every push constant, or its family (first for
// first_low), is explained in a comment of its shader or of an include.
func TestHeaders(t *testing.T) {
	for _, dir := range []string{".", "testdata"} {
		for _, s := range read(t, dir) {
			words := map[string]bool{}
			for _, f := range s.Files {
				if name := strings.TrimSuffix(filepath.Base(f), ".comp"); !strings.HasPrefix(header(t, f), name+":") {
					t.Errorf("%s: wanted a header that begins with %q", f, name+":")
				}
				explained(t, f, words)
			}
			for _, v := range s.Variants {
				code, err := os.ReadFile(filepath.Join(dir, "spv", s.Program(v)+".spv"))
				if err != nil {
					t.Fatal(err)
				}
				m, err := spirv.Parse(code)
				if err != nil {
					t.Fatal(err)
				}
				face, err := m.Reflect()
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range face.Push {
					family, _, _ := strings.Cut(p.Name, "_")
					if !words[p.Name] && !words[family] {
						t.Errorf("%s: wanted push constant %s explained in a comment", s.Program(v), p.Name)
					}
				}
			}
		}
	}
}

func ExampleFeature() {
	need := shaders.Float64 | shaders.Int64
	fmt.Println(need, need.Has(shaders.Float64), need.Has(shaders.CoopMat))
	// Output: float64,int64 true false
}

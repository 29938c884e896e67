package glsl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files in a fresh folder and returns the path of the first.
func write(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

func TestRead(t *testing.T) {
	path := write(t, "pick.comp", `// pick: y = x
//
// variant: f32 DT=f32
// variant: wide DT=f64 TILE=4 BIG needs float64,int64
#version 460
#include "a.glsl"
// variant: late DT=f32
layout(local_size_x_id = 0) in;
`, "a.glsl", "#include \"b.glsl\"\n", "b.glsl", "#include \"a.glsl\"\n#define SIZE gl_WorkGroupSize.x\n")
	s, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v", s.Variants); got != "[{f32 [DT=f32] []} {wide [DT=f64 TILE=4 BIG] [float64 int64]}]" || len(s.Files) != 3 {
		t.Errorf("got variants %s, %d files", got, len(s.Files))
	}
	if got := s.Program(s.Variants[1]); got != "pick.wide" {
		t.Errorf("program: got %s", got)
	}
	if got := strings.Join(s.Variants[1].Macros(), " "); got != "-DDT=f64 -DDT_f64=1 -DTILE=4 -DBIG=1" {
		t.Errorf("macros: got %s", got)
	}
}

// TestHash: the hash follows the text of every file and the macros, not the way lines end.
func TestHash(t *testing.T) {
	hash := func(body, include, value string) string {
		s, err := Read(write(t, "h.comp", "// h: "+body+"\n// variant: v A="+value+"\n#include \"i.glsl\"\n", "i.glsl", include))
		if err != nil {
			t.Fatal(err)
		}
		return s.Hash(s.Variants[0])
	}
	first := hash("x", "y\n", "1")
	for _, other := range []string{hash("z", "y\n", "1"), hash("x", "z\n", "1"), hash("x", "y\n", "2")} {
		if other == first {
			t.Error("wanted another hash for another source, include or macro")
		}
	}
	if hash("x", "y\r\n", "1") != first {
		t.Error("wanted the same hash for other line ends")
	}
}

func TestRefuse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"x.comp", "#version 460\n", "header comment"},
		{"X.comp", "// X\n", "lower-case stem"},
		{"pick_test.comp", "// pick\n", "build constraint"},
		{"x.comp", "// x\n// variant: A\n", "lower-case name"},
		{"x.comp", "// x\n// variant: a dt=1\n", "MACRO"},
		{"x.comp", "// x\n// variant: a needs\n", "one list of features"},
		{"x.comp", "// x\n// variant: a\n// variant: a\n", "twice"},
		{"x.comp", "// x\n#include \"none.glsl\"\n", "found none"},
		{"x.comp", "// x\nuint n() { return gl_WorkGroupSize.x; }\nlayout(local_size_x_id = 0) in;\n", "before gl_WorkGroupSize"},
		{"x.comp", "// x\n#define N \\\n gl_WorkGroupSize.x\nuint n() { return N; }\nlayout(local_size_x = 8) in;\n", "before N"},
	} {
		if _, err := Read(write(t, c.name, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: wanted an error with %q, got %v", c.text, c.want, err)
		}
	}
}

func ExampleVariant_Macros() {
	fmt.Println(Variant{Defines: []string{"DT=f16", "WIDE"}}.Macros())
	// Output: [-DDT=f16 -DDT_f16=1 -DWIDE=1]
}

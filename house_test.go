package tuff_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

const module = "github.com/tuff-ml/tuff"

// rooms says which rooms of this module a room may import, beside internal
// packages and its own subpackages. A room that is missing may import any.
var rooms = map[string][]string{
	"gpu":          {},
	"shaders":      {},
	"kernels":      {"gpu", "shaders", "ops"},
	"fallback_cpu": {"ops"},
	"ops":          {},
	"layers":       {"ops"},
	"text":         {},
	"train":        {"ops", "layers", "text"},
	"algos":        {"ops", "layers", "train"},
	"onnx":         {"ops"},
	"internal":     {},
	"":             {"kernels", "fallback_cpu", "ops", "gpu"},
}

// walkGo calls f for each Go file of the root module with its room ("" for the
// root package).
func walkGo(t *testing.T, f func(path, room string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." {
				if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
					return filepath.SkipDir
				}
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") {
			room, _, nested := strings.Cut(filepath.ToSlash(path), "/")
			if !nested {
				room = ""
			}
			f(path, room)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsStayInTheHouse(t *testing.T) {
	checked := 0
	walkGo(t, func(path, room string) {
		allowed, ruled := rooms[room]
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if spec.Name != nil && spec.Name.Name == "_" && name != "embed" && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%s: blank import of %s", path, name)
			}
			rest, ours := strings.CutPrefix(name, module+"/")
			if !ours || !ruled || strings.HasSuffix(path, "_test.go") {
				continue
			}
			checked++
			to, _, _ := strings.Cut(rest, "/")
			if to != room && to != "internal" && !slices.Contains(allowed, to) {
				t.Errorf("%s: room %q may not import %q (docs/architecture.md)", path, room, to)
			}
		}
	})
	if checked < 20 {
		t.Errorf("wanted to check at least 20 imports, found %d: is the walk broken?", checked)
	}
}

func TestGLFWStaysOut(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mod), "go-gl/glfw") {
		t.Error("go.mod: GLFW needs X headers to build and belongs to the nested module view/")
	}
	for _, line := range strings.Split(string(mod), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "replace") {
			t.Error("go.mod: a replace breaks go install …@version")
		}
	}
}

// TestOneStemOnEveryFloor holds that an op is found by its name: its stem has
// a file in ops/ and ops/optest/, and, unless it is a view or composed, in
// fallback_cpu/, kernels/ and shaders/; and that no file there is left over.
func TestOneStemOnEveryFloor(t *testing.T) {
	stems := map[string]bool{} // stem → needs kernels
	for _, d := range ops.Defs() {
		stems[d.Stem] = stems[d.Stem] || d.NeedsKernel()
	}
	if len(stems) < 20 {
		t.Fatalf("wanted the op table, got %d stems", len(stems))
	}
	for stem, kernel := range stems {
		floors := []string{"ops/" + stem + ".go", "ops/optest/" + stem + ".go"}
		if kernel {
			floors = append(floors, "fallback_cpu/"+stem+".go", "kernels/"+stem+".go", "shaders/"+stem+".comp")
		}
		for _, f := range floors {
			if _, err := os.Stat(filepath.FromSlash(f)); err != nil {
				t.Errorf("stem %q: wanted %s", stem, f)
			}
		}
	}
	shaders, _ := filepath.Glob("shaders/*.comp")
	for _, f := range shaders {
		stem := strings.TrimSuffix(filepath.Base(f), ".comp")
		if !stems[stem] && !slices.Contains(helperShaders, stem) {
			t.Errorf("%s: no op has this stem, and house_test.go does not list it as a helper", f)
		}
	}
}

// TestOpPageIsFresh holds that docs/ops.md lists every op with its formula;
// tools/gen-ops makes it.
func TestOpPageIsFresh(t *testing.T) {
	page, err := os.ReadFile("docs/ops.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ops.Defs() {
		row := "| `" + string(d.Op) + "` | " + strings.ReplaceAll(d.Doc, "|", "\\|") + " |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/ops.md: wanted a row %q; run tools/gen-ops", row)
		}
	}
}

// helperShaders serve several ops, as a second pass does.
var helperShaders = []string{}

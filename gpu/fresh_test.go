package gpu

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFreshShaders compares testdata/*.comp and *.spv with testdata/sums.txt,
// which testdata/build.sh writes when it compiles them.
func TestFreshShaders(t *testing.T) {
	sums, err := os.ReadFile("testdata/sums.txt")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/*.comp")
	if len(files) == 0 {
		t.Fatal("no shaders found")
	}
	for _, src := range files {
		for _, path := range []string{src, strings.TrimSuffix(src, ".comp") + ".spv"} {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
				continue
			}
			line := fmt.Sprintf("%x  %s\n", sha256.Sum256(data), filepath.Base(path))
			if !strings.Contains(string(sums), line) {
				t.Errorf("%s is not what was compiled last: run testdata/build.sh", path)
			}
		}
	}
}

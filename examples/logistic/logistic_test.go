package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff"
)

// TestRun trains on the device of TUFF_DEVICE, or on the CPU.
func TestRun(t *testing.T) {
	if os.Getenv(tuff.Env) == "" {
		t.Setenv(tuff.Env, "cpu")
	}
	var out strings.Builder
	if err := run(t.Context(), &out, 20); err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`epoch +(\d+) +loss ([\d.]+) +accuracy ([\d.]+)`).FindAllStringSubmatch(out.String(), -1)
	if len(lines) != 3 {
		t.Fatalf("wanted epochs 1, 10 and 20, got\n%s", &out)
	}
	number := func(line, i int) float64 {
		v, err := strconv.ParseFloat(lines[line][i], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// With equal priors and unit covariance 1.5², the best linear classifier
	// errs on Φ(−√2/1.5), 17.3 %.
	if number(2, 2) >= number(0, 2) || number(2, 3) < 78 {
		t.Errorf("wanted a falling loss and at least 78 %%, got\n%s", &out)
	}
	var x, y, b float64
	last := out.String()[strings.LastIndex(strings.TrimSpace(out.String()), "\n")+1:]
	if _, err := fmt.Sscanf(last, "p = sigmoid(%f x + %f y + %f)", &x, &y, &b); err != nil {
		t.Fatalf("%q: %v", last, err)
	}
	if x <= 0 || y >= 0 {
		t.Errorf("wanted weights that tell (1, −1) from (−1, 1), got %s", last)
	}
}

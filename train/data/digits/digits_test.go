package digits

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

func ExampleNew() {
	train, test, err := New(Options{Train: 100, Test: 20, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _ := train.At(42)
	fmt.Println(train.Len(), test.Len(), len(p.X), p.Y[0])
	// Output: 100 20 784 2
}

// TestSameForAnyThreads: a picture depends on seed and number only.
func TestSameForAnyThreads(t *testing.T) {
	long, _, err := New(Options{Train: 60, Test: 1, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	short, _, err := New(Options{Train: 25, Test: 1, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(short.Pixels, long.Pixels[:len(short.Pixels)]) {
		t.Error("wanted the same pictures whatever the number of them and of threads")
	}
	other, _, err := New(Options{Train: 25, Test: 1, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(short.Pixels, other.Pixels) {
		t.Error("wanted other pictures for another seed")
	}
}

// TestPictures: every class comes equally often, no two pictures are alike,
// and each shows something near the middle and is dark at the corners.
func TestPictures(t *testing.T) {
	train, test, err := New(Options{Train: 500, Test: 200})
	if err != nil {
		t.Fatal(err)
	}
	if train.Classes != 10 || test.Classes != 10 || train.Rows != 28 || train.Cols != 28 {
		t.Fatalf("wanted 10 classes of 28×28, got %d of %d×%d", train.Classes, train.Rows, train.Cols)
	}
	counts := make([]int, 10)
	seen := map[string]bool{}
	for _, m := range []struct {
		px, y []uint8
	}{{train.Pixels, train.Labels}, {test.Pixels, test.Labels}} {
		for i, y := range m.y {
			counts[y]++
			p := m.px[i*784 : (i+1)*784]
			if seen[string(p)] {
				t.Errorf("picture %d is there twice", i)
			}
			seen[string(p)] = true
			middle, corners := 0, 0
			for k, v := range p {
				r, c := k/28, k%28
				if r >= 6 && r < 22 && c >= 6 && c < 22 {
					middle += int(v)
				} else if (r < 4 || r >= 24) && (c < 4 || c >= 24) {
					corners += int(v)
				}
			}
			if middle/256 <= corners/64+5 {
				t.Errorf("picture %d of a %d: wanted a bright middle, got %d against %d in the corners", i, y, middle/256, corners/64)
			}
		}
	}
	if slices.Min(counts) != 70 || slices.Max(counts) != 70 {
		t.Errorf("wanted 70 of each digit, got %v", counts)
	}
}

func TestErrors(t *testing.T) {
	if _, _, err := New(Options{Train: -1}); err == nil || err.Error() != "data/digits: wanted at least 0 pictures, got -1 and 0" {
		t.Errorf("wanted an error that names the sizes, got %v", err)
	}
}

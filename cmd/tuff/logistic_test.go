package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemoLogistic(t *testing.T) {
	out := t.TempDir()
	epochs, last := course[logisticReport](t, ok(t, "demo", "logistic", "--device", testDevice(), "--out", out, "--json"))
	if len(epochs) != 200 || epochs[0].Steps != 8 || epochs[199].Loss >= epochs[0].Loss || epochs[199].TrainAccuracy < 0.7 || epochs[199].ValidationAccuracy < 0.7 {
		t.Errorf("wanted 200 epochs of 8 steps with a falling loss, got first %+v, last %+v", epochs[0], epochs[len(epochs)-1])
	}
	// The best line errs on 17.3 % of all points; 120 points spread by 3.5 %.
	if last.TestAccuracy < 0.76 || last.TestAccuracy > 0.90 || last.Weight[0] <= 0 || last.Weight[1] >= 0 {
		t.Errorf("wanted about 83 %% and weights that point from (−1, 1) to (1, −1), got %+v", last)
	}
	if c := last.Confusion; c[0][0]+c[0][1]+c[1][0]+c[1][1] != 120 || float64(c[0][0]+c[1][1])/120 != last.TestAccuracy {
		t.Errorf("wanted a confusion matrix of 120 points, got %+v", last)
	}
	for _, name := range []string{"boundary.png", "loss.png", "accuracy.png"} {
		wantPicture(t, filepath.Join(out, name))
	}
	wantTensors(t, filepath.Join(out, "model.safetensors"), map[string][]int{"w": {2}, "b": {1}})
	code, stdout, _ := run(t, t.Context(), "demo", "logistic", "--device", "cpu", "--epochs", "3", "--out", "")
	if code != exitOK || !strings.Contains(stdout, "sigmoid(") || !strings.Contains(stdout, "test accuracy") {
		t.Errorf("wanted the model and its accuracy, got %d, %q", code, stdout)
	}
}

func TestDemoLogisticData(t *testing.T) {
	points := twoClasses(7)
	if len(points) != 200 {
		t.Fatalf("wanted 200 points, got %d", len(points))
	}
	var sum, square [2][2]float64
	for _, p := range points {
		for k := range 2 {
			sum[int(p.class)][k] += float64(p.x[k])
			square[int(p.class)][k] += float64(p.x[k]) * float64(p.x[k])
		}
	}
	for class, mean := range [][2]float64{{-1, 1}, {1, -1}} {
		for k := range 2 {
			m := sum[class][k] / 100
			sigma := math.Sqrt(square[class][k]/100 - m*m)
			if math.Abs(m-mean[k]) > 0.5 || math.Abs(sigma-1.5) > 0.35 {
				t.Errorf("class %d, axis %d: wanted mean %v and sigma 1.5, got %v and %v", class, k, mean[k], m, sigma)
			}
		}
	}
	train, validation, test := split(7)
	seen := map[int]int{}
	for _, part := range [][]int{train, validation, test} {
		for _, i := range part {
			seen[i]++
		}
	}
	if len(train) != 60 || len(validation) != 20 || len(test) != 120 || len(seen) != 200 {
		t.Errorf("wanted 60, 20 and 120 different indices, got %d, %d, %d of %d", len(train), len(validation), len(test), len(seen))
	}
}

func TestLevel(t *testing.T) {
	lo, hi := [2]float64{-2, -2}, [2]float64{2, 2}
	for _, tt := range []struct {
		w [2]float64
		b float64
	}{{[2]float64{1, -1}, 0}, {[2]float64{1, 0}, 0.5}, {[2]float64{0, 2}, -1}, {[2]float64{3, 1}, 1}} {
		at := level(tt.w, tt.b, 0.9, lo, hi)
		if len(at) != 2 || at[0] == at[1] {
			t.Errorf("w %v, b %v: wanted a line through the square, got %v", tt.w, tt.b, at)
		}
		for _, p := range at {
			if got := 1 / (1 + math.Exp(-(tt.w[0]*p.X + tt.w[1]*p.Y + tt.b))); math.Abs(got-0.9) > 1e-9 {
				t.Errorf("w %v, b %v: wanted p 0.9 at %v, got %v", tt.w, tt.b, p, got)
			}
		}
	}
	if at := level([2]float64{1, 0}, 100, 0.5, lo, hi); at != nil {
		t.Errorf("wanted no line outside of the square, got %v", at)
	}
}

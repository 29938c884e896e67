package curves_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/curves"
)

var history = []train.EpochStats{
	{Epoch: 0, Loss: 2, Metrics: map[string]float64{"accuracy": 0.5, "validation_loss": 2.5}},
	{Epoch: 1, Loss: 1, Metrics: map[string]float64{"accuracy": 0.75, "validation_loss": 1.5}},
}

func ExampleLoss() {
	for _, s := range curves.Loss(history).Series {
		fmt.Println(s.Name, s.X, s.Y)
	}
	for _, s := range curves.Metrics(history).Series {
		fmt.Println(s.Name, s.X, s.Y)
	}
	// Output:
	// training [1 2] [2 1]
	// validation_loss [1 2] [2.5 1.5]
	// accuracy [1 2] [0.5 0.75]
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loss.png")
	if err := curves.Loss(history).Save(path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := im.Bounds(); b.Dx() != 576 || b.Dy() != 384 {
		t.Errorf("wanted 576×384 pixels, got %v", b)
	}
	coloured := 0
	for y := range 384 {
		for x := range 576 {
			if r, g, b, _ := im.At(x, y).RGBA(); r != g || g != b {
				coloured++
			}
		}
	}
	if coloured < 300 {
		t.Errorf("wanted coloured lines, got %d coloured pixels", coloured)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("wanted one file, got %v, %v", entries, err)
	}
}

func TestErrors(t *testing.T) {
	for want, s := range map[string]curves.Series{
		"curves: a: wanted as many x as y, and at least one, got 1 and 0": {Name: "a", X: []float64{1}},
		"curves: b: wanted as many x as y, and at least one, got 0 and 0": {Name: "b"},
		"curves: c: ": {Name: "c", X: []float64{1}, Y: []float64{math.NaN()}},
	} {
		dir := t.TempDir()
		err := curves.Figure{Series: []curves.Series{s}}.Save(filepath.Join(dir, "x.png"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("wanted no leftovers, got %v", entries)
		}
	}
	if err := curves.Loss(history).Save(filepath.Join(t.TempDir(), "none", "x.png")); err == nil {
		t.Error("wanted an error for a folder that is not there")
	}
}

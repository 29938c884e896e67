// Package curves draws the course of a training as a PNG.
package curves

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/tuff-ml/tuff/train"
)

// Series is one line: Y over X, of equal length.
type Series struct {
	Name string
	X, Y []float64
}

// Figure is a diagram with a line for each series.
type Figure struct {
	Title, XLabel, YLabel string
	Series                []Series
}

// Loss is the training loss over epochs (from 1), and the metrics whose names
// contain "loss".
func Loss(history []train.EpochStats) Figure {
	return Figure{"Loss", "epoch", "loss", of(history, true)}
}

// Metrics are the other metrics over epochs.
func Metrics(history []train.EpochStats) Figure {
	return Figure{"Metrics", "epoch", "", of(history, false)}
}

func of(history []train.EpochStats, losses bool) []Series {
	var out []Series
	add := func(name string, e train.EpochStats, v float64) {
		at := slices.IndexFunc(out, func(s Series) bool { return s.Name == name })
		if at < 0 {
			at = len(out)
			out = append(out, Series{Name: name})
		}
		out[at].X = append(out[at].X, float64(e.Epoch+1))
		out[at].Y = append(out[at].Y, v)
	}
	for _, e := range history {
		if losses {
			add("training", e, e.Loss)
		}
		for _, name := range slices.Sorted(maps.Keys(e.Metrics)) {
			if strings.Contains(name, "loss") == losses {
				add(name, e, e.Metrics[name])
			}
		}
	}
	return out
}

// Write draws the figure as a PNG of 6 by 4 inches at 96 dots an inch. Series
// without points, of unlike length, or with values that are not finite, are an
// error.
func (f Figure) Write(w io.Writer) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.XLabel, f.YLabel
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for i, s := range f.Series {
		if len(s.X) != len(s.Y) || len(s.X) == 0 {
			return fmt.Errorf("curves: %s: wanted as many x as y, and at least one, got %d and %d", s.Name, len(s.X), len(s.Y))
		}
		pts := make(plotter.XYs, len(s.X))
		for k := range pts {
			pts[k] = plotter.XY{X: s.X[k], Y: s.Y[k]}
		}
		line, dots, err := plotter.NewLinePoints(pts)
		if err != nil {
			return fmt.Errorf("curves: %s: %w", s.Name, err)
		}
		line.Color, dots.Color = plotutil.Color(i), plotutil.Color(i)
		line.Width = vg.Points(1.5)
		dots.Radius = vg.Points(1.5)
		p.Add(line, dots)
		p.Legend.Add(s.Name, line)
	}
	// Room for the legend above the highest point.
	p.Y.Max += 0.06 * (p.Y.Max - p.Y.Min) * float64(len(f.Series)+1)
	c, err := p.WriterTo(6*vg.Inch, 4*vg.Inch, "png")
	if err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	return nil
}

// Save writes the figure to a file, which appears whole or not at all.
func (f Figure) Save(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	err = f.Write(file)
	if cerr := file.Chmod(0o644); err == nil {
		err = cerr
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return fmt.Errorf("curves: save %s: %w", path, err)
	}
	return nil
}

package main

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Colours that people with any colour vision can tell apart (Okabe and Ito
// 2008).
var (
	blue   = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
	grey   = color.NRGBA{0x55, 0x55, 0x55, 0xff}
)

// drawBoundary draws the points of both classes, those that were trained on
// filled, and the lines where the model says 10, 50 and 90 percent. The file's
// ending names the format.
func drawBoundary(file string, points []point, trained []int, w [2]float64, b float64) error {
	p := plot.New()
	p.Title.Text = "Logistic regression: two Gaussian classes"
	p.X.Label.Text, p.Y.Label.Text = "x₁", "x₂"
	p.Add(plotter.NewGrid())
	lo, hi := bounds(points)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo[0], hi[0], lo[1], hi[1]
	isTrained := map[int]bool{}
	for _, i := range trained {
		isTrained[i] = true
	}
	for class, c := range []color.Color{blue, orange} {
		for _, filled := range []bool{true, false} {
			var at plotter.XYs
			for i, q := range points {
				if int(q.class) == class && isTrained[i] == filled {
					at = append(at, plotter.XY{X: float64(q.x[0]), Y: float64(q.x[1])})
				}
			}
			if len(at) == 0 {
				continue
			}
			s, err := plotter.NewScatter(at)
			if err != nil {
				return fmt.Errorf("draw %s: %w", file, err)
			}
			s.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(3), Shape: draw.RingGlyph{}}
			name := fmt.Sprintf("class %d, held out", class)
			if filled {
				s.Shape = draw.CircleGlyph{}
				name = fmt.Sprintf("class %d, trained on", class)
			}
			p.Add(s)
			p.Legend.Add(name, s)
		}
	}
	for _, probability := range []float64{0.1, 0.5, 0.9} {
		l, err := plotter.NewLine(level(w, b, probability, lo, hi))
		if err != nil {
			continue // the line lies outside of the picture
		}
		l.LineStyle = draw.LineStyle{Color: grey, Width: vg.Points(1), Dashes: []vg.Length{vg.Points(4), vg.Points(4)}}
		if probability == 0.5 {
			l.LineStyle = draw.LineStyle{Color: color.Black, Width: vg.Points(2)}
		}
		p.Add(l)
		if probability != 0.9 {
			p.Legend.Add(map[float64]string{0.1: "p = 10 %, 90 %", 0.5: "decision, p = 50 %"}[probability], l)
		}
	}
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(2)
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(4), -vg.Points(4)
	width := 16 * vg.Centimeter // and a height that shows both axes alike
	if err := p.Save(width, width*vg.Length((hi[1]-lo[1])/(hi[0]-lo[0])), file); err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	return nil
}

// bounds is a square around all points, with a margin at the top for the
// legend.
func bounds(points []point) (lo, hi [2]float64) {
	m := 1.0
	for _, q := range points {
		for _, v := range q.x {
			m = max(m, math.Abs(float64(v)))
		}
	}
	m = math.Ceil(m)
	return [2]float64{-m, -m}, [2]float64{m, m + 0.3*m}
}

// level is the line on which sigmoid(w·x + b) is p, cut to the rectangle from
// lo to hi; nil when it does not cross it.
func level(w [2]float64, b, p float64, lo, hi [2]float64) plotter.XYs {
	c := math.Log(p/(1-p)) - b // w·x = c
	var at plotter.XYs
	add := func(x, y float64) {
		const slack = 1e-9
		if x >= lo[0]-slack && x <= hi[0]+slack && y >= lo[1]-slack && y <= hi[1]+slack && len(at) < 2 &&
			(len(at) == 0 || math.Hypot(at[0].X-x, at[0].Y-y) > slack) {
			at = append(at, plotter.XY{X: x, Y: y})
		}
	}
	if w[1] != 0 {
		add(lo[0], (c-w[0]*lo[0])/w[1])
		add(hi[0], (c-w[0]*hi[0])/w[1])
	}
	if w[0] != 0 {
		add((c-w[1]*lo[1])/w[0], lo[1])
		add((c-w[1]*hi[1])/w[0], hi[1])
	}
	if len(at) < 2 {
		return nil
	}
	return at
}

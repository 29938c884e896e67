// Package digits draws pictures of the digits 0 to 9, so that a training can
// run where no data set is at hand. The shapes are those of the Go fonts
// (Bigelow & Holmes, under the licence of golang.org/x/image/font/gofont), each
// picture scaled, slanted, turned, shifted, dimmed and made noisy at random.
//
// Picture i depends on the seed and i alone: not on how many are drawn, nor on
// how many processors draw them.
package digits

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/tuff-ml/tuff/train/data"
)

// Side is the width and height of a picture in pixels: MNIST's.
const Side = 28

// Options says what to draw; the zero value is MNIST's test set in size.
type Options struct {
	Train int    // pictures to train on; 0: 8,000
	Test  int    // pictures to test on; 0: 2,000
	Seed  uint64 // other seeds, other pictures
}

// New draws two sets that have no picture in common. The digits come in turn:
// picture i shows i mod 10.
func New(o Options) (train, test *data.Images, err error) {
	if o.Train < 0 || o.Test < 0 {
		return nil, nil, fmt.Errorf("data/digits: wanted at least 0 pictures, got %d and %d", o.Train, o.Test)
	}
	if o.Train == 0 {
		o.Train = 8000
	}
	if o.Test == 0 {
		o.Test = 2000
	}
	shapes, err := loadShapes()
	if err != nil {
		return nil, nil, err
	}
	train, err = drawSet(shapes, o.Seed, 0, o.Train)
	if err != nil {
		return nil, nil, err
	}
	test, err = drawSet(shapes, o.Seed, 1<<40, o.Test)
	return train, test, err
}

// drawSet makes pictures first … first+n−1.
func drawSet(shapes []shape, seed, first uint64, n int) (*data.Images, error) {
	pixels, labels := make([]uint8, n*Side*Side), make([]uint8, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		all.Add(1)
		go func() {
			defer all.Done()
			var b brush
			for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
				digit := i % 10
				labels[i] = uint8(digit)
				b.picture(pixels[i*Side*Side:(i+1)*Side*Side], shapes, digit, stream{seed: seed, index: first + uint64(i)})
			}
		}()
	}
	all.Wait()
	m, err := data.NewImages(Side, Side, pixels, labels)
	if m != nil {
		m.Classes = 10
	}
	return m, err
}

// shape is a digit's outline in one font, with the middle of its box at 0 and
// the box's height 1. Y grows downward.
type shape []segment

type segment struct {
	op sfnt.SegmentOp
	at [3][2]float64
}

// loadShapes gives the outlines of digit d in font f at f·10 + d.
func loadShapes() ([]shape, error) {
	var out []shape
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("data/digits: font: %w", err)
		}
		for d := range 10 {
			s, err := outline(f, rune('0'+d))
			if err != nil {
				return nil, fmt.Errorf("data/digits: digit %d: %w", d, err)
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func outline(f *sfnt.Font, r rune) (shape, error) {
	var buf sfnt.Buffer
	g, err := f.GlyphIndex(&buf, r)
	if err != nil {
		return nil, err
	}
	segs, err := f.LoadGlyph(&buf, g, fixed.I(1000), nil)
	if err != nil {
		return nil, err
	}
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	out := make(shape, len(segs))
	for i, s := range segs {
		out[i].op = s.Op
		for k := range points(s.Op) {
			p := [2]float64{float64(s.Args[k].X) / 64, float64(s.Args[k].Y) / 64}
			out[i].at[k] = p
			for a := range p {
				lo[a], hi[a] = min(lo[a], p[a]), max(hi[a], p[a])
			}
		}
	}
	if len(out) == 0 || !(hi[1] > lo[1]) {
		return nil, fmt.Errorf("wanted an outline, got none")
	}
	for i := range out {
		for k := range out[i].at {
			for a := range 2 {
				out[i].at[k][a] = (out[i].at[k][a] - (lo[a]+hi[a])/2) / (hi[1] - lo[1])
			}
		}
	}
	return out, nil
}

// points is how many points a segment has.
func points(op sfnt.SegmentOp) int {
	switch op {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	}
	return 1
}

package digits

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"

	"github.com/tuff-ml/tuff/internal/philox"
)

// How much pictures differ.
const (
	height   = 18.0 // pixels
	scale    = 0.15 // of the height, up or down
	stretch  = 0.15 // of the width, up or down
	turn     = 12.0 // degrees
	slant    = 0.20 // pixels to the side for one upward
	shift    = 2.0  // pixels
	dimmest  = 0.55 // of white
	noise    = 0.12 // standard deviation, of white
	speckles = 167  // pixels of 2¹⁴ that are anything: 1 %
)

// brush is the working memory of one goroutine.
type brush struct {
	raster vector.Rasterizer
	mask   *image.Alpha
}

// picture draws one digit, row-major, white on black.
func (b *brush) picture(out []uint8, shapes []shape, digit int, r stream) {
	s := shapes[int(r.uniform(0, float64(len(shapes)/10)))*10+digit]
	tall := height * (1 + r.uniform(-scale, scale))
	wide := tall * (1 + r.uniform(-stretch, stretch))
	angle := r.uniform(-turn, turn) * math.Pi / 180
	lean := r.uniform(-slant, slant)
	x0, y0 := Side/2+r.uniform(-shift, shift), Side/2+r.uniform(-shift, shift)
	bright := r.uniform(dimmest, 1)

	sin, cos := math.Sincos(angle)
	b.fill(s, func(p [2]float64) (x, y float32) {
		u, v := wide*p[0]-lean*tall*p[1], tall*p[1]
		return float32(x0 + cos*u - sin*v), float32(y0 + sin*u + cos*v)
	})
	for i, a := range b.mask.Pix {
		v := bright * float64(a) / 255
		v += noise * r.normal()
		if w := r.word(); w>>18 < speckles {
			v = float64(w&255) / 255
		}
		out[i] = uint8(math.Round(255 * min(max(v, 0), 1)))
	}
}

// fill puts the shape's coverage into mask.
func (b *brush) fill(s shape, to func(p [2]float64) (x, y float32)) {
	if b.mask == nil {
		b.mask = image.NewAlpha(image.Rect(0, 0, Side, Side))
	}
	z := &b.raster
	z.Reset(Side, Side)
	z.DrawOp = draw.Src
	for i, g := range s {
		x, y := to(g.at[0])
		switch g.op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x1, y1 := to(g.at[1])
			z.QuadTo(x, y, x1, y1)
		case sfnt.SegmentOpCubeTo:
			x1, y1 := to(g.at[1])
			x2, y2 := to(g.at[2])
			z.CubeTo(x, y, x1, y1, x2, y2)
		}
	}
	z.ClosePath()
	z.Draw(b.mask, b.mask.Bounds(), image.Opaque, image.Point{})
}

// stream is the random numbers of one picture: the words of Philox4x32-10 for
// key seed and counter (index, block, stream 2).
type stream struct {
	seed, index uint64
	block       uint32
	have        [4]uint32
	left        int
}

func (r *stream) word() uint32 {
	if r.left == 0 {
		r.have = philox.Block(
			[4]uint32{uint32(r.index), uint32(r.index >> 32), r.block, 2},
			[2]uint32{uint32(r.seed), uint32(r.seed >> 32)})
		r.block++
		r.left = 4
	}
	r.left--
	return r.have[3-r.left]
}

// uniform draws from [lo, hi).
func (r *stream) uniform(lo, hi float64) float64 {
	return lo + (hi-lo)*float64(r.word()>>8)/(1<<24)
}

// normal draws nearly from the standard normal distribution: the sum of the
// four bytes of one word, from −3.46 to 3.46, which is fast and the same on
// every machine.
func (r *stream) normal() float64 {
	w := r.word()
	sum := int(w&255) + int(w>>8&255) + int(w>>16&255) + int(w>>24)
	return (float64(sum) - 510) / 147.8 // √(4·(256² − 1)/12)
}

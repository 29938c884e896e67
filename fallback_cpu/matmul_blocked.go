package cpu

import (
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

// Blocked matrix product after Goto and van de Geijn, "Anatomy of
// High-Performance Matrix Multiplication" (2008): blocks of a and b are packed
// into panels, in which a tile of c finds its operands one after another, and
// a tile is summed in registers. How blocks are cut depends on the shape alone,
// so every element of c is summed in the same order by any number of threads.

// Block sizes, in elements: panels kc deep; blockM×blockK of a and
// blockK×blockN of b are packed at a time and stay in the second-level cache
// in pieces.
const (
	blockK = 256
	blockM = 1008
	blockN = 2016
)

// tile is a way to sum one tile of c, rows×cols, in registers.
type tile struct {
	rows, cols int
	kind       tileKind
}

type tileKind uint8

const (
	tilePlain tileKind = iota
	tileFast           // assembly, where bestTile offers it
)

const maxTile = 128 // elements of the largest tile

var plainTile = tile{rows: 3, cols: 3}

// sum sets s, row by row, to the product of a panel of a (k columns of t.rows)
// and a panel of b (k rows of t.cols).
func sumTile[T float](t tile, k int, a, b []T, s *[maxTile]T) {
	if t.kind == tilePlain {
		sumTile3x3(a[:3*k], b[:3*k], s)
		return
	}
	fastTile(unsafe.Sizeof(T(0)), k, unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(b)), unsafe.Pointer(s))
}

// sumTile3x3 holds nine sums, which is what fits into 16 registers beside the
// operands; 4×3 already spills and runs at half the speed (BenchmarkTile).
func sumTile3x3[T float](a, b []T, s *[maxTile]T) {
	var c00, c01, c02, c10, c11, c12, c20, c21, c22 T
	for len(a) >= 6 && len(b) >= 6 {
		x, y := (*[6]T)(a), (*[6]T)(b)
		c00 += x[0] * y[0]
		c01 += x[0] * y[1]
		c02 += x[0] * y[2]
		c10 += x[1] * y[0]
		c11 += x[1] * y[1]
		c12 += x[1] * y[2]
		c20 += x[2] * y[0]
		c21 += x[2] * y[1]
		c22 += x[2] * y[2]
		c00 += x[3] * y[3]
		c01 += x[3] * y[4]
		c02 += x[3] * y[5]
		c10 += x[4] * y[3]
		c11 += x[4] * y[4]
		c12 += x[4] * y[5]
		c20 += x[5] * y[3]
		c21 += x[5] * y[4]
		c22 += x[5] * y[5]
		a, b = a[6:], b[6:]
	}
	if len(a) >= 3 && len(b) >= 3 {
		x, y := (*[3]T)(a), (*[3]T)(b)
		c00 += x[0] * y[0]
		c01 += x[0] * y[1]
		c02 += x[0] * y[2]
		c10 += x[1] * y[0]
		c11 += x[1] * y[1]
		c12 += x[1] * y[2]
		c20 += x[2] * y[0]
		c21 += x[2] * y[1]
		c22 += x[2] * y[2]
	}
	s[0], s[1], s[2] = c00, c01, c02
	s[3], s[4], s[5] = c10, c11, c12
	s[6], s[7], s[8] = c20, c21, c22
}

// gemm is a blocked product.
type gemm[T float] struct {
	product[T]
	tile         tile
	aLen, bLen   int // elements of a packed block of a and of b
	slots        int // products at work at once, each with blocks of its own
	packA, packB Body
	multiply     Body
	byProduct    Body
}

// span says which blocks are at work: product number item, rows ic … ic+mc−1
// and columns jc … of c, depth pc …. It lies at the start of the scratch
// memory, where all workers find it.
type span struct{ item, ic, jc, pc, mc, nc, kc int }

const spanBytes = 64

// Products of fewer multiplications than this are not worth other cores; and
// batches of products below the second bound are spread product by product.
const (
	inlineProduct = 1 << 16
	wideProduct   = 1 << 21
	slotMemory    = 8 << 20 // bytes of packed blocks for products at work at once
)

func planGemm[T float](p product[T], t tile) (Run, int) {
	g := &gemm[T]{product: p, tile: t, slots: 1}
	g.aLen = roundUp(min(p.m, blockM), t.rows) * min(p.k, blockK)
	g.bLen = roundUp(min(p.n, blockN), t.cols) * min(p.k, blockK)
	size := int(unsafe.Sizeof(T(0)))
	slot := roundUp((g.aLen+g.bLen)*size, alignment)
	run := g.wide
	if p.batch.n > 1 && p.m*p.n*p.k < wideProduct {
		g.slots = min(p.batch.n, max(1, slotMemory/slot))
		run = g.batched
	}
	g.packA, g.packB, g.multiply, g.byProduct = g.packABody, g.packBBody, g.multiplyBody, g.byProductBody
	return run, spanBytes + g.slots*slot
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// blocks are the packed blocks of a slot.
func (g *gemm[T]) blocks(c *ops.Call, slot int) (a, b []T) {
	size := int(unsafe.Sizeof(T(0)))
	length := roundUp((g.aLen+g.bLen)*size, alignment) / size
	all := Data[T](&c.Scratch)[spanBytes/size+slot*length:]
	return all[:g.aLen], all[g.aLen:][:g.bLen]
}

func spanOf(c *ops.Call) *span {
	return (*span)(unsafe.Pointer(unsafe.SliceData(Data[byte](&c.Scratch))))
}

// wide takes the products one by one, each spread over the cores.
func (g *gemm[T]) wide(x *Ctx, c *ops.Call) error {
	parallel := g.m*g.n*g.k >= inlineProduct
	run := func(n int, body Body) {
		if parallel {
			x.Parallel(c, n, 1, body)
		} else {
			body(c, 0, n)
		}
	}
	s := spanOf(c)
	for item := range g.batch.n {
		g.each(s, item, func(newB bool) {
			if newB {
				run((s.nc+g.tile.cols-1)/g.tile.cols, g.packB)
			}
			run((s.mc+g.tile.rows-1)/g.tile.rows, g.packA)
			run(g.pieces(s), g.multiply)
		})
	}
	return nil
}

// each goes through the blocks of a product; newB says when the block of b
// changed.
func (g *gemm[T]) each(s *span, item int, f func(newB bool)) {
	s.item = item
	for s.jc = 0; s.jc < g.n; s.jc += blockN {
		s.nc = min(blockN, g.n-s.jc)
		for s.pc = 0; s.pc < g.k; s.pc += blockK {
			s.kc = min(blockK, g.k-s.pc)
			for s.ic = 0; s.ic < g.m; s.ic += blockM {
				s.mc = min(blockM, g.m-s.ic)
				f(s.ic == 0)
			}
		}
	}
}

// batched takes as many products at once as there are slots.
func (g *gemm[T]) batched(x *Ctx, c *ops.Call) error {
	grain := max(1, inlineProduct/(g.m*g.n*g.k))
	s := spanOf(c)
	for s.item = 0; s.item < g.batch.n; s.item += g.slots {
		x.Parallel(c, min(g.slots, g.batch.n-s.item), grain, g.byProduct)
	}
	return nil
}

func (g *gemm[T]) byProductBody(c *ops.Call, lo, hi int) {
	first := spanOf(c).item
	for slot := lo; slot < hi; slot++ {
		var s span
		a, b := g.blocks(c, slot)
		g.each(&s, first+slot, func(newB bool) {
			if newB {
				g.packBPanels(c, &s, b, 0, (s.nc+g.tile.cols-1)/g.tile.cols)
			}
			g.packAPanels(c, &s, a, 0, (s.mc+g.tile.rows-1)/g.tile.rows)
			g.multiplyPieces(c, &s, a, b, 0, g.pieces(&s))
		})
	}
}

func (g *gemm[T]) packABody(c *ops.Call, lo, hi int) {
	a, _ := g.blocks(c, 0)
	g.packAPanels(c, spanOf(c), a, lo, hi)
}

func (g *gemm[T]) packBBody(c *ops.Call, lo, hi int) {
	_, b := g.blocks(c, 0)
	g.packBPanels(c, spanOf(c), b, lo, hi)
}

func (g *gemm[T]) multiplyBody(c *ops.Call, lo, hi int) {
	a, b := g.blocks(c, 0)
	g.multiplyPieces(c, spanOf(c), a, b, lo, hi)
}

func (g *gemm[T]) packAPanels(c *ops.Call, s *span, dst []T, lo, hi int) {
	src := Data[T](&c.In[0])[g.at(s.item)[1]+s.ic*g.aRow+s.pc*g.aCol:]
	w := g.tile.rows
	for q := lo; q < hi; q++ {
		packPanel(dst[q*w*s.kc:][:w*s.kc], src[q*w*g.aRow:], w, min(w, s.mc-q*w), g.aRow, g.aCol)
	}
}

func (g *gemm[T]) packBPanels(c *ops.Call, s *span, dst []T, lo, hi int) {
	src := Data[T](&c.In[1])[g.at(s.item)[2]+s.pc*g.bRow+s.jc*g.bCol:]
	w := g.tile.cols
	for q := lo; q < hi; q++ {
		packPanel(dst[q*w*s.kc:][:w*s.kc], src[q*w*g.bCol:], w, min(w, s.nc-q*w), g.bCol, g.bRow)
	}
}

// packPanel sets dst[p·width + i] = src[i·across + p·down], with zeros from
// i = have on.
func packPanel[T float](dst, src []T, width, have, across, down int) {
	if have < width {
		clear(dst)
	}
	if across == 1 {
		for p, at := 0, 0; p < len(dst); p, at = p+width, at+down {
			copy(dst[p:p+have], src[at:at+have])
		}
		return
	}
	for i := range have {
		at := i * across
		for p := i; p < len(dst); p += width {
			dst[p] = src[at]
			at += down
		}
	}
}

// pieces is how many pieces multiply is cut into: panels of a or of b,
// whichever are more.
func (g *gemm[T]) pieces(s *span) int {
	return max((s.mc+g.tile.rows-1)/g.tile.rows, (s.nc+g.tile.cols-1)/g.tile.cols)
}

// multiplyPieces computes the tiles of panels lo … hi−1 of a with all of b, or
// the other way round. The inner loop reads one panel of b again and again,
// which stays in the first-level cache.
func (g *gemm[T]) multiplyPieces(c *ops.Call, s *span, a, b []T, lo, hi int) {
	rows, cols := (s.mc+g.tile.rows-1)/g.tile.rows, (s.nc+g.tile.cols-1)/g.tile.cols
	i0, i1, j0, j1 := lo, hi, 0, cols
	if cols > rows {
		i0, i1, j0, j1 = 0, rows, lo, hi
	}
	z := Data[T](&c.Out[0])[g.at(s.item)[0]:]
	var bias []T
	if g.bias {
		bias = Data[T](&c.In[2])
	}
	var sums [maxTile]T
	da, db := g.tile.rows*s.kc, g.tile.cols*s.kc
	for j := j0; j < j1; j++ {
		for i := i0; i < i1; i++ {
			sumTile(g.tile, s.kc, a[i*da:][:da], b[j*db:][:db], &sums)
			g.write(s, z, bias, i*g.tile.rows, j*g.tile.cols, &sums)
		}
	}
}

// write adds a tile, whose corner is (i, j) within the blocks at work, to c,
// and after the last block of k finishes it.
func (g *gemm[T]) write(s *span, z, bias []T, i, j int, sums *[maxTile]T) {
	rows, cols := min(g.tile.rows, s.mc-i), min(g.tile.cols, s.nc-j)
	last := s.pc+s.kc == g.k && (g.bias || g.act != ops.NoActivation)
	for r := range rows {
		row, col := s.ic+i+r, s.jc+j
		out := z[row*g.cRow+col:][:cols]
		from := sums[r*g.tile.cols:][:cols]
		if s.pc == 0 {
			copy(out, from)
		} else {
			for q := range out {
				out[q] += from[q]
			}
		}
		if last {
			g.finish(out, bias, row, col)
		}
	}
}

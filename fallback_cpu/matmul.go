package cpu

import (
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("matmul", Kernel{Plan: planMatMul}) }

func planMatMul(c *ops.Call) (Run, int, error) {
	switch c.Out[0].DType {
	case ops.F32:
		return planProduct[float32](c)
	case ops.F64:
		return planProduct[float64](c)
	}
	return unsupported(c.Out[0].DType)
}

// product is what all ways to compute c = act(a·b + bias) know: for each
// product of the batch, a is m×k and b is k×n, each with a stride per row and
// per column, so that transposed and broadcast operands cost nothing extra.
type product[T float] struct {
	m, n, k    int
	batch      walk // operands: c, a, b
	cRow, cCol int
	aRow, aCol int
	bRow, bCol int
	bias       bool
	biasStride int
	biasPerRow bool // the product was turned over: see turned
	act        ops.Activation
}

func newProduct[T float](c *ops.Call) product[T] {
	z, a, b := &c.Out[0], &c.In[0], &c.In[1]
	r := z.Rank
	p := product[T]{
		m: z.Shape[r-2], n: z.Shape[r-1], k: a.Shape[r-1],
		cRow: z.Shape[r-1], cCol: 1,
		aRow: a.Strides[r-2], aCol: a.Strides[r-1],
		bRow: b.Strides[r-2], bCol: b.Strides[r-1],
		act: c.Attr.(ops.MatMulAttr).Act,
	}
	if len(c.In) == 3 {
		p.bias, p.biasStride = true, c.In[2].Strides[0]
	}
	lead := *z
	lead.Rank = r - 2
	la, lb := *a, *b
	la.Rank, lb.Rank = r-2, r-2
	p.batch = *newWalk(&lead, &la, &lb)
	return p
}

// turned is the same product as cᵀ = bᵀ·aᵀ.
func (p product[T]) turned() product[T] {
	p.m, p.n = p.n, p.m
	p.cRow, p.cCol = p.cCol, p.cRow
	p.aRow, p.aCol, p.bRow, p.bCol = p.bCol, p.bRow, p.aCol, p.aRow
	p.biasPerRow = true
	return p
}

// narrowRows is the most rows (or columns) for which reading the other operand once
// per row, without packing it, is faster.
const narrowRows = 4

func planProduct[T float](c *ops.Call) (Run, int, error) {
	p := newProduct[T](c)
	switch {
	case p.m <= narrowRows && p.m <= p.n:
		return planNarrow(p)
	case p.n <= narrowRows:
		return planNarrow(p.turned())
	}
	plain, scratch := planGemm(p, plainTile)
	fast := plain
	if t := bestTile(unsafe.Sizeof(T(0))); t != plainTile {
		var more int
		fast, more = planGemm(p, t)
		scratch = max(scratch, more)
	}
	return func(x *Ctx, c *ops.Call) error {
		if x.plain {
			return plain(x, c)
		}
		return fast(x, c)
	}, scratch, nil
}

// at is where product i of the batch starts in c, a and b.
func (p *product[T]) at(i int) (o offsets) {
	for d := p.batch.rank - 1; d >= 0; d-- {
		j := i % p.batch.shape[d]
		i /= p.batch.shape[d]
		for k := range 3 {
			o[k] += j * p.batch.strides[k][d]
		}
	}
	return o
}

// finish adds the bias and applies the activation to z, which holds elements
// (row, col), (row, col+1), … of a product.
func (p *product[T]) finish(z, bias []T, row, col int) {
	switch {
	case !p.bias:
	case p.biasPerRow:
		v := bias[row*p.biasStride]
		for j := range z {
			z[j] += v
		}
	default:
		at := col * p.biasStride
		for j := range z {
			z[j] += bias[at]
			at += p.biasStride
		}
	}
	switch p.act {
	case ops.ActReLU:
		unaryFloat(uReLU, z, z, [2]float64{})
	case ops.ActSigmoid:
		unaryFloat(uSigmoid, z, z, [2]float64{})
	case ops.ActTanh:
		unaryFloat(uTanh, z, z, [2]float64{})
	case ops.ActGELU:
		unaryFloat(uGELU, z, z, [2]float64{})
	case ops.ActSiLU:
		unaryFloat(uSiLU, z, z, [2]float64{})
	}
}

// planNarrow computes products with at most narrowRows rows: matrix times vector.
func planNarrow[T float](p product[T]) (Run, int, error) {
	body := func(c *ops.Call, lo, hi int) {
		z, a, b := Data[T](&c.Out[0]), Data[T](&c.In[0]), Data[T](&c.In[1])
		if p.biasPerRow {
			a, b = b, a
		}
		var bias []T
		if p.bias {
			bias = Data[T](&c.In[2])
		}
		for lo < hi {
			i, j := lo/p.n, lo%p.n
			n := min(hi-lo, p.n-j, narrowTile)
			o := p.at(i)
			if p.biasPerRow {
				o[1], o[2] = o[2], o[1]
			}
			p.narrowTile(z[o[0]:], a[o[1]:], b[o[2]:], bias, j, n)
			lo += n
		}
	}
	return parallelRun(p.batch.n*p.n, max(64, cheapGrain/p.k), body)
}

const narrowTile = 256

// narrowTile computes columns col … col+n−1 of one product.
func (p *product[T]) narrowTile(z, a, b, bias []T, col, n int) {
	var buf [narrowTile]T
	s := buf[:n]
	for row := range p.m {
		x := a[row*p.aRow:]
		if p.bRow == 1 {
			for j := range s {
				s[j] = dot(x, p.aCol, b[(col+j)*p.bCol:][:p.k])
			}
		} else {
			p.sumColumns(s, x, b[col*p.bCol:])
		}
		p.finish(s, bias, row, col)
		store(z, row*p.cRow+col*p.cCol, p.cCol, s)
	}
}

// sumColumns is s[j] = Σ x[i]·b[i, j], four rows of b at a time.
func (p *product[T]) sumColumns(s, x, b []T) {
	clear(s)
	i := 0
	if p.bCol == 1 {
		for ; i+4 <= p.k; i += 4 {
			x0, x1, x2, x3 := x[i*p.aCol], x[(i+1)*p.aCol], x[(i+2)*p.aCol], x[(i+3)*p.aCol]
			b0, b1, b2, b3 := b[i*p.bRow:][:len(s)], b[(i+1)*p.bRow:][:len(s)], b[(i+2)*p.bRow:][:len(s)], b[(i+3)*p.bRow:][:len(s)]
			for j := range s {
				s[j] += (x0*b0[j] + x1*b1[j]) + (x2*b2[j] + x3*b3[j])
			}
		}
	}
	for ; i < p.k; i++ {
		v := x[i*p.aCol]
		at := i * p.bRow
		for j := range s {
			s[j] += v * b[at]
			at += p.bCol
		}
	}
}

// dot is Σ x[i·stride]·y[i] in eight lanes.
func dot[T float](x []T, stride int, y []T) T {
	if stride != 1 {
		var s T
		at := 0
		for _, v := range y {
			s += x[at] * v
			at += stride
		}
		return s
	}
	x = x[:len(y)]
	var a, b, c, d, e, f, g, h T
	for len(y) >= 8 && len(x) >= 8 {
		u, v := (*[8]T)(x), (*[8]T)(y)
		a += u[0] * v[0]
		b += u[1] * v[1]
		c += u[2] * v[2]
		d += u[3] * v[3]
		e += u[4] * v[4]
		f += u[5] * v[5]
		g += u[6] * v[6]
		h += u[7] * v[7]
		x, y = x[8:], y[8:]
	}
	s := ((a + b) + (c + d)) + ((e + f) + (g + h))
	for i, v := range y {
		s += x[i] * v
	}
	return s
}

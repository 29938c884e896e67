package cpu

import (
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("sort", Kernel{Plan: planSort}) }

// Rows are sorted by keys: unsigned integers in the order wanted, beside the
// number of the element.
type (
	keyWord            interface{ uint32 | uint64 }
	sortKey[K keyWord] struct {
		word   K
		number uint32
	}
)

// keyRule says how the bits of a dtype become keys.
type keyRule struct {
	bits       uint // of an element
	inf        uint64
	signed     bool
	descending bool
}

func newKeyRule(d ops.DType, descending bool) keyRule {
	r := keyRule{bits: uint(8 * d.Size()), descending: descending}
	switch d {
	case ops.F16:
		r.inf = 0x7c00
	case ops.BF16:
		r.inf = 0x7f80
	case ops.F32:
		r.inf = 0x7f800000
	case ops.F64:
		r.inf = 0x7ff0000000000000
	case ops.I32, ops.I64:
		r.signed = true
	}
	return r
}

// key is the key of an element: for floats −0 is +0 and every NaN the largest;
// of signed integers the sign bit is turned over; where the order descends, all
// bits are.
func (r keyRule) key(u uint64) uint64 {
	sign := uint64(1) << (r.bits - 1)
	ones := sign | (sign - 1)
	if r.inf > 0 {
		switch a := u &^ sign; {
		case a > r.inf:
			u = ones
		case a == 0:
			u = sign
		case u != a:
			u ^= ones
		default:
			u |= sign
		}
	} else if r.signed {
		u ^= sign
	}
	if r.descending {
		u ^= ones
	}
	return u
}

func planSort(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.In[0].DType.Size() {
	case 1:
		return planSortWords[uint8, uint32](c)
	case 2:
		return planSortWords[uint16, uint32](c)
	case 4:
		return planSortWords[uint32, uint32](c)
	}
	return planSortWords[uint64, uint64](c)
}

// planSortWords sorts rows in parallel, each in one goroutine.
func planSortWords[T word, K keyWord](c *ops.Call) (Run, int, error) {
	a, x := c.Attr.(ops.SortAttr), &c.In[0]
	n, step, rule := x.Shape[a.Dim], x.Strides[a.Dim], newKeyRule(x.DType, a.Descending)
	if n == 1 {
		step = 1
		for _, d := range x.Shape[a.Dim+1 : x.Rank] {
			step *= d
		}
	}
	rows := x.Len() / n
	body := func(c *ops.Call, lo, hi int) {
		x, y, index := Data[T](&c.In[0]), Data[T](&c.Out[0]), Data[int64](&c.Out[1])
		scratch := Data[sortKey[K]](&c.Scratch)
		for row := lo; row < hi; row++ {
			keys, other := scratch[2*row*n:][:n], scratch[(2*row+1)*n:][:n]
			at := row/step*step*n + row%step
			for i := range keys {
				keys[i] = sortKey[K]{K(rule.key(uint64(x[at+i*step]))), uint32(i)}
			}
			for i, k := range sortByWord(keys, other, rule.bits) {
				y[at+i*step] = x[at+int(k.number)*step]
				index[at+i*step] = int64(k.number)
			}
		}
	}
	var k sortKey[K]
	run, _, err := parallelRun(rows, max(1, mathGrain/8/n), body)
	return run, 2 * rows * n * int(unsafe.Sizeof(k)), err
}

// insertionSort is the most keys that are sorted by insertion.
const insertionSort = 48

// sortByWord sorts a by the low bits of the words, equal ones in their order,
// and returns a or b, where the result is: a radix sort by bytes from the
// lowest, leaving out those that are the same everywhere.
func sortByWord[K keyWord](a, b []sortKey[K], bits uint) []sortKey[K] {
	if len(a) <= insertionSort {
		for i := 1; i < len(a); i++ {
			k, j := a[i], i
			for ; j > 0 && a[j-1].word > k.word; j-- {
				a[j] = a[j-1]
			}
			a[j] = k
		}
		return a
	}
	var count [8][256]uint32
	digits := int(bits+7) / 8
	for _, k := range a {
		for d := range digits {
			count[d][uint8(k.word>>(8*d))]++
		}
	}
	for d := range digits {
		start, shift := &count[d], 8*d
		if start[uint8(a[0].word>>shift)] == uint32(len(a)) {
			continue
		}
		sum := uint32(0)
		for i, n := range start {
			start[i] = sum
			sum += n
		}
		for _, k := range a {
			at := &start[uint8(k.word>>shift)]
			b[*at] = k
			*at++
		}
		a, b = b, a
	}
	return a
}

package cpu

import (
	"sync"

	"github.com/tuff-ml/tuff/ops"
)

// Grains: how many elements are worth a piece of their own, some 10 µs of work.
const (
	cheapGrain = 32768 // loops bound by memory
	mathGrain  = 4096  // a function call an element
)

// temporary is where strided operands are gathered. It cannot lie on the
// stack, because the loops that read it are called through function values.
type temporary[T any] struct{ x, y [block]T }

type temporaries[T any] struct{ pool sync.Pool }

func (t *temporaries[T]) get() *temporary[T] {
	if b, ok := t.pool.Get().(*temporary[T]); ok {
		return b
	}
	return new(temporary[T])
}

func (t *temporaries[T]) put(b *temporary[T]) { t.pool.Put(b) }

// mapBody runs f, a loop over dense slices, over output and input 0 of a call,
// through which w walks.
func mapBody[Z, T any](w *walk, f func(z []Z, x []T, k [2]float64)) Body {
	if w.flat(2) {
		return func(c *ops.Call, lo, hi int) {
			f(Data[Z](&c.Out[0])[lo:hi], Data[T](&c.In[0])[lo:hi], c.Const)
		}
	}
	var pool temporaries[T]
	s := w.inner(1)
	return func(c *ops.Call, lo, hi int) {
		z, x, k := Data[Z](&c.Out[0]), Data[T](&c.In[0]), c.Const
		b := pool.get()
		w.each(lo, hi, func(n int, at offsets) {
			for i := 0; i < n; i += block {
				m := min(block, n-i)
				f(z[at[0]+i:at[0]+i+m], load(b.x[:], x, at[1]+i*s, s, m), k)
			}
		})
		pool.put(b)
	}
}

// zipBody is mapBody for two inputs.
func zipBody[Z, T any](w *walk, f func(z []Z, x, y []T, k [2]float64)) Body {
	if w.flat(3) {
		return func(c *ops.Call, lo, hi int) {
			f(Data[Z](&c.Out[0])[lo:hi], Data[T](&c.In[0])[lo:hi], Data[T](&c.In[1])[lo:hi], c.Const)
		}
	}
	var pool temporaries[T]
	sx, sy := w.inner(1), w.inner(2)
	return func(c *ops.Call, lo, hi int) {
		z, x, y, k := Data[Z](&c.Out[0]), Data[T](&c.In[0]), Data[T](&c.In[1]), c.Const
		b := pool.get()
		w.each(lo, hi, func(n int, at offsets) {
			for i := 0; i < n; i += block {
				m := min(block, n-i)
				f(z[at[0]+i:at[0]+i+m], load(b.x[:], x, at[1]+i*sx, sx, m), load(b.y[:], y, at[2]+i*sy, sy, m), k)
			}
		})
		pool.put(b)
	}
}

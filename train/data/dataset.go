// Package data brings examples to a training loop: datasets, the order in
// which they are visited, batches, and readers of file formats.
//
// Everything here lies in host memory; the package knows no device. A
// Dataset's At may be called from many goroutines at once. The order of an
// epoch depends on seed and epoch number only, never on the number of workers.
package data

import "fmt"

// Dataset is a list of examples. At is safe for concurrent calls, and its
// index is in [0, Len).
type Dataset[T any] interface {
	Len() int
	At(i int) (T, error)
}

// Slice is a Dataset of what a slice holds.
type Slice[T any] []T

// Len is the number of examples.
func (d Slice[T]) Len() int { return len(d) }

// At is example i.
func (d Slice[T]) At(i int) (T, error) {
	if err := inRange(i, len(d)); err != nil {
		var none T
		return none, fmt.Errorf("data: slice: %w", err)
	}
	return d[i], nil
}

// Subset is the part of a Dataset that a list of indices names, in its order.
type Subset[T any] struct {
	Of      Dataset[T]
	Indices []int
}

// NewSubset checks the indices. They are kept, not copied.
func NewSubset[T any](d Dataset[T], indices []int) (Subset[T], error) {
	if err := wantIndices("subset", indices, d.Len()); err != nil {
		return Subset[T]{}, err
	}
	return Subset[T]{d, indices}, nil
}

// Len is the number of indices.
func (d Subset[T]) Len() int { return len(d.Indices) }

// At is the example that index i names.
func (d Subset[T]) At(i int) (T, error) {
	if err := inRange(i, len(d.Indices)); err != nil {
		var none T
		return none, fmt.Errorf("data: subset: %w", err)
	}
	return d.Of.At(d.Indices[i])
}

// Map is a Dataset whose examples are computed from another's.
type Map[S, T any] struct {
	Of Dataset[S]
	F  func(S) (T, error) // called from many goroutines at once
}

// Len is the number of examples.
func (d Map[S, T]) Len() int { return d.Of.Len() }

// At is F of example i.
func (d Map[S, T]) At(i int) (T, error) {
	x, err := d.Of.At(i)
	if err != nil {
		var none T
		return none, err
	}
	return d.F(x)
}

// Pair is one example with its target, or a batch of them one after another:
// row-major host memory for ops.FromSlice.
type Pair[X, Y any] struct {
	X []X
	Y []Y
	N int // number of examples
}

// Table is a Dataset of N rows that lie one after another, as torch's
// TensorDataset of two tensors. At copies nothing.
type Table[X, Y any] struct{ all Pair[X, Y] }

// NewTable makes a Table of n rows; the lengths of x and y are multiples of n.
func NewTable[X, Y any](x []X, y []Y, n int) (Table[X, Y], error) {
	if n < 0 || n == 0 && len(x)+len(y) > 0 || n > 0 && (len(x)%n != 0 || len(y)%n != 0) {
		return Table[X, Y]{}, fmt.Errorf("data: table: wanted numbers of values that are multiples of %d rows, got %d and %d", n, len(x), len(y))
	}
	return Table[X, Y]{Pair[X, Y]{x, y, n}}, nil
}

// Len is the number of rows.
func (t Table[X, Y]) Len() int { return t.all.N }

// At is row i.
func (t Table[X, Y]) At(i int) (Pair[X, Y], error) {
	if err := inRange(i, t.all.N); err != nil {
		return Pair[X, Y]{}, fmt.Errorf("data: table: %w", err)
	}
	nx, ny := len(t.all.X)/t.all.N, len(t.all.Y)/t.all.N
	return Pair[X, Y]{t.all.X[i*nx : (i+1)*nx : (i+1)*nx], t.all.Y[i*ny : (i+1)*ny : (i+1)*ny], 1}, nil
}

// Stack is the Collate of pairs: it copies them one after another. They are
// all of the same size.
func Stack[X, Y any](items []Pair[X, Y]) (Pair[X, Y], error) {
	var b Pair[X, Y]
	if len(items) == 0 {
		return b, nil
	}
	nx, ny := len(items[0].X), len(items[0].Y)
	b.X, b.Y = make([]X, 0, nx*len(items)), make([]Y, 0, ny*len(items))
	for i, p := range items {
		if len(p.X) != nx || len(p.Y) != ny {
			return Pair[X, Y]{}, fmt.Errorf("data: stack: wanted pairs of one size, %d and %d values, got %d and %d in number %d", nx, ny, len(p.X), len(p.Y), i)
		}
		b.X, b.Y, b.N = append(b.X, p.X...), append(b.Y, p.Y...), b.N+p.N
	}
	return b, nil
}

func inRange(i, n int) error {
	if i < 0 || i >= n {
		return fmt.Errorf("wanted an index in [0, %d), got %d", n, i)
	}
	return nil
}

func wantIndices(what string, indices []int, n int) error {
	for k, i := range indices {
		if i < 0 || i >= n {
			return fmt.Errorf("data: %s: wanted indices in [0, %d), got %d at position %d", what, n, i, k)
		}
	}
	return nil
}

package data_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tuff-ml/tuff/train/data"
)

func ExampleLoader() {
	d, err := data.NewTable([]float32{0, 1, 2, 3, 4, 5, 6, 7}, []int64{0, 1, 2, 3}, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := data.NewLoader(d, data.Stack, data.LoaderOptions{BatchSize: 3, Workers: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for b, err := range l.Epoch(context.Background(), 0) {
		fmt.Println(b.N, b.X, b.Y, err)
	}
	// Output:
	// 3 [0 1 2 3 4 5] [0 1 2] <nil>
	// 1 [6 7] [3] <nil>
}

func ExampleSubsetRandomSampler() {
	p := data.SubsetRandomSampler{Subset: []int{10, 11, 12, 13}, Seed: 1}
	first := p.Indices(0)
	fmt.Println(slices.Equal(first, p.Indices(0)), len(first))
	slices.Sort(first)
	fmt.Println(first)
	// Output:
	// true 4
	// [10 11 12 13]
}

// keep is a Collate that copies.
func keep(items []int) ([]int, error) { return slices.Clone(items), nil }

func numbers(n int) data.Slice[int] { return data.SequentialSampler{N: n}.Indices(0) }

// epoch collects the batches of one epoch.
func epoch(t *testing.T, l *data.Loader[int, []int], n int) (out [][]int) {
	t.Helper()
	for b, err := range l.Epoch(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func loader(t *testing.T, d data.Dataset[int], o data.LoaderOptions) *data.Loader[int, []int] {
	t.Helper()
	l, err := data.NewLoader(d, keep, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// slow takes longer for some examples, so that workers finish out of order.
type slow struct{ data.Slice[int] }

func (d slow) At(i int) (int, error) {
	if i%7 == 0 {
		time.Sleep(time.Millisecond)
	}
	return d.Slice.At(i)
}

// TestSameOrder: every index comes once, in an order that depends on seed and
// epoch but not on the number of workers.
func TestSameOrder(t *testing.T) {
	const n = 103
	var want [][]int
	for _, workers := range []int{0, 1, 4, 16} {
		l := loader(t, slow{numbers(n)}, data.LoaderOptions{BatchSize: 8, Shuffle: true, Seed: 5, Workers: workers})
		got := epoch(t, l, 3)
		if want == nil {
			want = got
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%d workers: wanted %v, got %v", workers, want, got)
		}
		if len(got) != l.Len() || l.Len() != 13 || l.Examples() != n {
			t.Errorf("wanted 13 batches of %d examples, got %d, Len %d, Examples %d", n, len(got), l.Len(), l.Examples())
		}
	}
	flat := slices.Concat(want...)
	other := slices.Concat(epoch(t, loader(t, numbers(n), data.LoaderOptions{BatchSize: 8, Shuffle: true, Seed: 5}), 4)...)
	seed := slices.Concat(epoch(t, loader(t, numbers(n), data.LoaderOptions{BatchSize: 8, Shuffle: true, Seed: 6}), 3)...)
	if slices.Equal(flat, other) || slices.Equal(flat, seed) || slices.IsSorted(flat) {
		t.Error("wanted other orders in other epochs and for other seeds, and a shuffled one")
	}
	slices.Sort(flat)
	if !slices.Equal(flat, numbers(n)) {
		t.Errorf("wanted every index once, got %v", flat)
	}
}

func TestDropLast(t *testing.T) {
	for _, c := range []struct {
		n, batch int
		drop     bool
		want     []int
	}{
		{10, 4, false, []int{4, 4, 2}}, {10, 4, true, []int{4, 4}}, {8, 4, true, []int{4, 4}}, {8, 4, false, []int{4, 4}},
		{3, 4, true, nil}, {3, 4, false, []int{3}}, {0, 4, false, nil}, {2, 0, false, []int{1, 1}},
	} {
		for _, workers := range []int{0, 3} {
			l := loader(t, numbers(c.n), data.LoaderOptions{BatchSize: c.batch, DropLast: c.drop, Workers: workers})
			var got []int
			total := 0
			for _, b := range epoch(t, l, 0) {
				got, total = append(got, len(b)), total+len(b)
			}
			if !slices.Equal(got, c.want) || l.Len() != len(c.want) || l.Examples() != total {
				t.Errorf("%+v: wanted batches of %v, got %v, Len %d, Examples %d", c, c.want, got, l.Len(), l.Examples())
			}
		}
	}
}

// TestBreak: breaking off leaves no goroutine behind.
func TestBreak(t *testing.T) {
	before := runtime.NumGoroutine()
	l := loader(t, slow{numbers(1000)}, data.LoaderOptions{BatchSize: 4, Workers: 8})
	for i := range 20 {
		n := 0
		for _, err := range l.Epoch(t.Context(), i) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n > i%5 {
				break
			}
		}
	}
	wantGoroutines(t, before)
}

var errBroken = errors.New("broken file")

type broken struct {
	data.Slice[int]
	at    int
	calls *atomic.Int32
}

func (d broken) At(i int) (int, error) {
	d.calls.Add(1)
	if i == d.at {
		return 0, errBroken
	}
	return d.Slice.At(i)
}

// TestErrors: an error names the example, comes behind the batches before it,
// and ends the epoch.
func TestErrors(t *testing.T) {
	for _, workers := range []int{0, 1, 4} {
		calls := &atomic.Int32{}
		l := loader(t, broken{numbers(1000), 13, calls}, data.LoaderOptions{BatchSize: 5, Workers: workers})
		good, bad := 0, 0
		for b, err := range l.Epoch(t.Context(), 0) {
			if err == nil {
				good++
				continue
			}
			bad++
			if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "example 13") || b != nil {
				t.Errorf("wanted an error that names example 13, got %v and batch %v", err, b)
			}
		}
		if good != 2 || bad != 1 || calls.Load() > 100 {
			t.Errorf("%d workers: wanted 2 batches and 1 error after few examples, got %d, %d, %d", workers, good, bad, calls.Load())
		}
	}
	l, err := data.NewLoader(numbers(4), func([]int) (int, error) { return 0, errBroken }, data.LoaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range l.Epoch(t.Context(), 0) {
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "examples [0]") {
			t.Errorf("wanted collate's error, got %v", err)
		}
	}
}

func TestCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, workers := range []int{0, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		l := loader(t, numbers(100), data.LoaderOptions{BatchSize: 5, Workers: workers})
		good := 0
		var last error
		for _, err := range l.Epoch(ctx, 0) {
			if last = err; err != nil {
				continue
			}
			if good++; good == 3 {
				cancel()
			}
		}
		cancel()
		if !errors.Is(last, context.Canceled) || good != 3 || !strings.Contains(last.Error(), "after 3 of 20 batches") {
			t.Errorf("%d workers: wanted 3 batches and the context's error, got %d, %v", workers, good, last)
		}
	}
	wantGoroutines(t, before)
}

// wantGoroutines waits for goroutines that have done their work to be gone.
func wantGoroutines(t *testing.T, most int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= most {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("wanted %d goroutines, got %d a second later", most, runtime.NumGoroutine())
}

// TestPanic: a panic in a worker comes out where the loop is.
func TestPanic(t *testing.T) {
	l, err := data.NewLoader(numbers(9), func([]int) (int, error) { panic("collate") }, data.LoaderOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r := recover(); r != "collate" {
			t.Errorf("wanted the worker's panic, got %v", r)
		}
	}()
	for range l.Epoch(t.Context(), 0) {
	}
	t.Error("wanted a panic")
}

func TestOptions(t *testing.T) {
	for want, o := range map[string]data.LoaderOptions{
		"wanted a batch size, workers and prefetch of at least 0, got -1, 0 and 0": {BatchSize: -1},
		"wanted Shuffle or a Sampler, got both":                                    {Shuffle: true, Sampler: data.SequentialSampler{N: 3}},
	} {
		if _, err := data.NewLoader(numbers(3), keep, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	if _, err := data.NewLoader[int, []int](nil, keep, data.LoaderOptions{}); err == nil {
		t.Error("wanted an error for no dataset")
	}
	l := loader(t, numbers(3), data.LoaderOptions{Sampler: data.SubsetRandomSampler{Subset: []int{1, 3}}})
	for _, err := range l.Epoch(t.Context(), 0) {
		if err == nil || !strings.Contains(err.Error(), "wanted indices in [0, 3), got 3") {
			t.Errorf("wanted an error about index 3, got %v", err)
		}
	}
	for _, err := range l.Epoch(t.Context(), -1) {
		if err == nil || !strings.Contains(err.Error(), "got -1") {
			t.Errorf("wanted an error about epoch −1, got %v", err)
		}
	}
}

// TestShuffleIsFair: over many epochs each number stands equally often in each
// place. χ² of 5 rows with 4 degrees of freedom each: 20 in all, whose 99.99 %
// quantile is 52.4.
func TestShuffleIsFair(t *testing.T) {
	const n, epochs = 5, 5000
	var counts [n][n]int
	p := data.RandomSampler{N: n, Seed: 3}
	for e := range epochs {
		for at, v := range p.Indices(e) {
			counts[at][v]++
		}
	}
	chi := 0.0
	for _, row := range counts {
		for _, c := range row {
			d := float64(c) - epochs/n
			chi += d * d / (epochs / n)
		}
	}
	if chi > 52.4 {
		t.Errorf("wanted χ² below 52.4, got %v: %v", chi, counts)
	}
}

func TestDatasets(t *testing.T) {
	sub, err := data.NewSubset(numbers(10), []int{9, 3})
	if err != nil {
		t.Fatal(err)
	}
	twice := data.Map[int, string]{Of: sub, F: func(i int) (string, error) { return fmt.Sprint(2 * i), nil }}
	if v, err := twice.At(1); v != "6" || err != nil || twice.Len() != 2 {
		t.Errorf("wanted 6 of 2, got %q of %d, %v", v, twice.Len(), err)
	}
	_, serr := data.NewSubset(numbers(2), []int{2})
	_, terr := data.NewTable([]int{1, 2, 3}, []int{1, 2}, 2)
	_, aerr := sub.At(2)
	_, kerr := data.Stack([]data.Pair[int, int]{{X: []int{1}, N: 1}, {X: []int{1, 2}, N: 1}})
	for want, err := range map[string]error{
		"data: subset: wanted indices in [0, 2), got 2 at position 0":                     serr,
		"data: table: wanted numbers of values that are multiples of 2 rows, got 3 and 2": terr,
		"data: subset: wanted an index in [0, 2), got 2":                                  aerr,
		"data: stack: wanted pairs of one size, 1 and 0 values, got 2 and 0 in number 1":  kerr,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

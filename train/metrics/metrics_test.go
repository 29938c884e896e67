package metrics

import (
	"fmt"
	"math"
	"testing"
)

func ExampleConfusion() {
	c := NewConfusion(2)
	if err := c.Add([]int64{0, 0, 1, 1, 1}, []int64{0, 1, 1, 1, 0}); err != nil {
		fmt.Println(err)
	}
	s, _ := c.Score(Binary)
	fmt.Print(c)
	fmt.Printf("accuracy %.2f, precision %.3f, recall %.3f, F1 %.3f\n", c.Accuracy(), s.Precision, s.Recall, s.F1)
	// Output:
	// 1 1
	// 1 2
	// accuracy 0.60, precision 0.667, recall 0.667, F1 0.667
}

// TestThreeClasses: the numbers are derived by hand from scikit-learn's
// definitions (user guide, section "Classification metrics"). Targets
// 0 0 0 0 1 1 1 2 2 2, predictions 0 0 1 2 1 1 0 2 2 1, so the matrix is
//
//	2 1 1
//	1 2 0
//	0 1 2
//
// class 0: TP 2, predicted 3, target 4: P 2/3, R 1/2, F1 4/7
// class 1: TP 2, predicted 4, target 3: P 1/2, R 2/3, F1 4/7
// class 2: TP 2, predicted 3, target 3: P 2/3, R 2/3, F1 2/3
//
// A fourth class does not occur: averages leave it out.
func TestThreeClasses(t *testing.T) {
	c := NewConfusion(4)
	if err := c.Add([]int64{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, []int64{0, 0, 1, 2, 1, 1, 0, 2, 2, 1}); err != nil {
		t.Fatal(err)
	}
	near(t, "accuracy", c.Accuracy(), 0.6)
	for k, want := range []Score{
		{2. / 3, 1. / 2, 4. / 7}, {1. / 2, 2. / 3, 4. / 7}, {2. / 3, 2. / 3, 2. / 3}, {},
	} {
		equal(t, fmt.Sprintf("class %d", k), c.PerClass()[k], want)
	}
	for a, want := range map[Average]Score{
		Macro:    {11. / 18, 11. / 18, (4./7 + 4./7 + 2./3) / 3},
		Micro:    {0.6, 0.6, 0.6},
		Weighted: {(4*2./3 + 3*1./2 + 3*2./3) / 10, 0.6, (4*4./7 + 3*4./7 + 3*2./3) / 10},
	} {
		got, err := c.Score(a)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, a.String(), got, want)
	}
}

// TestZeroDivision: a class that is never predicted has precision 0, one that
// is never a target recall 0, as with zero_division=0; both count in Macro.
// Targets 0 0 1, predictions 0 0 2: class 0 all 1, classes 1 and 2 all 0.
func TestZeroDivision(t *testing.T) {
	c := NewConfusion(3)
	if err := c.Add([]int64{0, 0, 1}, []int64{0, 0, 2}); err != nil {
		t.Fatal(err)
	}
	got, _ := c.Score(Macro)
	equal(t, "macro", got, Score{1. / 3, 1. / 3, 1. / 3})
	empty := NewConfusion(2)
	got, err := empty.Score(Binary)
	if err != nil || empty.Accuracy() != 0 {
		t.Errorf("empty: wanted 0 and no error, got %v, %v", empty.Accuracy(), err)
	}
	equal(t, "empty", got, Score{})
}

func TestBinary(t *testing.T) { // class 1: TP 3, predicted 4, target 5
	c := NewConfusion(2)
	if err := c.Add([]int64{1, 1, 1, 1, 1, 0, 0}, []int64{1, 1, 1, 0, 0, 1, 0}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Score(Binary)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "binary", got, Score{0.75, 0.6, 2. / 3})
	other := NewConfusion(2)
	_ = other.Add([]int64{0}, []int64{0})
	if err := c.Merge(other); err != nil || c.Count(0, 0) != 2 || c.Total() != 8 {
		t.Errorf("merge: wanted 2 of 8, got %d of %d, %v", c.Count(0, 0), c.Total(), err)
	}
}

func TestErrors(t *testing.T) {
	c := NewConfusion(3)
	for what, err := range map[string]error{
		"metrics: confusion: wanted as many predictions as targets, got 1 and 2":                     c.Add([]int64{0, 1}, []int64{0}),
		"metrics: confusion: wanted classes in [0, 3), got target 0 and prediction 3 at position 1":  c.Add([]int64{1, 0}, []int64{1, 3}),
		"metrics: confusion: wanted classes in [0, 3), got target -1 and prediction 0 at position 0": c.Add([]int64{-1}, []int64{0}),
		"metrics: confusion: wanted a matrix of 3 classes, got 2":                                    c.Merge(NewConfusion(2)),
		"metrics: score: wanted two classes for the binary average, got 3":                           second(c.Score(Binary)),
		"metrics: score: wanted the average Binary, Macro, Micro or Weighted, got average(9)":        second(c.Score(9)),
		"metrics: accuracy: wanted as many predictions as targets, got 0 and 1":                      second(Accuracy([]int64{1}, nil)),
	} {
		if err == nil || err.Error() != what {
			t.Errorf("wanted %q, got %v", what, err)
		}
	}
	if c.Total() != 0 {
		t.Errorf("wanted nothing counted by failing calls, got %d", c.Total())
	}
	if a, err := Accuracy([]int64{1, 2, 3, 4}, []int64{1, 2, 0, 4}); a != 0.75 || err != nil {
		t.Errorf("accuracy: wanted 0.75, got %v, %v", a, err)
	}
}

func second[T any](_ T, err error) error { return err }

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%s: wanted %v, got %v", what, want, got)
	}
}

func equal(t *testing.T, what string, got, want Score) {
	t.Helper()
	near(t, what+" precision", got.Precision, want.Precision)
	near(t, what+" recall", got.Recall, want.Recall)
	near(t, what+" F1", got.F1, want.F1)
}

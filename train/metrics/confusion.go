// Package metrics measures classifiers: accuracy, precision, recall, F1 and
// the confusion matrix, with scikit-learn's definitions. It works on class
// numbers in host memory and knows no tensor.
package metrics

import (
	"fmt"
	"strings"
)

// Confusion counts how often each class was taken for each: the confusion
// matrix. The zero value has no classes; use NewConfusion.
type Confusion struct {
	classes int
	counts  []int64 // [target, predicted]
}

// NewConfusion makes an empty matrix for classes 0 … classes−1.
func NewConfusion(classes int) *Confusion {
	classes = max(classes, 0)
	return &Confusion{classes, make([]int64, classes*classes)}
}

// Add counts pairs of true and predicted classes. Slices of unlike length, or
// a class outside [0, classes), are an error, and nothing is counted.
func (c *Confusion) Add(target, predicted []int64) error {
	if len(target) != len(predicted) {
		return fmt.Errorf("metrics: confusion: wanted as many predictions as targets, got %d and %d", len(predicted), len(target))
	}
	for i := range target {
		if t, p := target[i], predicted[i]; t < 0 || t >= int64(c.classes) || p < 0 || p >= int64(c.classes) {
			return fmt.Errorf("metrics: confusion: wanted classes in [0, %d), got target %d and prediction %d at position %d", c.classes, t, p, i)
		}
	}
	for i := range target {
		c.counts[target[i]*int64(c.classes)+predicted[i]]++
	}
	return nil
}

// Merge adds another matrix's counts.
func (c *Confusion) Merge(o *Confusion) error {
	if c.classes != o.classes {
		return fmt.Errorf("metrics: confusion: wanted a matrix of %d classes, got %d", c.classes, o.classes)
	}
	for i, n := range o.counts {
		c.counts[i] += n
	}
	return nil
}

// Classes is the number of classes.
func (c *Confusion) Classes() int { return c.classes }

// Count is how often class target was taken for class predicted.
func (c *Confusion) Count(target, predicted int) int64 { return c.counts[target*c.classes+predicted] }

// Total is the number of pairs.
func (c *Confusion) Total() int64 {
	n := int64(0)
	for _, v := range c.counts {
		n += v
	}
	return n
}

// Support is how often a class was the target.
func (c *Confusion) Support(class int) int64 {
	n := int64(0)
	for p := range c.classes {
		n += c.Count(class, p)
	}
	return n
}

// Predicted is how often a class was predicted.
func (c *Confusion) Predicted(class int) int64 {
	n := int64(0)
	for t := range c.classes {
		n += c.Count(t, class)
	}
	return n
}

// correct is the number of pairs on the diagonal.
func (c *Confusion) correct() int64 {
	n := int64(0)
	for k := range c.classes {
		n += c.Count(k, k)
	}
	return n
}

// String is the matrix as text, a row for each true class.
func (c *Confusion) String() string {
	width := 1
	for _, v := range c.counts {
		width = max(width, len(fmt.Sprint(v)))
	}
	var b strings.Builder
	for t := range c.classes {
		for p := range c.classes {
			if p > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%*d", width, c.Count(t, p))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package metrics

import "fmt"

// Average says how the scores of single classes become one.
type Average uint8

// The averages, as scikit-learn names them. Macro and Weighted leave out the
// classes that were neither target nor prediction.
const (
	Binary   Average = iota // the score of class 1; there are two classes
	Macro                   // the plain mean over classes
	Micro                   // of the counts of all classes together
	Weighted                // the mean over classes, by how often each was the target
)

func (a Average) String() string {
	if int(a) < 4 {
		return [...]string{"binary", "macro", "micro", "weighted"}[a]
	}
	return fmt.Sprintf("average(%d)", uint8(a))
}

// Score has precision, recall and F1, each between 0 and 1. One whose
// denominator is 0 is 0, as with scikit-learn's zero_division=0.
type Score struct {
	Precision float64 `json:"precision"` // TP / (TP + FP)
	Recall    float64 `json:"recall"`    // TP / (TP + FN)
	F1        float64 `json:"f1"`        // 2·TP / (2·TP + FP + FN)
}

// ratio is n/d, and 0 where d is.
func ratio(n, d int64) float64 {
	if d == 0 {
		return 0
	}
	return float64(n) / float64(d)
}

func score(hit, predicted, target int64) Score {
	return Score{ratio(hit, predicted), ratio(hit, target), ratio(2*hit, predicted+target)}
}

// Accuracy is the share of right predictions, 0 when there are none.
func (c *Confusion) Accuracy() float64 { return ratio(c.correct(), c.Total()) }

// Class is the score of one class against the rest. The class is in
// [0, classes).
func (c *Confusion) Class(k int) Score { return score(c.Count(k, k), c.Predicted(k), c.Support(k)) }

// PerClass are the scores of all classes.
func (c *Confusion) PerClass() []Score {
	out := make([]Score, c.classes)
	for k := range out {
		out[k] = c.Class(k)
	}
	return out
}

// Score averages the scores of the classes. Binary of other than two classes
// is an error.
func (c *Confusion) Score(a Average) (Score, error) {
	switch a {
	case Binary:
		if c.classes != 2 {
			return Score{}, fmt.Errorf("metrics: score: wanted two classes for the binary average, got %d", c.classes)
		}
		return c.Class(1), nil
	case Micro:
		return score(c.correct(), c.Total(), c.Total()), nil
	case Macro, Weighted:
		return c.mean(a == Weighted), nil
	}
	return Score{}, fmt.Errorf("metrics: score: wanted the average Binary, Macro, Micro or Weighted, got %v", a)
}

// mean averages over classes, each weighing 1 or its support.
func (c *Confusion) mean(weighted bool) (m Score) {
	total := 0.0
	for k := range c.classes {
		support := c.Support(k)
		if support+c.Predicted(k) == 0 {
			continue
		}
		w, s := 1.0, c.Class(k)
		if weighted {
			w = float64(support)
		}
		total += w
		m.Precision += w * s.Precision
		m.Recall += w * s.Recall
		m.F1 += w * s.F1
	}
	if total > 0 {
		m.Precision /= total
		m.Recall /= total
		m.F1 /= total
	}
	return m
}

// Accuracy is the share of equal elements; slices of unlike length are an
// error.
func Accuracy(target, predicted []int64) (float64, error) {
	if len(target) != len(predicted) {
		return 0, fmt.Errorf("metrics: accuracy: wanted as many predictions as targets, got %d and %d", len(predicted), len(target))
	}
	hit := int64(0)
	for i := range target {
		if target[i] == predicted[i] {
			hit++
		}
	}
	return ratio(hit, int64(len(target))), nil
}

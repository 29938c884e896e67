package progress_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/progress"
)

func ExampleBar() {
	h := progress.Bar(os.Stdout) // a program gives os.Stderr to a loop's Hooks
	_ = h.Start(train.Plan{Epochs: 3, StepsPerEpoch: 10})
	_ = h.Epoch(train.EpochStats{Epoch: 0, Loss: 1.25, Seconds: 2, Metrics: map[string]float64{"test_accuracy": 0.5}})
	h.End(&train.Result{})
	// Output: epoch 1/3  loss 1.2500  test accuracy 0.5000  2.0 s
}

type writer struct {
	text strings.Builder
	fail bool
}

func (w *writer) Write(p []byte) (int, error) {
	if w.fail {
		return 0, errors.New("closed")
	}
	return w.text.Write(p)
}

// TestBar: a bar for each epoch, whether the number of steps is known or not;
// a closed terminal does not end a training.
func TestBar(t *testing.T) {
	for _, steps := range []int{2, 0} {
		for _, fail := range []bool{false, true} {
			w := &writer{fail: fail}
			h := progress.Bar(w)
			if err := h.Start(train.Plan{Epochs: 2, StepsPerEpoch: steps}); err != nil {
				t.Error(err)
			}
			for e := range 2 {
				for s := range 2 {
					if err := h.Step(train.StepStats{Epoch: e, Step: s, Loss: 0.5}); err != nil {
						t.Error(err)
					}
				}
				if err := h.Epoch(train.EpochStats{Epoch: e, Loss: 0.5}); err != nil {
					t.Error(err)
				}
			}
			h.End(&train.Result{})
			if got := w.text.String(); !fail && (!strings.Contains(got, "epoch 1/2  loss 0.5000") || strings.Count(got, "\n") != 2) {
				t.Errorf("%d steps: wanted a line for each of two epochs, got %q", steps, got)
			}
		}
	}
}

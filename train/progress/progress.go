// Package progress shows a training's progress as a bar, on standard error or
// wherever it is told, as hooks of the loop.
package progress

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/tuff-ml/tuff/train"
)

// Bar makes hooks that draw on w a bar for each epoch, with the loss of the
// last step, and behind it a line with the epoch's figures. Errors of w are
// not the training's and are passed over.
func Bar(w io.Writer) train.Hooks {
	b := &bar{w: w}
	return train.Hooks{Start: b.start, Step: b.step, Epoch: b.epoch, End: b.end}
}

type bar struct {
	w    io.Writer
	plan train.Plan
	now  *progressbar.ProgressBar
}

func (b *bar) start(p train.Plan) error {
	b.plan = p
	return nil
}

func (b *bar) step(s train.StepStats) error {
	if b.now == nil {
		total := b.plan.StepsPerEpoch
		if total == 0 {
			total = -1 // a spinner
		}
		b.now = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100_000_000), // nanoseconds
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine that writes on its own
		)
	}
	b.now.Describe(fmt.Sprintf("epoch %d/%d  loss %.4f", s.Epoch+1, b.plan.Epochs, s.Loss))
	_ = b.now.Add(1)
	return nil
}

func (b *bar) epoch(e train.EpochStats) error {
	b.clear()
	var line strings.Builder
	fmt.Fprintf(&line, "epoch %d/%d  loss %.4f", e.Epoch+1, b.plan.Epochs, e.Loss)
	for _, name := range slices.Sorted(maps.Keys(e.Metrics)) {
		fmt.Fprintf(&line, "  %s %.4f", strings.ReplaceAll(name, "_", " "), e.Metrics[name])
	}
	fmt.Fprintf(&line, "  %.1f s\n", e.Seconds)
	_, _ = io.WriteString(b.w, line.String())
	return nil
}

func (b *bar) end(*train.Result) { b.clear() }

func (b *bar) clear() {
	if b.now != nil {
		_ = b.now.Clear()
		_ = b.now.Exit()
		b.now = nil
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/checkpoint"
	"github.com/tuff-ml/tuff/train/curves"
	"github.com/tuff-ml/tuff/train/progress"
)

// trainFlags are those of every command that trains.
type trainFlags struct {
	epochs, batch int
	lr            float64
	seed          uint64
	out           string // folder for files; "": none are written
}

func (f *trainFlags) add(c *cobra.Command, defaults trainFlags) {
	fs := c.Flags()
	fs.IntVar(&f.epochs, "epochs", defaults.epochs, "how often to go through the training data")
	fs.Float64Var(&f.lr, "lr", defaults.lr, "learning rate")
	fs.Uint64Var(&f.seed, "seed", defaults.seed, "seed of data, weights and order: equal seeds, equal results")
	fs.StringVar(&f.out, "out", defaults.out, `folder for the files; "" writes none`)
	f.batch = defaults.batch
}

func (f *trainFlags) batchFlag(c *cobra.Command) {
	c.Flags().IntVar(&f.batch, "batch", f.batch, "examples in a step")
}

// check refuses values that cannot be meant.
func (f *trainFlags) check() error {
	switch {
	case f.epochs < 1:
		return usagef("--epochs: wanted at least 1, got %d", f.epochs)
	case f.batch < 1:
		return usagef("--batch: wanted at least 1, got %d", f.batch)
	case !(f.lr > 0) || math.IsInf(f.lr, 0):
		return usagef("--lr: wanted a number above 0, got %v", f.lr)
	}
	return nil
}

// outFolder makes the folder for files, before any work is done in vain.
func (f *trainFlags) outFolder() error {
	if f.out == "" {
		return nil
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("--out: wanted a folder to write to: %w", err)
	}
	return nil
}

// bar shows the progress on stderr: a moving bar on a terminal, and a line for
// each epoch everywhere.
func (a *app) bar() train.Hooks {
	h := progress.Bar(a.stderr)
	if !isTerminal(a.stderr) {
		h.Step = nil
	}
	return h
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// epochLine is what --json prints for an epoch: its number, from 1, loss,
// metrics and seconds in one flat object.
func (a *app) epochLine(e train.EpochStats) error {
	line := map[string]any{"epoch": e.Epoch + 1, "steps": e.Steps, "loss": e.Loss, "seconds": e.Seconds}
	for name, v := range e.Metrics {
		line[name] = v
	}
	return a.printJSON(line)
}

// wantFinite refuses a loss that is not a number on held-out data, behind that
// many steps of an epoch.
func wantFinite(epoch, steps int, loss float64) error {
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &train.LossError{Epoch: epoch, Step: steps - 1, Loss: loss}
	}
	return nil
}

// trained tells how a training ended: the error of the loop in the words of
// the command line.
func trained(ctx context.Context, err error) error {
	var bad *train.LossError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return fmt.Errorf("%w; a smaller --lr may help", err)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return context.Cause(ctx)
	}
	return err
}

// savedModel is what is written behind a training.
type savedModel struct {
	tensors iter.Seq2[string, *ops.Tensor]
	meta    map[string]string
}

// save writes the model and the curves to the folder of --out and returns
// the files. It works on a context that Ctrl-C does not end.
func (f *trainFlags) save(ctx context.Context, m savedModel, history []train.EpochStats) (files []string, err error) {
	if f.out == "" {
		return nil, nil
	}
	file := filepath.Join(f.out, "model.safetensors")
	if err := checkpoint.Save(context.WithoutCancel(ctx), file, m.tensors, m.meta); err != nil {
		return nil, err
	}
	files = append(files, file)
	if len(history) == 0 {
		return files, nil
	}
	accuracy := curves.Metrics(history)
	accuracy.Title, accuracy.YLabel = "Accuracy", "share of right answers"
	for _, picture := range []struct {
		name string
		curves.Figure
	}{{"loss.png", curves.Loss(history)}, {"accuracy.png", accuracy}} {
		for i, s := range picture.Series {
			picture.Series[i].Name = strings.ReplaceAll(s.Name, "_", " ")
		}
		file := filepath.Join(f.out, picture.name)
		if err := picture.Save(file); err != nil {
			return files, err
		}
		files = append(files, file)
	}
	return files, nil
}

// tell prints what a training came to on stderr.
func (a *app) tell(r *train.Result, files []string) {
	a.notef("%d steps in %.1f s on %s, peak memory %s", r.Steps, r.Seconds, r.Device, bytesText(r.PeakBytes))
	if len(files) > 0 {
		a.notef("wrote %s", strings.Join(files, ", "))
	}
}

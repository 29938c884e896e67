package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/tuff-ml/tuff/ops"
)

// Loop is one training. Device, Epochs, Batches and Step are required.
type Loop[B any] struct {
	Device *ops.Device
	Rand   *ops.Rand // the generator of the steps' scopes; nil when nothing random is used
	Epochs int       // how many; 0 only calls the hooks

	// Batches are those of one epoch, counted from 0: a data.Loader's Epoch.
	Batches func(ctx context.Context, epoch int) iter.Seq2[B, error]
	// StepsPerEpoch is the number of batches, for the hooks; 0: not known.
	StepsPerEpoch int
	// Step works on one batch in a Train scope of its own and returns the
	// loss, a tensor of one element in that scope. It calls Backward and the
	// optimizer, or runs a captured program that does.
	Step func(s *ops.Scope, batch B) (loss *ops.Tensor, err error)
	// Size is how much a batch's loss counts in the epoch's mean: its number
	// of examples. nil: all count alike.
	Size func(batch B) int

	// Validate measures the model behind each epoch; its figures become part
	// of the history. nil: nothing is measured.
	Validate func(ctx context.Context, epoch int) (map[string]float64, error)
	Hooks    []Hooks

	// Behind is how many steps the reading of losses stays behind, so that the
	// device has work meanwhile. 0: 4; negative: each loss is read at once.
	Behind int
}

// Hooks are called by the loop, on its goroutine; nil ones are left out. An
// error ends the loop; ErrStop ends it without being an error.
type Hooks struct {
	Start func(Plan) error
	Step  func(StepStats) error  // once the step's loss was read
	Epoch func(EpochStats) error // behind the validation
	End   func(*Result)          // always, if Start was called
}

// ErrStop, returned by a hook, ends the training early.
var ErrStop = errors.New("train: stop")

// Plan is what the loop is about to do.
type Plan struct {
	Epochs        int
	StepsPerEpoch int // 0: not known
	Device        string
}

// StepStats is one step.
type StepStats struct {
	Epoch, Step int // from 0; steps within the epoch
	Loss        float64
}

// EpochStats is one epoch.
type EpochStats struct {
	Epoch   int                `json:"epoch"` // from 0
	Steps   int                `json:"steps"`
	Loss    float64            `json:"loss"` // mean over the epoch's batches, by size
	Metrics map[string]float64 `json:"metrics,omitempty"`
	Seconds float64            `json:"seconds"` // validation included
}

// Result is what a training came to.
type Result struct {
	History   []EpochStats `json:"history"` // whole epochs
	Steps     int          `json:"steps"`   // all that were done
	Stopped   bool         `json:"stopped"` // a hook returned ErrStop, or ctx ended
	Seconds   float64      `json:"seconds"`
	PeakBytes int64        `json:"peak_bytes"` // of device memory, since the device was opened
	Device    string       `json:"device"`
}

// LossError is a loss that is not finite. Its text counts from 1.
type LossError struct {
	Epoch, Step int // from 0
	Loss        float64
}

func (e *LossError) Error() string {
	return fmt.Sprintf("train: epoch %d, step %d: wanted a finite loss, got %v", e.Epoch+1, e.Step+1, e.Loss)
}

// Run trains. It returns a result in any case but that of a wrong Loop: with
// an error, what was done until then. A loss of NaN or ±Inf is a *LossError.
//
// When ctx ends (Ctrl-C through signal.NotifyContext), the step under way is
// completed and the error wraps ctx's: the model is whole and can be saved,
// with a context of its own.
func (l *Loop[B]) Run(ctx context.Context) (*Result, error) {
	switch {
	case l.Device == nil || l.Batches == nil || l.Step == nil:
		return nil, fmt.Errorf("train: loop: wanted Device, Batches and Step, got nil")
	case l.Epochs < 0:
		return nil, fmt.Errorf("train: loop: wanted at least 0 epochs, got %d", l.Epochs)
	}
	r := &run[B]{Loop: l, began: time.Now(), result: &Result{Device: l.Device.Name()}}
	r.behind = l.Behind
	if r.behind == 0 {
		r.behind = 4
	}
	err := r.all(ctx)
	r.discard()
	if errors.Is(err, ErrStop) {
		r.result.Stopped, err = true, nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		r.result.Stopped = true
	}
	r.result.Seconds = time.Since(r.began).Seconds()
	r.result.PeakBytes = l.Device.Stats().Peak
	for _, h := range l.Hooks {
		if h.End != nil {
			h.End(r.result)
		}
	}
	return r.result, err
}

// run is one Run.
type run[B any] struct {
	*Loop[B]
	began  time.Time
	behind int
	result *Result
	unread []pending // losses on the device, oldest first
	epoch  EpochStats
	weight float64 // of the losses in epoch.Loss
}

type pending struct {
	epoch, step int
	loss        *ops.Tensor
	weight      float64
}

func (r *run[B]) all(ctx context.Context) error {
	for _, h := range r.Hooks {
		if h.Start != nil {
			if err := h.Start(Plan{r.Epochs, r.StepsPerEpoch, r.result.Device}); err != nil {
				return err
			}
		}
	}
	for epoch := range r.Epochs {
		if err := r.oneEpoch(ctx, epoch); err != nil {
			return err
		}
	}
	return nil
}

func (r *run[B]) oneEpoch(ctx context.Context, epoch int) error {
	began := time.Now()
	r.epoch, r.weight = EpochStats{Epoch: epoch}, 0
	for b, err := range r.Batches(ctx, epoch) {
		if err != nil {
			return fmt.Errorf("train: epoch %d, step %d: %w", epoch+1, r.epoch.Steps+1, err)
		}
		if err := r.step(ctx, b); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(r.read(ctx, 0), fmt.Errorf("train: stopped behind epoch %d, step %d: %w", epoch+1, r.epoch.Steps, err))
		}
	}
	if err := r.read(ctx, 0); err != nil {
		return err
	}
	if r.epoch.Steps == 0 {
		return fmt.Errorf("train: epoch %d: wanted at least one batch, got none", epoch+1)
	}
	r.epoch.Loss /= r.weight
	if r.Validate != nil {
		var err error
		if r.epoch.Metrics, err = r.Validate(ctx, epoch); err != nil {
			return fmt.Errorf("train: epoch %d: validation: %w", epoch+1, err)
		}
	}
	r.epoch.Seconds = time.Since(began).Seconds()
	r.result.History = append(r.result.History, r.epoch)
	for _, h := range r.Hooks {
		if h.Epoch != nil {
			if err := h.Epoch(r.epoch); err != nil {
				return err
			}
		}
	}
	return nil
}

// step carries out one step, whole even if ctx ends meanwhile.
func (r *run[B]) step(ctx context.Context, b B) error {
	p := pending{epoch: r.epoch.Epoch, step: r.epoch.Steps, weight: 1}
	if r.Size != nil {
		p.weight = float64(r.Size(b))
	}
	err := r.Device.Scope(context.WithoutCancel(ctx), ops.Train(r.Rand), func(s *ops.Scope) error {
		loss, err := r.Step(s, b)
		switch {
		case err != nil:
			return err
		case loss == nil || loss.Len() != 1 || !loss.DType().IsFloat():
			return fmt.Errorf("wanted a loss of one float element, got %v", loss)
		}
		p.loss = s.Keep(loss)
		return nil
	})
	if err != nil {
		return fmt.Errorf("train: epoch %d, step %d: %w", p.epoch+1, p.step+1, err)
	}
	r.epoch.Steps++
	r.result.Steps++
	r.unread = append(r.unread, p)
	return r.read(ctx, max(r.behind, 0))
}

// read reads back losses until only so many are left on the device.
func (r *run[B]) read(ctx context.Context, left int) error {
	for len(r.unread) > left {
		p := r.unread[0]
		r.unread = r.unread[1:]
		loss, err := p.loss.Item(context.WithoutCancel(ctx))
		p.loss.Release()
		if err != nil {
			return fmt.Errorf("train: epoch %d, step %d: %w", p.epoch+1, p.step+1, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return &LossError{p.epoch, p.step, loss}
		}
		r.epoch.Loss += loss * p.weight
		r.weight += p.weight
		for _, h := range r.Hooks {
			if h.Step != nil {
				if err := h.Step(StepStats{p.epoch, p.step, loss}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// discard releases the losses that an ended loop did not read.
func (r *run[B]) discard() {
	for _, p := range r.unread {
		p.loss.Release()
	}
	r.unread = nil
}

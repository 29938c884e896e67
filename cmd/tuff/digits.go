package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/data"
	"github.com/tuff-ml/tuff/train/data/digits"
	"github.com/tuff-ml/tuff/train/metrics"
	"github.com/tuff-ml/tuff/train/optim"
)

// digitsReport is the last object that `tuff train digits --json` prints.
type digitsReport struct {
	Device       string   `json:"device"`
	TestAccuracy float64  `json:"test_accuracy"`
	Loss         float64  `json:"loss"` // of the last epoch, on the training data
	Seconds      float64  `json:"seconds"`
	TestLoss     float64  `json:"test_loss"`
	MacroF1      float64  `json:"macro_f1"` // on the test data
	Model        string   `json:"model"`
	Parameters   int      `json:"parameters"`
	Data         string   `json:"data"`
	TrainSize    int      `json:"train_size"`
	TestSize     int      `json:"test_size"`
	Epochs       int      `json:"epochs"`
	Steps        int      `json:"steps"`
	PeakBytes    int64    `json:"peak_bytes"`
	Stopped      bool     `json:"stopped,omitempty"`
	Files        []string `json:"files,omitempty"`
}

// digitModels are the networks of --model: each takes pictures [N, pixels] to
// logits [N, classes].
var digitModels = map[string]func(s *ops.Scope, pixels, classes int) layers.Layer{
	"mlp": func(s *ops.Scope, pixels, classes int) layers.Layer {
		return layers.NewSequential(
			layers.NewLinear(s, pixels, 128, layers.LinearOptions{Activation: ops.ActReLU}),
			layers.NewLinear(s, 128, classes),
		)
	},
}

// digitsFlags are those of `tuff train digits`.
type digitsFlags struct {
	trainFlags
	data, model string
}

func (a *app) digitsCommand() *cobra.Command {
	var f digitsFlags
	c := a.command("digits", "A small network that reads handwritten digits", func(ctx context.Context) error {
		if digitModels[f.model] == nil {
			return usagef("--model: wanted mlp, got %q", f.model)
		}
		if err := f.check(); err != nil {
			return err
		}
		return a.digits(ctx, &f)
	})
	c.Long = c.Short + `.

Without --data the digits are drawn by a built-in generator: rendered glyphs,
shifted, rotated and noisy, so that it runs on a fresh machine at once. With
--data the folder holds MNIST's IDX files or others of the same names, gzipped
or not: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
t10k-labels-idx1-ubyte. Where only one of both sets is there, four fifths of it
train and the rest tests.

mlp is pixels-128-10 with ReLU between, trained with Adam.

Ctrl-C ends the training behind the current step, saves, and exits with 130.
Files in --out: model.safetensors, loss.png, accuracy.png.`
	a.deviceFlag(c)
	a.jsonFlag(c, "print one JSON object for each epoch, and one for the result")
	f.add(c, trainFlags{epochs: 8, batch: 32, lr: 1e-3, seed: 1, out: filepath.Join("out", "digits")})
	f.batchFlag(c)
	c.Flags().StringVar(&f.data, "data", "", "folder with MNIST's files (default: generated digits)")
	c.Flags().StringVar(&f.model, "model", "mlp", "network to train: mlp")
	return c
}

// picture is one picture, or a batch of them, with the classes.
type picture = data.Pair[float32, int64]

// digitsRun is one run of the training.
type digitsRun struct {
	dev           *ops.Device
	train, test   *data.Images
	batch, pixels int
	net           layers.Layer
	opt           *optim.Adam
	last          *metrics.Confusion // of the last test
}

func (a *app) digits(ctx context.Context, f *digitsFlags) error {
	training, test, source, err := loadDigits(f.data, f.seed)
	if err != nil {
		return err
	}
	if err := f.outFolder(); err != nil {
		return err
	}
	return a.withDevice(func(dev *ops.Device, _ tuff.Choice) error {
		a.notef("%s: %d pictures to train on, %d to test", source, training.Len(), test.Len())
		rng, err := dev.NewRand(f.seed)
		if err != nil {
			return err
		}
		defer rng.Release()
		d := &digitsRun{dev: dev, train: training, test: test, batch: f.batch, pixels: training.Rows * training.Cols}
		err = dev.Scope(ctx, ops.Train(rng), func(s *ops.Scope) error {
			d.net = digitModels[f.model](s, d.pixels, training.Classes)
			d.opt = optim.NewAdam(s, layers.Params(d.net), f.lr)
			return nil
		})
		if err != nil {
			return err
		}
		defer layers.Release(d.net)
		defer d.opt.Release()
		result, failure := d.fit(ctx, a, f, rng)
		if failure != nil && !result.Stopped {
			return trained(ctx, failure)
		}
		report, err := d.report(ctx, f, result)
		if err != nil {
			return err
		}
		report.Data = source
		a.tell(result, report.Files)
		return errors.Join(a.printDigits(report), trained(ctx, failure))
	})
}

func (d *digitsRun) fit(ctx context.Context, a *app, f *digitsFlags, rng *ops.Rand) (*train.Result, error) {
	loader, err := data.NewLoader(d.train, data.Stack, data.LoaderOptions{BatchSize: f.batch, Shuffle: true, Seed: f.seed, Workers: 2})
	if err != nil {
		return &train.Result{}, err
	}
	hooks := []train.Hooks{a.bar()}
	if a.json {
		hooks = append(hooks, train.Hooks{Epoch: a.epochLine})
	}
	loop := train.Loop[picture]{
		Device: d.dev, Rand: rng, Epochs: f.epochs, Batches: loader.Epoch, StepsPerEpoch: loader.Len(), Hooks: hooks,
		Size: func(b picture) int { return b.N },
		Step: func(s *ops.Scope, b picture) (*ops.Tensor, error) {
			x, y := ops.FromSlice(s, b.X, b.N, d.pixels), ops.FromSlice(s, b.Y, b.N)
			loss := layers.CrossEntropy(d.net.Forward(x), y)
			loss.Backward()
			d.opt.Step(s)
			d.opt.ZeroGrad()
			return loss, nil
		},
		Validate: func(ctx context.Context, epoch int) (map[string]float64, error) {
			accuracy, loss, err := d.measure(ctx)
			if err == nil {
				err = wantFinite(epoch, loader.Len(), loss)
			}
			return map[string]float64{"test_accuracy": accuracy, "test_loss": loss}, err
		},
	}
	return loop.Run(ctx)
}

// measure classifies the test pictures.
func (d *digitsRun) measure(ctx context.Context) (accuracy, loss float64, err error) {
	c := metrics.NewConfusion(d.test.Classes)
	loader, err := data.NewLoader(d.test, data.Stack, data.LoaderOptions{BatchSize: 1000, Workers: 1})
	if err != nil {
		return 0, 0, err
	}
	for b, err := range loader.Epoch(ctx, 0) {
		if err != nil {
			return 0, 0, err
		}
		err = d.dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
			logits := d.net.Forward(ops.FromSlice(s, b.X, b.N, d.pixels))
			sum, err := layers.CrossEntropyLoss{Reduction: layers.ReduceSum}.Forward(logits, ops.FromSlice(s, b.Y, b.N)).Item(ctx)
			if err != nil {
				return err
			}
			loss += sum
			predicted, err := ops.ToSlice[int64](ctx, logits.ArgMax(1))
			if err != nil {
				return err
			}
			return c.Add(b.Y, predicted)
		})
		if err != nil {
			return 0, 0, err
		}
	}
	d.last = c
	return c.Accuracy(), loss / float64(d.test.Len()), nil
}

// report measures the model as it is now and writes the files.
func (d *digitsRun) report(ctx context.Context, f *digitsFlags, r *train.Result) (out digitsReport, err error) {
	ctx = context.WithoutCancel(ctx)
	out = digitsReport{
		Device: r.Device, Seconds: r.Seconds, Model: f.model, Parameters: layers.Count(d.net),
		TrainSize: d.train.Len(), TestSize: d.test.Len(),
		Epochs: len(r.History), Steps: r.Steps, PeakBytes: r.PeakBytes, Stopped: r.Stopped,
	}
	if n := len(r.History); n > 0 {
		out.Loss = r.History[n-1].Loss
	}
	if out.TestAccuracy, out.TestLoss, err = d.measure(ctx); err != nil {
		return out, err
	}
	macro, err := d.last.Score(metrics.Macro)
	if err != nil {
		return out, err
	}
	out.MacroF1 = macro.F1
	out.Files, err = f.save(ctx, savedModel{layers.StateDict(d.net), map[string]string{
		"model": f.model, "rows": strconv.Itoa(d.train.Rows), "cols": strconv.Itoa(d.train.Cols), "classes": strconv.Itoa(d.train.Classes),
	}}, r.History)
	return out, err
}

func (a *app) printDigits(r digitsReport) error {
	if a.json {
		return a.printJSON(r)
	}
	_, err := fmt.Fprintf(a.stdout, "test accuracy %.2f %%, macro F1 %.4f, test loss %.4f, training loss %.4f, %.1f s\n",
		100*r.TestAccuracy, r.MacroF1, r.TestLoss, r.Loss, r.Seconds)
	return err
}

// loadDigits reads MNIST's files from a folder, or draws digits.
func loadDigits(dir string, seed uint64) (training, test *data.Images, source string, err error) {
	if dir == "" {
		training, test, err = digits.New(digits.Options{Seed: seed})
		return training, test, "generated digits", err
	}
	training, test, err = data.LoadMNIST(dir)
	if err != nil {
		return nil, nil, "", err
	}
	if training.Len() == 0 || test.Len() == 0 || training.Rows*training.Cols == 0 {
		return nil, nil, "", fmt.Errorf("train digits: %s: wanted pictures to train on and to test, got %d and %d of %d×%d pixels",
			dir, training.Len(), test.Len(), training.Rows, training.Cols)
	}
	return training, test, dir, nil
}

// Package tuff opens a device for deep learning and classical machine
// learning, and says which one it took and why.
//
// A device is a GPU of any vendor, reached through Vulkan, or this machine's
// own cores. What runs on it is in the other packages:
//
//   - ops: tensors, scopes, gradients, and every op they are made of
//   - layers: modules with parameters, named as in torch.nn, and losses
//   - train: the training loop, with data loaders, optimizers and metrics
//
// The package refuses to know what is computed; it never prints, and never
// takes another device than the one that was asked for.
//
// # Choice of device
//
// Options.Device beats the environment's TUFF_DEVICE. Either is
//
//	cpu          this machine's cores, in Go
//	vulkan       the best Vulkan device, software Vulkan included
//	vulkan:N     Vulkan's device number N, as [Devices] lists them
//	text         the only Vulkan device whose name contains the text, in any case
//
// Without both, the first of these that is there is taken: a discrete GPU, an
// integrated one, a virtual one, the CPU backend. Software Vulkan, which is
// slower than the CPU backend on the same cores, is taken only by name.
package tuff

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/kernels"
	"github.com/tuff-ml/tuff/ops"
)

// Env is the environment variable that names the device when Options.Device is
// empty.
const Env = "TUFF_DEVICE"

// Options say which device to open, and how. The zero value takes the best
// there is.
type Options struct {
	Device string       // see the package's text; "": TUFF_DEVICE, then the best
	Source string       // what gave Device, for messages; "": Options.Device
	Chosen func(Choice) // told which device is taken and why, before it is opened
	Logger *slog.Logger // is told too; nil: silent
	CPU    cpu.Options  // how to open the CPU backend
	Vulkan gpu.Options  // how to open a Vulkan device; its Logger defaults to Logger
}

// Open opens a device; Options.Chosen hears in one line which it is and why.
// The caller closes it.
//
// The error lists the devices that were found and says what to do. It is never
// answered by another device: where the one that was chosen does not open,
// Open fails.
func Open(opt Options) (*ops.Device, error) {
	// The CPU backend needs no look at the GPUs, which costs a tenth of a second.
	list, missing := []Candidate{cpuCandidate(opt)}, error(nil)
	if want, _ := opt.wanted(); !isCPU(want) {
		list, missing = Devices(opt)
	}
	choice, err := Choose(opt, list, missing)
	if err != nil {
		return nil, err
	}
	if opt.Chosen != nil {
		opt.Chosen(choice)
	}
	if opt.Logger != nil {
		opt.Logger.Info("device", "id", choice.ID, "name", choice.Name, "why", choice.Why)
	}
	backend, err := openBackend(choice.Candidate, opt)
	if err != nil {
		return nil, fmt.Errorf("tuff: open: %s does not open: %w; other devices, for %s or %s: %s",
			choice.Candidate, err, cmp.Or(opt.Source, "Options.Device"), Env, others(list, choice.ID))
	}
	return ops.NewDevice(backend, opt.Logger), nil
}

// Choose is the choice that Open makes from what Devices returned, without
// opening the device.
func Choose(opt Options, list []Candidate, novulkan error) (Choice, error) {
	want, source := opt.wanted()
	return choose(list, want, source, novulkan)
}

// wanted is the device that was asked for, and by what.
func (opt Options) wanted() (want, source string) {
	if opt.Device != "" {
		return opt.Device, cmp.Or(opt.Source, "Options.Device")
	}
	return os.Getenv(Env), Env
}

// Devices lists what Open can choose from, best first: the CPU backend and
// every Vulkan device, also those that lack something Tuff needs (see
// Candidate.Missing). The error, which leaves the list with the CPU alone, says
// why Vulkan could not be asked: no loader, no driver, no device, or a build
// without Vulkan.
func Devices(opt Options) ([]Candidate, error) {
	list := []Candidate{cpuCandidate(opt)}
	infos, err := gpu.Enumerate(vulkanOptions(opt))
	for _, info := range infos {
		list = append(list, vulkanCandidate(info))
	}
	rank(list)
	return list, err
}

func vulkanOptions(opt Options) *gpu.Options {
	o := opt.Vulkan
	if o.Logger == nil {
		o.Logger = opt.Logger
	}
	return &o
}

func openBackend(c Candidate, opt Options) (ops.Backend, error) {
	if c.info == nil {
		b, err := cpu.New(opt.CPU)
		if err != nil {
			return nil, err // not b: a nil *cpu.Backend in an interface is not nil
		}
		return b, nil
	}
	b, err := kernels.Open(*c.info, vulkanOptions(opt))
	if err != nil {
		return nil, err
	}
	return b, nil
}

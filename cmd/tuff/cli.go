package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/ops"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitSignal  = 128 // and the signal's number, as shells count: 130 for Ctrl-C
)

// usageError is a command line that cannot be meant.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// interrupted is the cause of a context that a signal cancelled.
type interrupted struct{ signal os.Signal }

func (i interrupted) Error() string { return "stopped by " + i.signal.String() }

func (i interrupted) status() int {
	if n, ok := i.signal.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return exitSignal + 2 // as SIGINT
}

// errFailed ends a command that has already said what failed.
var errFailed = errors.New("failed")

// app is one run of the command.
type app struct {
	stdout, stderr io.Writer
	running        bool // the command line was right
	verbose        bool
	device         string
	json           bool
}

// execute runs a command line and returns the exit status. No panic leaves it.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	a := &app{stdout: stdout, stderr: stderr}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "tuff: internal error: %v; this is a bug in Tuff, please report it (TUFF_TRACE=1 prints where)\n", r)
			if os.Getenv("TUFF_TRACE") == "1" {
				fmt.Fprintf(stderr, "%s\n", debug.Stack())
			}
			code = exitFailure
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.status(ctx, root.ExecuteContext(ctx))
}

// status prints an error and turns it into an exit status.
func (a *app) status(ctx context.Context, err error) int {
	var usage usageError
	var stop interrupted
	switch {
	case err == nil:
		return exitOK
	case errors.As(context.Cause(ctx), &stop) && errors.Is(err, context.Canceled) || errors.As(err, &stop):
		fmt.Fprintf(a.stderr, "tuff: %v\n", stop)
		return stop.status()
	case errors.As(err, &usage) || !a.running:
		text := strings.Join(strings.Fields(err.Error()), " ") // cobra's suggestions are on lines of their own
		fmt.Fprintf(a.stderr, "tuff: %s; see tuff help\n", text)
		return exitUsage
	case errors.Is(err, errFailed):
	default:
		fmt.Fprintf(a.stderr, "tuff: %s\n", strings.TrimPrefix(err.Error(), "tuff: "))
	}
	return exitFailure
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tuff",
		Short: "Train and compute on any vendor's GPU, or on the CPU",
		Long: `Tuff computes on any vendor's GPU through Vulkan, or on this machine's cores.

Results go to stdout, with --json as JSON and nothing else; progress and logs go
to stderr. Exit status: 0 done, 1 failed, 2 wrong command line, 130 Ctrl-C.`,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "log on stderr")
	root.AddCommand(a.devicesCommand(), a.versionCommand(), a.verifyCommand(),
		group("demo", "Small examples, complete", a.logisticCommand()),
		group("train", "Train a model", a.digitsCommand()))
	return root
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	var names []string
	for _, c := range commands {
		names = append(names, c.Name())
	}
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return usagef("%s: wanted one of: %s", c.CommandPath(), strings.Join(names, ", "))
	}}
	g.AddCommand(commands...)
	return g
}

// command is a command without arguments.
func (a *app) command(use, short string, run func(ctx context.Context) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		a.running = true
		return run(c.Context())
	}}
}

func (a *app) deviceFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.device, "device", "", "cpu, vulkan, vulkan:N or a part of a device's name (default: $TUFF_DEVICE, then the best; see tuff devices)")
}

func (a *app) jsonFlag(c *cobra.Command, what string) {
	c.Flags().BoolVar(&a.json, "json", false, what)
}

// logger is nil unless --verbose.
func (a *app) logger() *slog.Logger {
	if !a.verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(a.stderr, nil))
}

// notef tells the user something on stderr.
func (a *app) notef(format string, args ...any) {
	fmt.Fprintf(a.stderr, format+"\n", args...)
}

// printJSON writes v to stdout as one line.
func (a *app) printJSON(v any) error { return json.NewEncoder(a.stdout).Encode(v) }

// withDevice opens the device that the flags ask for, says which it is, and
// closes it after f.
func (a *app) withDevice(f func(dev *ops.Device, choice tuff.Choice) error) (err error) {
	var choice tuff.Choice
	dev, err := tuff.Open(tuff.Options{
		Device: a.device, Source: "--device", Logger: a.logger(),
		Chosen: func(c tuff.Choice) {
			choice = c
			a.notef("%v", c)
		},
	})
	if err != nil {
		return err
	}
	defer func() {
		if closing := dev.Close(); err == nil {
			err = closing
		}
	}()
	return f(dev, choice)
}

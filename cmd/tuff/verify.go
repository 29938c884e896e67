package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// verifyFlags are those of `tuff verify`.
type verifyFlags struct {
	options  optest.Options
	markdown bool
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	c := a.command("verify", "Check every op on a device and print a certificate", func(ctx context.Context) error { return a.verify(ctx, f) })
	c.Long = c.Short + `: op, cases, worst error in units
in the last place (ULP) and as normalised mean square error (NMSE).

The cases are those of Tuff's own tests: each op against a reference in float64,
at odd and large sizes, on strided and broadcast views, gradients included.
The exit status is 1 when any case fails.`
	a.deviceFlag(c)
	a.jsonFlag(c, "print the certificate as one JSON object")
	c.Flags().BoolVar(&f.markdown, "markdown", false, "print the certificate as a Markdown table")
	c.Flags().StringVar(&f.options.Pattern, "ops", "", `op names with * and ?, or parts of case names with "=", separated by commas (default all)`)
	c.Flags().BoolVar(&f.options.Short, "short", false, "one case for each variant of an op")
	c.Flags().BoolVar(&f.options.Large, "large", false, "add the cases that need several hundred MiB")
	c.MarkFlagsMutuallyExclusive("json", "markdown")
	return c
}

func (a *app) verify(ctx context.Context, f verifyFlags) error {
	cases, err := f.options.Select(optest.Cases())
	if err != nil {
		return usageError{fmt.Errorf("verify: --ops: %w", err)}
	}
	return a.withDevice(func(dev *ops.Device, choice tuff.Choice) error {
		ref := dev
		if choice.ID != "cpu" {
			if ref, err = tuff.Open(tuff.Options{Device: "cpu"}); err != nil {
				return err
			}
			defer ref.Close()
		}
		rep, err := a.check(ctx, dev, ref, cases)
		if err != nil {
			return err
		}
		rep.Driver = choice.Driver
		write := rep.WriteTable
		switch {
		case a.json:
			write = rep.WriteJSON
		case f.markdown:
			write = rep.WriteMarkdown
		}
		if err := write(a.stdout); err != nil {
			return err
		}
		if rep.Failed > 0 {
			return fmt.Errorf("verify: %d of %d cases failed on %s", rep.Failed, rep.Cases, dev.Name())
		}
		return nil
	})
}

// check is optest.Run that ctx can stop.
func (a *app) check(ctx context.Context, dev, ref *ops.Device, cases []optest.Case) (optest.Report, error) {
	bar := a.progress("verify", len(cases))
	defer bar.Close()
	start := time.Now()
	checker := optest.NewChecker(dev, ref)
	rep := optest.Report{Device: dev.Name()}
	for _, c := range cases {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		r := checker.Check(c)
		r.Reason, _, _ = strings.Cut(r.Reason, "\ngoroutine ") // a panic's trace is for the op's own tests
		rep.Add(r)
		if err := bar.Add(1); err != nil {
			return rep, err
		}
	}
	rep.Seconds = optest.Figure(math.Round(time.Since(start).Seconds()*1000) / 1000)
	return rep, nil
}

// Command tuff shows what Tuff does on a device: it lists devices, checks every
// op on one, and trains small networks.
//
// Results go to stdout, with --json as JSON and nothing else; progress, logs
// and the line that says which device was taken go to stderr. The exit status
// is 0 when all went well, 1 when something failed, 2 when the command line was
// wrong, and 130 after Ctrl-C (which ends training cleanly and saves).
//
// The command refuses to hold anything that a program could want: what it does
// is done by the packages it calls.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals) // a second one ends the program at once
		cancel(interrupted{s})
	}()
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

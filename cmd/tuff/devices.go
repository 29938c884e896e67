package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tuff-ml/tuff"
)

// devicesReport is what `tuff devices --json` prints.
type devicesReport struct {
	Devices []tuff.Candidate `json:"devices"`          // best first
	Taken   string           `json:"taken"`            // the ID that a command without --device takes
	Why     string           `json:"why"`              // and the reason
	Vulkan  string           `json:"vulkan,omitempty"` // why Vulkan could not be asked
}

func (a *app) devicesCommand() *cobra.Command {
	c := a.command("devices", "List the devices, best first, and say which is taken", a.devices)
	c.Long = c.Short + `.

A command takes the device of --device, else that of TUFF_DEVICE, else the first
of: discrete GPU, integrated GPU, virtual GPU, CPU backend. Software Vulkan is
taken only by name.`
	a.jsonFlag(c, "print one JSON object")
	return c
}

func (a *app) devices(context.Context) error {
	list, missing := tuff.Devices(tuff.Options{Logger: a.logger()})
	choice, chosen := tuff.Choose(tuff.Options{}, list, missing)
	r := devicesReport{Devices: list, Taken: choice.ID, Why: choice.Why}
	if missing != nil {
		r.Vulkan = missing.Error()
	}
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
		return chosen
	}
	if err := a.printDevices(r); err != nil {
		return err
	}
	return chosen
}

func (a *app) printDevices(r devicesReport) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DEVICE\tKIND\tNAME\tDRIVER\tMEMORY")
	for _, d := range r.Devices {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Kind, d.Name, d.Driver, bytesText(int64(d.Caps.Memory)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range r.Devices {
		if len(d.Missing) > 0 {
			fmt.Fprintf(a.stdout, "%s cannot be used: it lacks %s\n", d.ID, strings.Join(d.Missing, ", "))
		}
		if len(d.Caps.Features) > 0 {
			fmt.Fprintf(a.stdout, "%s: Vulkan %s, subgroup %d, workgroup %d, shared memory %s, largest buffer %s\n  features: %s\n",
				d.ID, d.Caps.API, d.Caps.SubgroupSize, d.Caps.WorkgroupSize, bytesText(int64(d.Caps.SharedMemory)), bytesText(int64(d.Caps.MaxAllocation)),
				strings.Join(d.Caps.Features, " "))
		}
		if len(d.Caps.CooperativeMatrix) > 0 {
			fmt.Fprintf(a.stdout, "  cooperative matrices: %s\n", strings.Join(d.Caps.CooperativeMatrix, ", "))
		}
		for _, q := range d.Caps.Quirks {
			fmt.Fprintf(a.stdout, "  quirk: %s\n", q)
		}
	}
	if r.Vulkan != "" {
		fmt.Fprintf(a.stdout, "Vulkan: %s\n", r.Vulkan)
	}
	if r.Taken != "" {
		fmt.Fprintf(a.stdout, "taken: %s: %s\n", r.Taken, r.Why)
	}
	return nil
}

// bytesText writes a size with a binary unit; 0 is unknown.
func bytesText(n int64) string {
	switch {
	case n <= 0:
		return "-"
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

// Command gen-ops writes docs/ops.md: every op with its formula, the dtypes
// that the conformance suite covers, its gradient, and the worst error that was
// measured on each device.
//
//	go run ./cmd/tuff verify --device cpu --json >cpu.json
//	tools/vkrun ./tuff verify --device vulkan --json >vulkan.json
//	go run ./tools/gen-ops cpu.json vulkan.json >docs/ops.md
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen-ops:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, files []string) error {
	if len(files) == 0 {
		return fmt.Errorf("wanted the JSON of at least one tuff verify, got no file")
	}
	var reports []optest.Report
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var r optest.Report
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if r.Failed > 0 {
			return fmt.Errorf("%s: wanted a verify without failures, got %d", name, r.Failed)
		}
		reports = append(reports, r)
	}
	write(w, reports)
	return nil
}

func write(w io.Writer, reports []optest.Report) {
	fmt.Fprint(w, "# The op table\n\nMade by `tools/gen-ops` from the table itself and from `tuff verify`; see that\n"+
		"program's text for how. Shapes, errors and the exact meaning of each op are in\n"+
		"the documentation of its tensor function (`go doc ./ops`).\n\n"+
		"Errors are the worst over all cases of an op, in units in the last place of the\n"+
		"case's own dtype, against a float64 reference. 0: exact. Gradients are made of ops.\n\n")
	for i, r := range reports {
		fmt.Fprintf(w, "- device %d: %s, %d cases\n", i+1, r.Device, r.Cases)
	}
	kinds := map[ops.Kind][]*ops.Def{}
	for _, d := range ops.Defs() {
		if !strings.Contains(string(d.Op), ".") { // ours
			kinds[d.Kind] = append(kinds[d.Kind], d)
		}
	}
	dtypes := covered()
	for k := ops.Elementwise; k <= ops.Composed; k++ {
		if len(kinds[k]) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n## %s\n\n| op | formula | dtypes | gradient |", k)
		for i := range reports {
			fmt.Fprintf(w, " ULP, device %d |", i+1)
		}
		fmt.Fprint(w, "\n|---|---|---|---|"+strings.Repeat("---|", len(reports))+"\n")
		for _, d := range kinds[k] {
			gradient := "–"
			if d.VJP != nil || d.Kind == ops.Composed {
				gradient = "yes"
			}
			fmt.Fprintf(w, "| `%s` | %s | %s | %s |", d.Op, strings.ReplaceAll(d.Doc, "|", "\\|"), dtypes[d.Op], gradient)
			for _, r := range reports {
				fmt.Fprintf(w, " %s |", worst(r, d.Op))
			}
			fmt.Fprintln(w)
		}
	}
}

// covered lists the dtypes of each op's cases.
func covered() map[ops.Op]string {
	seen := map[ops.Op]map[ops.DType]bool{}
	for _, c := range optest.Cases() {
		if seen[c.Op] == nil {
			seen[c.Op] = map[ops.DType]bool{}
		}
		seen[c.Op][c.DType()] = true
	}
	out := map[ops.Op]string{}
	for op, set := range seen {
		var names []string
		for _, d := range ops.DTypes() {
			if set[d] {
				names = append(names, d.String())
			}
		}
		out[op] = strings.Join(names, " ")
	}
	return out
}

func worst(r optest.Report, op ops.Op) string {
	i := slices.IndexFunc(r.Ops, func(o optest.OpReport) bool { return o.Op == op })
	switch {
	case i < 0:
		return "not run"
	case r.Ops[i].Skipped == r.Ops[i].Cases:
		return "not supported"
	}
	return fmt.Sprintf("%.3g", float64(r.Ops[i].WorstULP))
}

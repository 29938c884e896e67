package optest

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tuff-ml/tuff/ops"
)

// Figure is an error measure; what is not finite is null in JSON.
type Figure float64

// MarshalJSON writes null for NaN and infinities, which JSON does not have.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !finite(float64(f)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func (f Figure) String() string {
	switch x := float64(f); {
	case x == 0:
		return "0"
	case x >= 0.01 && x < 1e5:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.1e", x)
	}
}

// OpReport sums up the cases of one op. ULP and NMSE are those of outputs;
// GradULP and GradNMSE those of gradients, relative to their root mean square.
type OpReport struct {
	Op            ops.Op `json:"op"`
	Cases         int    `json:"cases"`
	Failed        int    `json:"failed"`
	Skipped       int    `json:"skipped"`
	WorstULP      Figure `json:"worst_ulp"`
	WorstNMSE     Figure `json:"worst_nmse"`
	WorstGradULP  Figure `json:"worst_grad_ulp"`
	WorstGradNMSE Figure `json:"worst_grad_nmse"`
}

// Note is a case that failed or was skipped, and why.
type Note struct {
	Case   string `json:"case"`
	Reason string `json:"reason"`
}

// Report is the certificate of a device.
type Report struct {
	Device   string     `json:"device"`
	Driver   string     `json:"driver"`
	Cases    int        `json:"cases"`
	Failed   int        `json:"failed"`
	Skipped  int        `json:"skipped"`
	Seconds  Figure     `json:"seconds"`
	Ops      []OpReport `json:"ops"`
	Failures []Note     `json:"failures,omitempty"`
	Skips    []Note     `json:"skips,omitempty"`
}

// Options says what Run checks.
type Options struct {
	// Pattern chooses ops and cases: a comma-separated list of op names with
	// * and ? (path.Match), or, where a part holds '=', pieces of case names.
	// Empty: all.
	Pattern string
	// Short takes the few cases that Short picks; Large adds the cases that
	// need several hundred MiB.
	Short, Large bool
	// Progress is called after each case; nil: not.
	Progress func(done, total int, r Result)
}

// Select lists the cases that o asks for; a malformed pattern is an error.
func (o Options) Select(cases []Case) ([]Case, error) {
	var out []Case
	for _, c := range cases {
		ok, err := matches(o.Pattern, c)
		if err != nil {
			return nil, err
		}
		if ok && (o.Large || !c.Large) {
			out = append(out, c)
		}
	}
	if o.Short {
		out = Short(out)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("optest: pattern: wanted an op or part of a case's name, got %q, which none has", o.Pattern)
	}
	return out, nil
}

func matches(pattern string, c Case) (bool, error) {
	if pattern == "" {
		return true, nil
	}
	for part := range strings.SplitSeq(pattern, ",") {
		if strings.Contains(part, "=") {
			if strings.Contains(c.Name, part) {
				return true, nil
			}
			continue
		}
		ok, err := path.Match(part, string(c.Op))
		if err != nil {
			return false, fmt.Errorf("optest: pattern: wanted op names with * and ?, got %q: %w", part, err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

// Run checks the cases that o asks for on dev. ref is the device whose float64
// gradients serve as reference; see NewChecker.
func Run(dev, ref *ops.Device, o Options) (Report, error) {
	cases, err := o.Select(Cases())
	if err != nil {
		return Report{}, err
	}
	start := time.Now()
	k := NewChecker(dev, ref)
	rep := Report{Device: dev.Name()}
	if d, ok := dev.Backend().(interface{ Driver() string }); ok {
		rep.Driver = d.Driver()
	}
	for i, c := range cases {
		r := k.Check(c)
		rep.Add(r)
		if o.Progress != nil {
			o.Progress(i+1, len(cases), r)
		}
	}
	rep.Seconds = Figure(math.Round(time.Since(start).Seconds()*1000) / 1000)
	return rep, nil
}

// Add counts a result in.
func (rep *Report) Add(r Result) {
	i, found := slices.BinarySearchFunc(rep.Ops, r.Op, func(o OpReport, op ops.Op) int { return strings.Compare(string(o.Op), string(op)) })
	if !found {
		rep.Ops = slices.Insert(rep.Ops, i, OpReport{Op: r.Op})
	}
	o := &rep.Ops[i]
	rep.Cases++
	o.Cases++
	switch r.Status {
	case Failed:
		rep.Failed++
		o.Failed++
		rep.Failures = append(rep.Failures, Note{r.Case, r.Reason})
	case Skipped:
		rep.Skipped++
		o.Skipped++
		rep.Skips = append(rep.Skips, Note{r.Case, r.Reason})
		return
	}
	o.WorstULP, o.WorstNMSE = max(o.WorstULP, Figure(r.ULP)), max(o.WorstNMSE, Figure(r.NMSE))
	o.WorstGradULP, o.WorstGradNMSE = max(o.WorstGradULP, Figure(r.GradULP)), max(o.WorstGradNMSE, Figure(r.GradNMSE))
}

// WriteJSON writes the report as one JSON object.
func (rep Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(rep)
}

var columns = [...]string{"op", "cases", "failed", "skipped", "worst ULP", "worst NMSE", "gradient ULP", "gradient NMSE"}

func (o OpReport) cells() [len(columns)]string {
	return [...]string{
		string(o.Op), fmt.Sprint(o.Cases), fmt.Sprint(o.Failed), fmt.Sprint(o.Skipped),
		o.WorstULP.String(), o.WorstNMSE.String(), o.WorstGradULP.String(), o.WorstGradNMSE.String(),
	}
}

// summary is the certificate's first line.
func (rep Report) summary() string {
	s := fmt.Sprintf("%s: %d cases, %d failed, %d skipped, %v s", rep.Device, rep.Cases, rep.Failed, rep.Skipped, rep.Seconds)
	if rep.Driver != "" {
		s += ", driver " + rep.Driver
	}
	return s
}

// WriteTable writes the report as a table for a terminal.
func (rep Report) WriteTable(w io.Writer) error {
	var width [len(columns)]int
	table := [][len(columns)]string{columns}
	for _, o := range rep.Ops {
		table = append(table, o.cells())
	}
	for _, row := range table {
		for i, c := range row {
			width[i] = max(width[i], len(c))
		}
	}
	var b strings.Builder
	fmt.Fprintln(&b, rep.summary())
	for _, row := range table {
		for i, c := range row {
			if i == 0 {
				fmt.Fprintf(&b, "%-*s", width[i], c)
			} else {
				fmt.Fprintf(&b, "  %*s", width[i], c)
			}
		}
		b.WriteByte('\n')
	}
	for _, n := range rep.Failures {
		fmt.Fprintf(&b, "FAILED %s: %s\n", n.Case, n.Reason)
	}
	for _, n := range rep.groupSkips() {
		fmt.Fprintf(&b, "skipped %s: %s\n", n.Case, n.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the report as a Markdown table.
func (rep Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n|", rep.summary())
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n|---|")
	b.WriteString(strings.Repeat("---:|", len(columns)-1))
	for _, o := range rep.Ops {
		b.WriteString("\n|")
		for _, c := range o.cells() {
			fmt.Fprintf(&b, " %s |", c)
		}
	}
	b.WriteByte('\n')
	for _, n := range rep.Failures {
		fmt.Fprintf(&b, "\n- failed `%s`: %s", n.Case, strings.ReplaceAll(n.Reason, "\n", " "))
	}
	for _, n := range rep.groupSkips() {
		fmt.Fprintf(&b, "\n- skipped `%s`: %s", n.Case, n.Reason)
	}
	if len(rep.Failures)+len(rep.Skips) > 0 {
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// groupSkips gathers skips with one reason: the first case and their number.
func (rep Report) groupSkips() []Note {
	var out []Note
	count := map[string]int{}
	at := map[string]int{}
	for _, n := range rep.Skips {
		if count[n.Reason]++; count[n.Reason] == 1 {
			at[n.Reason] = len(out)
			out = append(out, n)
		}
	}
	for reason, i := range at {
		if c := count[reason]; c > 1 {
			out[i].Case = fmt.Sprintf("%s and %d more", out[i].Case, c-1)
		}
	}
	return out
}

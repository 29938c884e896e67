package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff"
)

// testDevice is what the tests of commands run on: TUFF_DEVICE's device, else
// the CPU.
func testDevice() string {
	if d := os.Getenv(tuff.Env); d != "" {
		return d
	}
	return "cpu"
}

// run executes a command line in this process.
func run(t *testing.T, ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	code = execute(ctx, args, &out, &log)
	for _, s := range []string{out.String(), log.String()} {
		if strings.Contains(s, "goroutine ") || strings.Contains(s, "internal error") {
			t.Errorf("tuff %v: wanted no trace, got\n%s", args, s)
		}
	}
	return code, out.String(), log.String()
}

// ok runs a command line that must succeed, and returns its stdout.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := run(t, t.Context(), args...)
	if code != exitOK {
		t.Fatalf("tuff %v: wanted exit status 0, got %d\n%s", args, code, stderr)
	}
	return stdout
}

// decode reads the one JSON object that s holds.
func decode[T any](t *testing.T, s string) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("wanted JSON, got %q: %v", s, err)
	}
	if d.More() {
		t.Fatalf("wanted one JSON object, got %q", s)
	}
	return v
}

// TestBadInput: each is one clear line and the right exit status.
func TestBadInput(t *testing.T) {
	t.Setenv(tuff.Env, "")
	tests := []struct {
		name string
		args []string
		code int
		want []string // in the message
	}{
		{"unknown command", []string{"trian"}, exitUsage, []string{`unknown command "trian"`}},
		{"unknown flag", []string{"devices", "--jsn"}, exitUsage, []string{"unknown flag: --jsn"}},
		{"argument", []string{"version", "now"}, exitUsage, []string{`unknown command "now"`}},
		{"missing value", []string{"verify", "--device"}, exitUsage, []string{"--device"}},
		{"wrong bool", []string{"version", "--json=perhaps"}, exitUsage, []string{"perhaps", "--json"}},
		{"two formats", []string{"verify", "--json", "--markdown"}, exitUsage, []string{"json", "markdown"}},
		{"no such op", []string{"verify", "--ops", "frobnicate"}, exitUsage, []string{"--ops", `"frobnicate"`}},
		{"broken pattern", []string{"verify", "--ops", "[a"}, exitUsage, []string{"--ops", `"[a"`}},
		{"no such device", []string{"verify", "--ops", "neg", "--device", "abacus"}, exitFailure, []string{`--device="abacus"`, "found cpu", "give cpu, vulkan"}},
		{"no such number", []string{"verify", "--ops", "neg", "--device", "vulkan:77"}, exitFailure, []string{`"vulkan:77"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantFailure(t, tt.args, tt.code, tt.want...) })
	}
}

func wantFailure(t *testing.T, args []string, wantCode int, want ...string) {
	t.Helper()
	code, stdout, stderr := run(t, t.Context(), args...)
	if code != wantCode {
		t.Errorf("tuff %v: wanted exit status %d, got %d", args, wantCode, code)
	}
	if stdout != "" {
		t.Errorf("tuff %v: wanted nothing on stdout, got %q", args, stdout)
	}
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "tuff: ") || strings.HasPrefix(last, "tuff: tuff: ") {
		t.Errorf("tuff %v: wanted a last line that begins with \"tuff: \", got %q", args, stderr)
	}
	for _, w := range want {
		if !strings.Contains(last, w) {
			t.Errorf("tuff %v: wanted %q in %q", args, w, last)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"help"}, {"--help"}} {
		if out := ok(t, args...); !strings.Contains(out, "devices") || !strings.Contains(out, "Exit status") {
			t.Errorf("tuff %v: wanted the commands, got %q", args, out)
		}
	}
}

func TestNoPanicGetsOut(t *testing.T) {
	var stderr bytes.Buffer
	code := execute(t.Context(), []string{"verify", "--ops", "neg", "--device", "cpu"}, panicWriter{}, &stderr)
	if code != exitFailure || !strings.Contains(stderr.String(), "tuff: internal error: broken writer; this is a bug") || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("wanted a line instead of the panic, got %d, %q", code, &stderr)
	}
}

type panicWriter struct{}

func (panicWriter) Write([]byte) (int, error) { panic("broken writer") }

func TestDevices(t *testing.T) {
	out := ok(t, "devices")
	if !strings.Contains(out, "DEVICE") || !strings.Contains(out, "cpu") || !strings.Contains(out, "taken: ") {
		t.Errorf("wanted a table with the CPU, got %q", out)
	}
	r := decode[devicesReport](t, ok(t, "devices", "--json"))
	found := map[string]bool{}
	for _, d := range r.Devices {
		found[d.ID] = true
		if d.ID == "cpu" && d.Caps.Threads < 1 {
			t.Errorf("wanted the CPU's threads, got %+v", d)
		}
		if d.Name == "" || d.Driver == "" || d.Kind == "" {
			t.Errorf("wanted name, driver and kind, got %+v", d)
		}
	}
	if !found["cpu"] || !found[r.Taken] || r.Why == "" {
		t.Errorf("wanted the CPU and the device taken, with the reason, got %+v", r)
	}
	if len(r.Devices) == 1 && r.Vulkan == "" {
		t.Errorf("wanted the reason why there is no Vulkan device, got %+v", r)
	}
}

func TestDevicesTellsOfAWrongEnvironment(t *testing.T) {
	t.Setenv(tuff.Env, "abacus")
	code, stdout, stderr := run(t, t.Context(), "devices")
	if code != exitFailure || !strings.Contains(stdout, "cpu") || !strings.Contains(stderr, `TUFF_DEVICE="abacus"`) {
		t.Errorf("wanted the list, an error that names TUFF_DEVICE and status 1, got %d, %q, %q", code, stdout, stderr)
	}
}

func TestVersion(t *testing.T) {
	if out := ok(t, "version"); !strings.HasPrefix(out, "tuff ") || !strings.Contains(out, "go1.") {
		t.Errorf("wanted versions of Tuff and Go, got %q", out)
	}
	if r := decode[versionReport](t, ok(t, "version", "--json")); r.Version == "" || r.Go == "" || r.Platform == "" {
		t.Errorf("wanted version, Go and platform, got %+v", r)
	}
	info := &debug.BuildInfo{Main: debug.Module{Version: "v0.3.1"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}, {Key: "CGO_ENABLED", Value: "1"},
	}}
	if r := readVersion(info); r.Version != "v0.3.1" || r.Revision != "0123456789abcdef" || !r.Modified || !r.Cgo {
		t.Errorf("wanted what the build info says, got %+v", r)
	}
	if r := readVersion(nil); r.Version != "(devel)" || r.Cgo {
		t.Errorf("wanted (devel) without build info, got %+v", r)
	}
}

func TestVerify(t *testing.T) {
	args := []string{"verify", "--device", testDevice(), "--ops", "neg,sum", "--short"}
	type report struct {
		Device  string  `json:"device"`
		Driver  string  `json:"driver"`
		Cases   int     `json:"cases"`
		Failed  int     `json:"failed"`
		Skipped int     `json:"skipped"`
		Seconds float64 `json:"seconds"`
		Ops     []struct {
			Op                                                     string
			Cases, Failed, Skipped                                 int
			Worst_ULP, Worst_NMSE, Worst_Grad_ULP, Worst_Grad_NMSE *float64
		} `json:"ops"`
		Skips []struct{ Case, Reason string } `json:"skips"`
	}
	r := decode[report](t, ok(t, append(args, "--json")...))
	if r.Device == "" || r.Driver == "" || r.Cases < 4 || r.Failed != 0 || len(r.Ops) != 2 {
		t.Fatalf("wanted cases of two ops on a device with a driver, got %+v", r)
	}
	n := 0
	for _, o := range r.Ops {
		n += o.Cases
		if o.Worst_ULP == nil || o.Worst_NMSE == nil {
			t.Errorf("wanted the worst errors, got %+v", o)
		}
	}
	if n != r.Cases || r.Ops[0].Op != "neg" || r.Ops[1].Op != "sum" {
		t.Errorf("wanted neg and sum with %d cases together, got %+v", r.Cases, r.Ops)
	}
	args[4] = "neg"
	if out := ok(t, append(args, "--markdown")...); !strings.Contains(out, "| neg |") || !strings.Contains(out, "|---|") {
		t.Errorf("wanted a Markdown table, got %q", out)
	}
	if out := ok(t, args...); !strings.Contains(out, "worst ULP") || !strings.Contains(out, "neg") {
		t.Errorf("wanted a table, got %q", out)
	}
}

func TestVerifyFailsWhenACaseFails(t *testing.T) {
	addFailingCase()
	code, stdout, stderr := run(t, t.Context(), "verify", "--device", "cpu", "--ops", "case=made_to_fail", "--json")
	if code != exitFailure || !strings.Contains(stderr, "1 of 1 cases failed") || !strings.Contains(stdout, `"failed": 1`) {
		t.Errorf("wanted status 1 and the failure in both streams, got %d, %q, %q", code, stdout, stderr)
	}
}

func TestInterruptedVerify(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted{os.Interrupt})
	code, stdout, stderr := run(t, ctx, "verify", "--device", "cpu", "--ops", "neg")
	if code != 130 || stdout != "" || !strings.Contains(stderr, "tuff: stopped by interrupt") {
		t.Errorf("wanted status 130 and a line that says so, got %d, %q, %q", code, stdout, stderr)
	}
}

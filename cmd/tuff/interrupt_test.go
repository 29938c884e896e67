package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain runs the command itself when a test starts this binary for that.
func TestMain(m *testing.M) {
	if os.Getenv("TUFF_TEST_COMMAND") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// TestInterruptedTraining: the cancelled context ends the training, which is
// saved all the same.
func TestInterruptedTraining(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	out := t.TempDir()
	time.AfterFunc(300*time.Millisecond, func() { cancel(interrupted{os.Interrupt}) })
	code, stdout, stderr := run(t, ctx, "demo", "logistic", "--device", "cpu", "--epochs", "1000000", "--out", out, "--json")
	if code != 130 || !strings.HasSuffix(stderr, "tuff: stopped by interrupt\n") {
		t.Errorf("wanted status 130 and a line that says so, got %d, %q", code, stderr)
	}
	if _, last := course[logisticReport](t, stdout); !last.Stopped || last.Steps == 0 || len(last.Files) != 4 {
		t.Errorf("wanted a result that says it was stopped, with files, got %+v", last)
	}
	wantTensors(t, filepath.Join(out, "model.safetensors"), map[string][]int{"w": {2}, "b": {1}})
}

// TestCtrlC sends the signal to the command itself.
func TestCtrlC(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("windows: no process can send another one Ctrl-C alone")
	}
	out := t.TempDir()
	args := []string{os.Args[0], "train", "digits", "--device", testDevice(), "--data", smallDigits(t), "--epochs", "1000000", "--out", out, "--json"}
	if wrapper := os.Getenv("TUFF_VKRUN"); wrapper != "" { // see tools/vkrun
		args = append([]string{wrapper}, args...)
	}
	c := exec.Command(args[0], args[1:]...)
	c.Env = append(os.Environ(), "TUFF_TEST_COMMAND=1")
	var stdout bytes.Buffer
	c.Stdout = &stdout
	pipe, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer stop.Stop()
	var log strings.Builder
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "epoch 2/") {
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			break
		}
	}
	rest, err := io.ReadAll(pipe)
	if err != nil {
		t.Error(err)
	}
	log.Write(rest)
	_ = c.Wait() // its status is looked at below
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Fatalf("wanted status 130, got %d\n%s", code, log.String())
	}
	if s := log.String(); !strings.Contains(s, "tuff: stopped by interrupt") || strings.Contains(s, "goroutine") {
		t.Errorf("wanted a line that says why it ended, got %q", s)
	}
	if epochs, last := course[digitsReport](t, stdout.String()); !last.Stopped || len(epochs) < 2 || last.Epochs != len(epochs) {
		t.Errorf("wanted a result that says it was stopped, got %d epochs, %+v", len(epochs), last)
	}
	wantTensors(t, filepath.Join(out, "model.safetensors"), map[string][]int{"0.weight": {128, 16}})
	wantPicture(t, filepath.Join(out, "loss.png"))
}

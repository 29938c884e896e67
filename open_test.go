package tuff

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

func TestOpenCPU(t *testing.T) {
	var log bytes.Buffer
	var choice Choice
	dev, err := Open(Options{Device: "cpu", Logger: slog.New(slog.NewTextHandler(&log, nil)), Chosen: func(c Choice) { choice = c }})
	if err != nil {
		t.Fatal(err)
	}
	if choice.ID != "cpu" || !strings.Contains(choice.String(), "Options.Device") {
		t.Errorf("wanted the CPU, by Options.Device; got %v", choice)
	}
	if !strings.Contains(log.String(), "id=cpu") {
		t.Errorf("wanted the choice in the log, got %q", log.String())
	}
	if err := dev.Close(); err != nil {
		t.Error(err)
	}
}

func TestEnvironmentAndOption(t *testing.T) {
	t.Setenv(Env, "no such device")
	var choice Choice
	chosen := func(c Choice) { choice = c }
	_, err := Open(Options{})
	if !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), `TUFF_DEVICE="no such device"`) {
		t.Errorf("wanted an error that names TUFF_DEVICE, got %v", err)
	}
	dev, err := Open(Options{Device: "cpu", Chosen: chosen})
	if err != nil || choice.ID != "cpu" {
		t.Fatalf("wanted Options.Device to beat TUFF_DEVICE, got %v, %v", choice, err)
	}
	dev.Close()
	t.Setenv(Env, "cpu")
	dev, err = Open(Options{Chosen: chosen})
	if err != nil || !strings.Contains(choice.Why, Env) {
		t.Fatalf("wanted the device of TUFF_DEVICE, got %v, %v", choice, err)
	}
	dev.Close()
}

func TestDevices(t *testing.T) {
	list, err := Devices(Options{})
	found := false
	for _, c := range list {
		if c.ID == "cpu" {
			found = c.Caps.Threads > 0 && c.Kind == CPU
		} else if c.info == nil || c.Name == "" || c.Caps.SubgroupSize == 0 {
			t.Errorf("wanted a Vulkan device with name and limits, got %+v", c)
		}
	}
	if !found {
		t.Errorf("wanted the CPU backend with its threads in %v", list)
	}
	if err != nil && len(list) != 1 {
		t.Errorf("wanted the CPU alone beside %v, got %v", err, list)
	}
}

// TestOpenVulkan opens each device that can be opened.
func TestOpenVulkan(t *testing.T) {
	list, err := Devices(Options{})
	if err != nil {
		if os.Getenv("TUFF_REQUIRE_VULKAN") == "1" {
			t.Fatal(err)
		}
		t.Skip("no Vulkan:", err)
	}
	for _, c := range list {
		if c.info == nil || len(c.Missing) > 0 {
			continue
		}
		var choice Choice
		dev, err := Open(Options{Device: c.ID, Source: "the test", Vulkan: gpu.Options{CacheDir: "-"}, Chosen: func(c Choice) { choice = c }})
		if err != nil {
			t.Fatal(err)
		}
		if choice.ID != c.ID || !strings.Contains(choice.Why, "the test") || !strings.Contains(dev.Name(), c.Name) {
			t.Errorf("wanted %v, got %v, %s", c, choice, dev.Name())
		}
		err = dev.Scope(context.Background(), ops.Infer(), func(s *ops.Scope) error {
			got, err := ops.ToSlice[float32](s.Context(), ops.FromSlice(s, []float32{1, 2}, 2).AddScalar(1))
			if err == nil && (got[0] != 2 || got[1] != 3) {
				t.Errorf("%v: wanted [2 3], got %v", c, got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	}
}

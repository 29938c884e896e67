//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestPipelineCache(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	run := func(opt Options) Stats {
		t.Helper()
		opt.CacheDir, opt.Logger = dir, slog.New(slog.NewTextHandler(&log, nil))
		d := openRaw(t, &opt)
		p := addProgram
		p.Hash = "00ff"
		pl := pipe(t, d, p)
		if again := pipe(t, d, p); again != pl {
			t.Error("wanted the same pipeline for the same program")
		}
		other := p
		other.Spec = []SpecConst{{0, 32}}
		if pipe(t, d, other) == pl {
			t.Error("wanted another pipeline for other constants")
		}
		st := d.Stats()
		must(t, d.Close())
		return st
	}
	if st := run(Options{}); st.PipelinesMade != 2 || st.PipelineFileHits != 0 {
		t.Errorf("first run: wanted 2 made, no file, got %d, %d", st.PipelinesMade, st.PipelineFileHits)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	if len(files) != 1 || filepath.Base(files[0]) != "00ff.bin" {
		t.Fatalf("wanted one file 00ff.bin, got %v", files)
	}
	if st := run(Options{}); st.PipelineFileHits != 1 {
		t.Errorf("second run: wanted the file accepted, got %d", st.PipelineFileHits)
	}
	good, err := os.ReadFile(files[0])
	must(t, err)
	for name, bad := range map[string][]byte{
		"empty": {}, "text": []byte("hello"), "cut": good[:len(good)-1],
		"flipped": append(append([]byte(nil), good[:len(good)-1]...), good[len(good)-1]^1),
	} {
		must(t, os.WriteFile(files[0], bad, 0o644))
		log.Reset()
		if st := run(Options{}); st.PipelineFileHits != 0 || st.PipelinesMade != 2 {
			t.Errorf("%s: wanted the file ignored, got %d hits, %d made", name, st.PipelineFileHits, st.PipelinesMade)
		}
		if !strings.Contains(log.String(), "pipeline cache file ignored") {
			t.Errorf("%s: wanted a warning, log has %q", name, log.String())
		}
		// The good file is back afterwards.
		if now, err := os.ReadFile(files[0]); err != nil || len(now) < len(cacheMagic)+32 {
			t.Errorf("%s: wanted the file rewritten, got %d bytes, %v", name, len(now), err)
		} else if _, err := unpackCache(now); err != nil {
			t.Errorf("%s: rewritten file: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".new-*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestPipelineConcurrent(t *testing.T) {
	d := open(t, nil)
	var wg sync.WaitGroup
	got := make([]*Pipeline, 32)
	for i := range got {
		wg.Add(1)
		go func() {
			defer wg.Done()
			got[i], _ = d.Pipeline(addProgram)
		}()
	}
	wg.Wait()
	for _, p := range got {
		if p == nil || p != got[0] {
			t.Fatal("wanted one pipeline for all")
		}
	}
	if n := d.Stats().PipelinesMade; n != 1 {
		t.Errorf("wanted it compiled once, got %d", n)
	}
}

func TestPipelineErrors(t *testing.T) {
	d := open(t, &Options{Disable: []string{"subgroup_size_control"}})
	for _, c := range []struct {
		change func(*Program)
		want   string
	}{
		{func(p *Program) { p.SPIRV = []byte("not a shader at all!") }, "wanted a SPIR-V module"},
		{func(p *Program) { p.SPIRV = nil }, "wanted a SPIR-V module"},
		{func(p *Program) { p.PushBytes = 7 }, "multiple of 4"},
		{func(p *Program) { p.PushBytes = 1 << 20 }, "up to"},
		{func(p *Program) { p.SubgroupSize = 2048 }, "without subgroup size control"},
		{func(p *Program) { p.FullSubgroups = true }, "full subgroups"},
	} {
		p := addProgram
		c.change(&p)
		if _, err := d.Pipeline(p); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "pipeline add") {
			t.Errorf("wanted an error with %q that names the program, got %v", c.want, err)
		}
	}
}

// TestSubgroupSize asks for each size the device offers.
func TestSubgroupSize(t *testing.T) {
	d := open(t, nil)
	i := d.Info()
	if !i.Features.SubgroupSizeControl {
		t.Skip("no subgroup size control")
	}
	const n = 200
	a, c := buffer(t, d, 4*n), buffer(t, d, 4*n)
	must(t, a.Write(0, words(n, func(i int) uint32 { return uint32(i) })))
	for size := i.Limits.MinSubgroupSize; size <= i.Limits.MaxSubgroupSize; size *= 2 {
		p := addProgram
		p.SubgroupSize, p.FullSubgroups = size, i.Features.FullSubgroups
		s := stream(t, d)
		must(t, add(s, pipe(t, d, p), a, a, c, n, 2))
		if got := readWords(t, c, n); got[n-1] != 3*(n-1) {
			t.Errorf("subgroup size %d: wanted %d, got %d", size, 3*(n-1), got[n-1])
		}
		must(t, s.Close())
	}
	p := addProgram
	p.SubgroupSize = 2 * i.Limits.MaxSubgroupSize
	if _, err := d.Pipeline(p); err == nil {
		t.Error("wanted an error for a size the device lacks")
	}
}

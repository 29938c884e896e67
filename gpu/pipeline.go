//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
	"github.com/tuff-ml/tuff/internal/spirv"
)

// Pipeline is a compiled program. It lives as long as its device and is safe
// for many goroutines.
type Pipeline struct {
	d                *Device
	name             string
	layout, pipeline uint64
	pushBytes        int
}

// Name is the program's name.
func (p *Pipeline) Name() string { return p.name }

// pipeKey tells programs apart; spec holds the constants' bytes.
type pipeKey struct {
	name, hash, spec string
	push, subgroup   int
	full             bool
}

type pipeEntry struct {
	once sync.Once
	p    *Pipeline
	err  error
}

type pipelines struct {
	d      *Device
	mu     sync.Mutex
	made   map[pipeKey]*pipeEntry
	caches map[string]*diskCache // by program hash
}

func (ps *pipelines) init(d *Device) {
	ps.d, ps.made, ps.caches = d, map[pipeKey]*pipeEntry{}, map[string]*diskCache{}
}

// Pipeline returns the pipeline of a program, compiling it the first time.
// Concurrent calls for one program compile it once.
func (d *Device) Pipeline(p Program) (*Pipeline, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	if err := d.checkProgram(&p); err != nil {
		return nil, err
	}
	if p.Hash == "" {
		sum := sha256.Sum256(p.SPIRV)
		p.Hash = hex.EncodeToString(sum[:])
	}
	spec := make([]byte, 0, 8*len(p.Spec))
	for _, c := range p.Spec {
		spec = binary.LittleEndian.AppendUint32(spec, c.ID)
		spec = binary.LittleEndian.AppendUint32(spec, c.Value)
	}
	key := pipeKey{p.Name, p.Hash, string(spec), p.PushBytes, p.SubgroupSize, p.FullSubgroups}
	ps := &d.pipes
	ps.mu.Lock()
	e := ps.made[key]
	if e == nil {
		e = &pipeEntry{}
		ps.made[key] = e
	}
	ps.mu.Unlock()
	e.once.Do(func() { e.p, e.err = ps.compile(&p) })
	return e.p, e.err
}

func (d *Device) checkProgram(p *Program) error {
	lim, f := &d.info.Limits, &d.info.Features
	if n := len(p.SPIRV); n < 20 || n%4 != 0 || binary.LittleEndian.Uint32(p.SPIRV) != 0x07230203 {
		return fmt.Errorf("gpu: pipeline %s: wanted a SPIR-V module in little-endian words, got %d bytes without its magic number", p.Name, n)
	}
	if p.PushBytes < 0 || p.PushBytes%4 != 0 || p.PushBytes > lim.MaxPushConstants {
		return fmt.Errorf("gpu: pipeline %s: wanted push constants in a multiple of 4 bytes up to %d, got %d", p.Name, lim.MaxPushConstants, p.PushBytes)
	}
	if s := p.SubgroupSize; s != 0 && s != lim.SubgroupSize && !f.SubgroupSizeControl {
		return fmt.Errorf("gpu: pipeline %s: wanted subgroups of %d, got a device of %d without subgroup size control", p.Name, s, lim.SubgroupSize)
	} else if s != 0 && (s&(s-1) != 0 || s < lim.MinSubgroupSize || s > lim.MaxSubgroupSize) {
		return fmt.Errorf("gpu: pipeline %s: wanted subgroups of %d, the device has %d to %d", p.Name, s, lim.MinSubgroupSize, lim.MaxSubgroupSize)
	}
	if p.FullSubgroups && !f.FullSubgroups {
		return fmt.Errorf("gpu: pipeline %s: wanted full subgroups, got a device without that feature", p.Name)
	}
	return nil
}

func (ps *pipelines) compile(p *Program) (*Pipeline, error) {
	d := ps.d
	code, err := d.adapt(p)
	if err != nil {
		return nil, err
	}
	cache := ps.cache(p.Hash)
	args := vkx.PipelineArgs{Cache: cache.handle, SPIRV: code, PushBytes: p.PushBytes, Full: p.FullSubgroups}
	if d.info.Features.SubgroupSizeControl {
		args.Subgroup = uint32(p.SubgroupSize)
	}
	for _, c := range p.Spec {
		args.IDs, args.Values = append(args.IDs, c.ID), append(args.Values, c.Value)
	}
	layout, pipeline, r := d.vkx.NewPipeline(&args)
	if r != vkx.Success {
		return nil, fmt.Errorf("gpu: pipeline %s on %s: compile: %w", p.Name, d.info.Name, r)
	}
	d.nPipe.Add(1)
	cache.save(d)
	return &Pipeline{d: d, name: p.Name, layout: layout, pipeline: pipeline, pushBytes: p.PushBytes}, nil
}

// adapt rewrites a program for a driver that compiles parts of it wrongly.
func (d *Device) adapt(p *Program) ([]byte, error) {
	if !d.info.splitPack {
		return p.SPIRV, nil
	}
	m, err := spirv.Parse(p.SPIRV)
	if err != nil {
		return nil, fmt.Errorf("gpu: pipeline %s: %w", p.Name, err)
	}
	if !m.SplitPack() {
		return p.SPIRV, nil
	}
	return m.Bytes(), nil
}

// cache returns the driver's cache for one program, read from disk when it is
// there.
func (ps *pipelines) cache(hash string) *diskCache {
	ps.mu.Lock()
	c := ps.caches[hash]
	if c == nil {
		c = &diskCache{path: ps.d.cachePath(hash)}
		ps.caches[hash] = c
	}
	ps.mu.Unlock()
	c.once.Do(func() { c.open(ps.d) })
	return c
}

func (ps *pipelines) destroy() {
	for _, e := range ps.made {
		if p := e.p; p != nil {
			vk.DestroyPipeline(ps.d.vk, handle[vk.Pipeline](p.pipeline), nil)
			vk.DestroyPipelineLayout(ps.d.vk, handle[vk.PipelineLayout](p.layout), nil)
		}
	}
	for _, c := range ps.caches {
		if c.handle != 0 {
			vk.DestroyPipelineCache(ps.d.vk, handle[vk.PipelineCache](c.handle), nil)
		}
	}
}

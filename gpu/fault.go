//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// Fault records lie in chunks: in device memory, where kernels write them, and
// beside them in host memory, where every batch leaves a copy. Kernels never
// write host memory themselves: atomics over the bus are not dependable.
const (
	recordStride = 64
	recordsChunk = 256
)

type recordChunk struct{ dev, host *block }

type faultRecords struct{ chunks []recordChunk }

// reserve makes sure that record i exists.
func (f *faultRecords) reserve(d *Device, i int) error {
	for len(f.chunks) <= i/recordsChunk {
		dev, r := d.newBlock(recordStride*recordsChunk, d.pool.memType, false)
		if r != vkx.Success {
			return fmt.Errorf("gpu: new stream: memory for fault records: %w", r)
		}
		host, r := d.newBlock(recordStride*recordsChunk, d.host[1], true)
		if r != vkx.Success {
			d.freeBlock(dev)
			return fmt.Errorf("gpu: new stream: memory for fault records: %w", r)
		}
		clear(host.mapped)
		f.chunks = append(f.chunks, recordChunk{dev, host})
	}
	return nil
}

func (f *faultRecords) at(i int) (dev, host *block, off uint64) {
	c := f.chunks[i/recordsChunk]
	return c.dev, c.host, uint64(i % recordsChunk * recordStride)
}

func (f *faultRecords) destroy(d *Device) {
	for _, c := range f.chunks {
		d.freeBlock(c.dev)
		d.freeBlock(c.host)
	}
}

// FaultAddr is the device address of this stream's fault record, 16 bytes:
// {u32 code; u32 limit; i64 value}, zero at the start. A kernel that meets an
// index out of range swaps a code in with atomicCompSwap and, where it won,
// writes the other fields. The next Wait, or Flush or Close once the work is
// complete, or Read of a buffer that this stream wrote, returns it as a *Fault,
// once, and clears the record.
func (s *Stream) FaultAddr() uint64 {
	if s.d.enter() != nil {
		return 0
	}
	defer s.d.leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0
	}
	s.d.resMu.Lock()
	dev, _, off := s.d.records.at(s.res.record)
	s.d.resMu.Unlock()
	if !s.faulty {
		s.faulty = true
		s.clearFault()
	}
	return dev.addr + off
}

// clearFault records zeroing the fault record, ahead of everything in the
// batch: what is recorded but has not run may meet a fault of its own.
func (s *Stream) clearFault() {
	s.d.resMu.Lock()
	dev, _, off := s.d.records.at(s.res.record)
	s.d.resMu.Unlock()
	s.labels = append(s.labels, "clear fault record")
	c := vkx.Cmd{Kind: vkx.Fill, H1: dev.buf, B: off, N: 16, Mark: uint32(len(s.labels) - 1)}
	s.cmds = slices.Insert(s.cmds, 0, c)
	if len(s.cmds) > 1 {
		s.cmds[1].Barrier = 1
	} else {
		s.barrier = true
	}
}

// copyFault records the copy of the fault record to the host, behind
// everything. Fault records are outside the tracking of ranges.
func (s *Stream) copyFault() {
	s.d.resMu.Lock()
	dev, host, off := s.d.records.at(s.res.record)
	s.d.resMu.Unlock()
	s.labels = append(s.labels, "copy fault record")
	s.cmds = append(s.cmds, vkx.Cmd{Kind: vkx.Copy, Barrier: 1, H0: dev.buf, H1: host.buf, A: off, B: off, N: 16, Mark: uint32(len(s.labels) - 1)})
}

// takeFault returns the stream's fault when its work is complete, and clears it.
func (s *Stream) takeFault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.d
	if !s.faulty || s.res == nil || s.last == 0 || s.last > d.completed.Load() {
		return nil
	}
	f := d.readFault(s.res.record)
	if f == nil {
		return nil
	}
	if !s.closed {
		s.clearFault()
	}
	return f
}

// readFault takes the host's copy of a record of work that is complete.
func (d *Device) readFault(i int) *Fault {
	d.resMu.Lock()
	_, host, off := d.records.at(i)
	d.resMu.Unlock()
	return d.parseFault(host.mapped[off : off+16])
}

func (d *Device) parseFault(m []byte) *Fault {
	code := binary.LittleEndian.Uint32(m)
	if code == 0 {
		return nil
	}
	f := &Fault{Device: d.info.Name, Code: code, Limit: binary.LittleEndian.Uint32(m[4:]),
		Value: int64(binary.LittleEndian.Uint64(m[8:])), Ops: d.recent.list()}
	clear(m)
	return f
}

// collectLate keeps the fault that a closed stream's work left, for Sync. The
// caller holds resMu.
func (d *Device) collectLate(r *streamRes) {
	if !r.faulty || r.last > d.completed.Load() {
		return
	}
	r.faulty = false
	_, host, off := d.records.at(r.record)
	if f := d.parseFault(host.mapped[off : off+16]); f != nil && d.late == nil {
		d.late = f
		d.log.Error("gpu: fault in work of a closed stream", "fault", f.Error())
	}
}

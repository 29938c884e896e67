//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

const defaultWaitLimit = 60 * time.Second

// Device is an opened device with one compute queue. It is safe for many
// goroutines.
type Device struct {
	info  Info
	opt   *Options
	log   *slog.Logger
	inst  *vkx.Instance
	phys  uint64
	vkx   *vkx.Device
	vk    vk.Device
	queue uint64
	fam   uint32
	host  [2]int // memory types for staging: upload, read-back

	pool  pool
	pipes pipelines
	prof  profile

	// Estimates of speed, for the size of batches only.
	groupSeconds, flopSeconds, byteSeconds float64

	active atomic.Int64 // calls inside the device
	closed atomic.Bool
	lost   atomic.Pointer[LostError]

	submitMu  sync.Mutex // orders submissions
	lastSeq   atomic.Uint64
	completed atomic.Uint64
	semaphore uint64 // timeline, or 0
	fences    fences
	recent    recent

	streamsMu sync.Mutex
	streams   map[*Stream]struct{}
	resMu     sync.Mutex
	resAll    []*streamRes
	resFree   []*streamRes
	records   faultRecords
	late      *Fault // of a closed stream

	up   uploader
	down downloader

	msgMu sync.Mutex
	msgs  []string

	nSubmit, nCmd, nBarrier, nStaged, nPipe, nHit atomic.Int64
}

// Open opens the device that info describes. A device below the floor is
// refused with an ErrBelowFloor that names what it lacks.
func Open(info Info, opt *Options) (*Device, error) {
	opt = withDefaults(opt)
	in, err := newInstance(opt)
	if err != nil {
		return nil, err
	}
	d := &Device{opt: opt, log: opt.Logger, inst: in, streams: map[*Stream]struct{}{}}
	if err := d.open(info); err != nil {
		d.destroy()
		return nil, err
	}
	d.log.Info("gpu: opened device", "name", d.info.Name, "driver", d.info.Driver, "quirks", d.info.Quirks)
	return d, nil
}

func (d *Device) open(want Info) error {
	phys, err := physicals(d.inst)
	if err != nil {
		return err
	}
	found := -1
	for i, p := range phys {
		info, q := describe(d.inst, p, i, d.opt)
		// The index alone does not name a device: lists change between calls.
		if info.UUID == want.UUID && info.Name == want.Name && (found < 0 || i == want.Index) {
			found, d.phys, d.info = i, p, info
			d.fam = uint32(max(0, q.Family))
			d.pool.memType = deviceMemoryType(q, d.opt.ForceStaging)
			d.host = [2]int{hostMemoryType(q, false), hostMemoryType(q, true)}
			if d.pool.memType >= 0 {
				d.pool.heapIndex = q.Types[d.pool.memType].Heap
			}
		}
	}
	if found < 0 {
		return fmt.Errorf("gpu: open: %w: wanted %q, which is no longer listed", ErrNoDevice, want.Name)
	}
	if len(d.info.Missing) > 0 {
		return fmt.Errorf("gpu: open %s: %w: it lacks %s", d.info.Name, ErrBelowFloor, strings.Join(d.info.Missing, ", "))
	}
	if d.pool.memType < 0 || d.host[0] < 0 || d.host[1] < 0 {
		return fmt.Errorf("gpu: open %s: %w: it lacks a usable memory type", d.info.Name, ErrBelowFloor)
	}
	return d.create()
}

func (d *Device) create() error {
	_, q := describe(d.inst, d.phys, d.info.Index, d.opt)
	f := &d.info.Features
	x, r := d.inst.NewDevice(d.phys, vkx.Enable{
		Family: int(d.fam), F64: f.Float64, I16: f.Int16, F16: f.Float16, I8: f.Int8, Timeline: f.Timeline,
		Scalar: f.ScalarLayout, MemoryModel: f.MemoryModel, MemoryModelDevice: f.MemoryModel && q.MemoryModelDevice,
		SubgroupExtended: f.SubgroupExtended, SubgroupSizeControl: f.SubgroupSizeControl, FullSubgroups: f.FullSubgroups,
		Maintenance4: f.Maintenance4, CoopMat: f.CoopMat, IntDot: f.IntDot, Budget: f.MemoryBudget,
		Portability: q.Portability, ExtSizeControl: q.ExtSizeControl, ExtMaintain4: q.ExtMaintain4,
	})
	if r != vkx.Success {
		return fmt.Errorf("gpu: open %s: create device: %w", d.info.Name, r)
	}
	d.vkx, d.vk = x, handle[vk.Device](x.Handle())
	var queue vk.Queue
	vk.GetDeviceQueue(d.vk, d.fam, 0, &queue)
	d.queue = raw(queue)
	d.pool.d, d.pool.next = d, firstBlock
	d.pipes.init(d)
	d.prof.on = d.opt.Profile && f.Timestamps
	if d.opt.Profile && !f.Timestamps {
		d.log.Warn("gpu: the device has no timestamps; nothing is profiled", "device", d.info.Name)
	}
	d.lastSeq.Store(1)
	d.completed.Store(1)
	if f.Timeline {
		ci := vk.SemaphoreCreateInfo{SType: vk.StructureTypeSemaphoreCreateInfo, PNext: vkx.TimelineChain()}
		var s vk.Semaphore
		res := vk.CreateSemaphore(d.vk, &ci, nil, &s)
		ci.Free()
		if res != vk.Success {
			return fmt.Errorf("gpu: open %s: create timeline: %w", d.info.Name, vkx.Result(res))
		}
		d.semaphore = raw(s)
	}
	// Rough speeds by kind: operations and bytes a second, seconds a workgroup.
	flops, bytes, group := 5e12, 3e11, 5e-8
	switch d.info.Type {
	case Integrated:
		flops, bytes, group = 5e11, 3e10, 4e-7
	case Software:
		flops, bytes, group = 2e10, 5e9, 4e-6
	}
	d.flopSeconds, d.byteSeconds, d.groupSeconds = 1/flops, 1/bytes, group
	return nil
}

// Info describes the device as opened: with what was switched off removed.
func (d *Device) Info() Info { return d.info }

// enter begins a call; leave ends it. Close waits for calls that are inside.
func (d *Device) enter() error {
	d.active.Add(1)
	if d.closed.Load() {
		d.active.Add(-1)
		return fmt.Errorf("gpu: device %s: %w", d.info.Name, ErrClosed)
	}
	if l := d.lost.Load(); l != nil {
		d.active.Add(-1)
		return l
	}
	return nil
}

func (d *Device) leave() { d.active.Add(-1) }

// Err is the sticky error of a lost device, or nil.
func (d *Device) Err() error {
	if l := d.lost.Load(); l != nil {
		return l
	}
	return nil
}

// lose makes the device lost, once.
func (d *Device) lose(reason string) error {
	l := &LostError{Device: d.info.Name, Reason: reason, Ops: d.recent.list()}
	if d.lost.CompareAndSwap(nil, l) {
		d.log.Error("gpu: device lost", "device", d.info.Name, "reason", reason)
	}
	return d.lost.Load()
}

// SimulateLoss makes the device behave as if it had just been lost, for tests
// of whatever stands above.
func (d *Device) SimulateLoss() { d.lose("simulated by SimulateLoss") }

// Sync waits for all submitted work, in order of submission. It reports a fault
// that a closed stream's work left behind.
func (d *Device) Sync(ctx context.Context) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if err := d.up.flush(); err != nil {
		return err
	}
	if err := d.waitSeq(ctx, d.lastSeq.Load()); err != nil {
		return err
	}
	d.resMu.Lock()
	defer d.resMu.Unlock()
	for _, r := range d.resFree {
		d.collectLate(r)
	}
	if f := d.late; f != nil {
		d.late = nil
		return f
	}
	return nil
}

// flushAll submits what every open stream has recorded.
func (d *Device) flushAll() {
	d.streamsMu.Lock()
	list := make([]*Stream, 0, len(d.streams))
	for s := range d.streams {
		list = append(list, s)
	}
	d.streamsMu.Unlock()
	for _, s := range list {
		_ = s.flush() // a failure is sticky and shows at the next call
	}
}

// closeGrace is how long Close waits for a lost device before it gives up its
// objects to the driver.
const closeGrace = 2 * time.Second

// Close submits what streams still hold, waits for the device, writes the
// profile and destroys everything. Buffers and streams are useless afterwards;
// releasing them is harmless. It returns the sticky error of a lost device, the
// profile's write error, and an ErrValidation when validation said anything.
func (d *Device) Close() error {
	if d.closed.Load() {
		return nil
	}
	d.flushAll()
	if !d.closed.CompareAndSwap(false, true) {
		return nil
	}
	for d.active.Load() > 0 {
		time.Sleep(50 * time.Microsecond)
	}
	err := d.Err()
	idle := true
	if err == nil {
		err = d.waitSeq(context.Background(), d.lastSeq.Load())
	}
	if err != nil {
		idle = d.waitLost(closeGrace)
	}
	if idle {
		err = errors.Join(err, d.finishProfile())
		d.destroy()
	} else {
		d.log.Error("gpu: the device does not answer; its objects are left to the driver", "device", d.info.Name)
	}
	if n := len(d.ValidationMessages()); n > 0 {
		err = errors.Join(err, fmt.Errorf("gpu: %s: %d %w, first: %s", d.info.Name, n, ErrValidation, d.msgs[0]))
	}
	return err
}

// destroy destroys what exists, in the order of dependence.
func (d *Device) destroy() {
	if d.vkx != nil {
		d.pipes.destroy()
		for _, r := range d.resAll {
			r.destroy()
		}
		d.records.destroy(d)
		d.up.destroy(d)
		d.down.destroy(d)
		for _, b := range d.pool.blocks {
			d.freeBlock(b)
		}
		d.pool.mu.Lock()
		d.pool.blocks = nil
		d.pool.mu.Unlock()
		d.fences.destroy(d)
		if d.semaphore != 0 {
			vk.DestroySemaphore(d.vk, handle[vk.Semaphore](d.semaphore), nil)
		}
		vk.DestroyDevice(d.vk, nil)
		d.vkx.Free()
	}
	d.takeMessages()
	d.closed.Store(true)
	d.inst.Destroy()
	d.inst = nil
}

func (d *Device) takeMessages() {
	d.msgMu.Lock()
	defer d.msgMu.Unlock()
	if d.inst == nil || !d.opt.Validate {
		return
	}
	for _, m := range d.inst.Messages() {
		d.msgs = append(d.msgs, m.Text)
		d.log.Warn("gpu: validation", "text", m.Text)
	}
}

// ValidationMessages returns every warning and error of the validation layer
// since Open; also after Close.
func (d *Device) ValidationMessages() []string {
	d.takeMessages()
	d.msgMu.Lock()
	defer d.msgMu.Unlock()
	return append([]string(nil), d.msgs...)
}

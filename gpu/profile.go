//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// maxEvents bounds the trace; the sums by label go on beyond it.
const maxEvents = 1 << 20

// profile collects the time of every command.
type profile struct {
	on     bool
	mu     sync.Mutex
	base   uint64 // first tick seen
	sums   map[string]*OpStat
	events []event
	lost   int
}

type event struct {
	label      string
	start, dur float64 // microseconds since the first command
	seq        uint64
}

// noted is what a submitted batch will be read back as.
type noted struct {
	seq    uint64
	labels []string
	marks  []uint32
}

func (c *cmdBuffer) note(s *Stream) {
	n := &c.noted
	n.seq = c.seq
	n.labels = append(n.labels[:0], s.labels...)
	n.marks = n.marks[:0]
	for i := range s.cmds {
		n.marks = append(n.marks, s.cmds[i].Mark)
	}
}

// provide gives the command buffer a query pool for cmds commands.
func (p *profile) provide(d *Device, c *cmdBuffer, cmds int) error {
	if c.slots >= cmds {
		return nil
	}
	if c.queries != 0 {
		vk.DestroyQueryPool(d.vk, handle[vk.QueryPool](c.queries), nil)
		c.queries = 0
	}
	slots := max(cmds, batchCommands+8)
	ci := vk.QueryPoolCreateInfo{SType: vk.StructureTypeQueryPoolCreateInfo, QueryType: vk.QueryTypeTimestamp, QueryCount: uint32(2 * slots)}
	var q vk.QueryPool
	r := vk.CreateQueryPool(d.vk, &ci, nil, &q)
	ci.Free()
	if r != vk.Success {
		return fmt.Errorf("gpu: profile: create query pool: %w", vkx.Result(r))
	}
	c.queries, c.slots = raw(q), slots
	return nil
}

// collect reads the times of the command buffer's last batch, which is done.
func (p *profile) collect(d *Device, c *cmdBuffer) {
	n := len(c.noted.marks)
	if n == 0 {
		return
	}
	ticks := make([]uint64, 2*n)
	r := d.vkx.QueryResults(c.queries, ticks)
	labels, marks := c.noted.labels, c.noted.marks
	c.noted.marks = c.noted.marks[:0]
	if r != vkx.Success {
		return
	}
	mask := ^uint64(0)
	if b := d.info.Limits.TimestampBits; b < 64 {
		mask = 1<<b - 1
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sums == nil {
		p.sums = map[string]*OpStat{}
		p.base = ticks[0]
	}
	period := d.info.Limits.TimestampPeriod
	for i, m := range marks {
		label := labels[m]
		start := float64(int64(ticks[2*i]&mask)-int64(p.base&mask)) * period / 1e3
		dur := float64((ticks[2*i+1]-ticks[2*i])&mask) * period / 1e3
		s := p.sums[label]
		if s == nil {
			s = &OpStat{Label: label}
			p.sums[label] = s
		}
		s.Count++
		s.Time += time.Duration(dur * 1e3)
		if len(p.events) < maxEvents {
			p.events = append(p.events, event{label, start, dur, c.noted.seq})
		} else {
			p.lost++
		}
	}
}

// collectAll reads every batch that is done.
func (d *Device) collectAll() {
	d.poll()
	d.resMu.Lock()
	all := append([]*streamRes(nil), d.resAll...)
	free := map[*streamRes]bool{}
	for _, r := range d.resFree {
		free[r] = true
	}
	d.resMu.Unlock()
	collect := func(r *streamRes) {
		for _, c := range r.cbs {
			if c.seq <= d.completed.Load() {
				d.prof.collect(d, c)
			}
		}
	}
	d.streamsMu.Lock()
	open := make([]*Stream, 0, len(d.streams))
	for s := range d.streams {
		open = append(open, s)
	}
	d.streamsMu.Unlock()
	for _, s := range open {
		s.mu.Lock()
		if s.res != nil {
			collect(s.res)
		}
		s.mu.Unlock()
	}
	for _, r := range all {
		d.resMu.Lock()
		if free[r] {
			collect(r)
		}
		d.resMu.Unlock()
	}
}

// Profile returns the time by label of the work that is complete, longest
// first; nil when profiling is off. While profiling, commands run one at a time.
func (d *Device) Profile() []OpStat {
	if !d.prof.on {
		return nil
	}
	if d.enter() == nil {
		d.collectAll()
		d.leave()
	}
	d.prof.mu.Lock()
	defer d.prof.mu.Unlock()
	out := make([]OpStat, 0, len(d.prof.sums))
	for _, s := range d.prof.sums {
		out = append(out, *s)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Time != out[j].Time {
			return out[i].Time > out[j].Time
		}
		return out[i].Label < out[j].Label
	})
	return out
}

// traceEvent is one complete event of Chrome's trace event format.
type traceEvent struct {
	Name string         `json:"name"`
	Ph   string         `json:"ph"`
	Ts   float64        `json:"ts"`
	Dur  float64        `json:"dur,omitempty"`
	Pid  int            `json:"pid"`
	Tid  int            `json:"tid"`
	Args map[string]any `json:"args,omitempty"`
}

// finishProfile reads what is left and writes the trace. The device is idle.
func (d *Device) finishProfile() error {
	if !d.prof.on {
		return nil
	}
	d.collectAll()
	if d.opt.ProfilePath == "" {
		return nil
	}
	p := &d.prof
	p.mu.Lock()
	defer p.mu.Unlock()
	sort.SliceStable(p.events, func(i, j int) bool { return p.events[i].start < p.events[j].start })
	events := []traceEvent{{Name: "process_name", Ph: "M", Args: map[string]any{"name": d.info.Name}}}
	for _, e := range p.events {
		events = append(events, traceEvent{Name: e.label, Ph: "X", Ts: e.start, Dur: e.dur, Args: map[string]any{"batch": e.seq}})
	}
	data, err := json.Marshal(map[string]any{"displayTimeUnit": "ms", "traceEvents": events,
		"otherData": map[string]any{"device": d.info.Name, "driver": d.info.Driver, "eventsLeftOut": p.lost}})
	if err == nil {
		err = os.WriteFile(d.opt.ProfilePath, data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("gpu: profile: %w", err)
	}
	return nil
}

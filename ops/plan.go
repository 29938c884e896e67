package ops

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"unsafe"
)

// entry is what is known about all calls with one key.
type entry struct {
	plan    Plan
	scratch int
	outs    []Spec
	dense   bool     // the backend wants dense inputs
	compose bool     // the backend has no kernel: use Def.Compose
	nothing bool     // every output is empty
	fill    *float64 // an input is empty: outputs are this
}

// planKey is a call without buffers and constants. geom holds dtypes, shapes,
// strides and offset alignment of the inputs.
type planKey struct {
	def  *Def
	attr any
	geom string
}

// planCache is bounded: when the young half is full it becomes the old half,
// and what was not asked for since is dropped. Insertion is O(1).
type planCache struct {
	mu         sync.RWMutex
	limit      int
	young, old map[planKey]*entry
}

func (c *planCache) get(k planKey) *entry {
	c.mu.RLock()
	e, ok := c.young[k]
	if !ok {
		e = c.old[k]
	}
	c.mu.RUnlock()
	if !ok && e != nil {
		c.put(k, e)
	}
	return e
}

func (c *planCache) put(k planKey, e *entry) {
	k.geom = strings.Clone(k.geom)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= c.limit/2 {
		c.old, c.young = c.young, map[planKey]*entry{}
	}
	c.young[k] = e
}

// CachedPlans is the number of plans that the device remembers.
func (d *Device) CachedPlans() int {
	d.plans.mu.RLock()
	defer d.plans.mu.RUnlock()
	return len(d.plans.young) + len(d.plans.old)
}

// geometry writes the inputs' part of the key to buf.
func geometry(buf []byte, in []*Tensor) []byte {
	buf = buf[:0]
	for _, t := range in {
		v := &t.view
		align := byte(v.Offset * v.DType.Size() & 15)
		dense := v.Dense()
		head := byte(v.Rank)
		if dense {
			head |= 0x80
		}
		buf = append(buf, byte(v.DType), head, align)
		for i := 0; i < v.Rank; i++ {
			buf = binary.AppendUvarint(buf, uint64(v.Shape[i]))
			if !dense {
				buf = binary.AppendUvarint(buf, uint64(v.Strides[i]))
			}
		}
	}
	return buf
}

// lookup finds or makes the entry of a call.
func (s *Scope) lookup(def *Def, attr any, in []*Tensor) *entry {
	s.key = geometry(s.key, in)
	k := planKey{def, attr, unsafe.String(unsafe.SliceData(s.key), len(s.key))}
	if e := s.dev.plans.get(k); e != nil {
		return e
	}
	e := s.prepare(def, attr, in)
	s.dev.plans.put(k, e)
	return e
}

// prepare infers the outputs and asks the backend for a plan.
func (s *Scope) prepare(def *Def, attr any, in []*Tensor) *entry {
	specs := make([]Spec, len(in))
	for i, t := range in {
		specs[i] = t.view.Spec
	}
	outs, err := def.Infer(nil, specs, attr)
	if err != nil {
		failErr(def.Op, in, err)
	}
	e := &entry{outs: outs, compose: def.Kind == Composed}
	emptyIn, emptyOut := false, true
	for i := range specs {
		emptyIn = emptyIn || specs[i].Len() == 0
	}
	for i := range outs {
		emptyOut = emptyOut && outs[i].Len() == 0
	}
	switch {
	case e.compose:
		return e
	case emptyOut && len(outs) > 0:
		e.nothing = true
		return e
	case emptyIn:
		if def.Empty == nil {
			fail(def.Op, in, "wanted at least one element, got an empty tensor")
		}
		v := def.Empty(attr)
		e.fill = &v
		return e
	}
	c := Call{Op: def.Op, Attr: attr, In: make([]View, len(in)), Out: make([]View, len(outs))}
	for i, t := range in {
		c.In[i] = t.view
		if !def.AnyView {
			makeDense(&c.In[i])
		}
	}
	e.plan, err = s.planFor(def, &c, outs)
	if errors.Is(err, ErrDense) {
		e.dense = true
		for i := range c.In {
			if !def.aliased(attr, len(outs), i) {
				makeDense(&c.In[i])
			}
		}
		e.plan, err = s.planFor(def, &c, outs)
	}
	if errors.Is(err, ErrUnsupported) && def.Compose != nil {
		e.compose = true
		return e
	}
	if err != nil {
		failErr(def.Op, in, err)
	}
	e.scratch = e.plan.Scratch()
	e.dense = e.dense || !def.AnyView
	return e
}

// makeDense gives a view the strides that it will have as a dense copy.
func makeDense(v *View) {
	if !v.Dense() {
		v.Offset = 0
	}
	v.Strides = v.Spec.DenseStrides()
}

func (s *Scope) planFor(def *Def, c *Call, outs []Spec) (Plan, error) {
	for i := range outs {
		if k := def.alias(c.Attr, i); k >= 0 {
			c.Out[i] = c.In[k]
		} else {
			c.Out[i] = DenseView(outs[i], nil)
		}
	}
	return s.dev.backend.Plan(c)
}

// aliased says whether input i is written by one of n outputs.
func (d *Def) aliased(attr any, n, i int) bool {
	for o := 0; o < n && d.Alias != nil; o++ {
		if d.Alias(attr, o) == i {
			return true
		}
	}
	return false
}

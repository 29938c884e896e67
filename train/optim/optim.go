// Package optim has optimizers: torch.optim's SGD, Adam and AdamW, and
// clipping of gradients.
//
// A constructor makes all state on the device: moments, and the learning rate
// and step counts as tensors of few elements. A step reads nothing back and
// uploads nothing, so it can be captured and replayed, and SetLR between runs
// of a captured step takes effect.
//
// The package refuses to know models: it gets parameters by name.
package optim

import (
	"fmt"
	"iter"

	"github.com/tuff-ml/tuff/ops"
)

// Optimizer is what the optimizers of this package have in common.
type Optimizer interface {
	// Step updates the parameters that have a gradient. The others, and their
	// state, stay as they are, as in torch. Parameters that have been updated
	// equally often share one call, which a captured step fixes: so capture
	// steps on a part of the parameters before steps on all of them.
	Step(s *ops.Scope)
	// ZeroGrad drops the gradients of all parameters.
	ZeroGrad()
	// LR is the learning rate.
	LR() float64
	// SetLR changes the learning rate of later steps. It uploads, so it is an
	// error inside Capture; between runs of a captured step it takes effect.
	SetLR(s *ops.Scope, lr float64)
	// State walks the optimizer's tensors, for checkpoints: "exp_avg.weight",
	// "step.f32", "lr.f32".
	State() iter.Seq2[string, *ops.Tensor]
	// Release frees the state. The parameters stay.
	Release()
}

// group is a list of parameters of one dtype that share their options: what
// one call of the update op works on. Parameter groups with rates of their own
// would be more of these.
type group struct {
	dtype  ops.DType
	names  []string
	params []*ops.Tensor
	state  [][]*ops.Tensor // one list like params for each state
	lr     *ops.Tensor     // [1]
	steps  *ops.Tensor     // [len(params)], how often each was updated

	// kin says which parameters have been updated together ever since: equal
	// numbers mean equal step counts. Within a step, fresh renames the numbers
	// of those that are left out.
	kin   []int
	next  int
	fresh map[int]int

	// Working memory of step.
	some   []bool
	picked []int
	lists  [][]*ops.Tensor
}

// base is what the optimizers share.
type base struct {
	op     ops.Op
	rate   float64
	states []string // names of the states, as torch calls them
	groups []*group
}

// newBase collects the parameters, one group for each dtype, and makes the
// state that each of them has.
func newBase(s *ops.Scope, op ops.Op, params iter.Seq2[string, *ops.Tensor], lr float64, states ...string) base {
	b := base{op: op, rate: lr, states: states}
	wantRate(op, lr)
	byType := map[ops.DType]*group{}
	seen := map[*ops.Tensor]string{}
	for name, p := range params {
		switch first, twice := seen[p]; {
		case !p.IsParam():
			ops.Failf(op, []*ops.Tensor{p}, "wanted parameters, got %q, which is none", name)
		case twice:
			ops.Failf(op, []*ops.Tensor{p}, "wanted each parameter once, got %q again as %q", first, name)
		}
		seen[p] = name
		g := byType[p.DType()]
		if g == nil {
			g = &group{dtype: p.DType(), state: make([][]*ops.Tensor, len(states))}
			byType[p.DType()] = g
			b.groups = append(b.groups, g)
		}
		g.names = append(g.names, name)
		g.params = append(g.params, p)
		for i := range states {
			g.state[i] = append(g.state[i], s.Keep(ops.Zeros(s, p.DType(), p.Shape()...)))
		}
	}
	if len(seen) == 0 {
		ops.Failf(op, nil, "wanted at least one parameter, got none")
	}
	for _, g := range b.groups {
		n := len(g.params)
		g.lr = s.Keep(ops.Full(s, g.dtype, lr, 1))
		g.steps = s.Keep(ops.Zeros(s, g.dtype, n))
		g.kin, g.some, g.next = make([]int, n), make([]bool, n), 1
		g.fresh = map[int]int{}
		g.lists = make([][]*ops.Tensor, 2+len(states))
	}
	return b
}

func wantRate(op ops.Op, lr float64) {
	if !(lr >= 0) {
		ops.Failf(op, nil, "wanted a learning rate of at least 0, got %v", lr)
	}
}

// update is the op of an optimizer on some parameters: lists holds the
// parameters, their gradients, and their states.
type update func(lr, step *ops.Tensor, lists [][]*ops.Tensor)

// run counts a step for the parameters that have a gradient, and updates them:
// in one call where they all have been updated equally often.
func (b *base) run(s *ops.Scope, f update) {
	for _, g := range b.groups {
		if g.count(s) {
			g.each(s, f)
		}
	}
}

// count finds the parameters with a gradient, raises their step counts by one,
// and keeps kin true. It says whether there are any.
func (g *group) count(s *ops.Scope) bool {
	n, found := len(g.params), 0
	for i, p := range g.params {
		g.some[i] = p.Grad() != nil
		if g.some[i] {
			found++
		}
	}
	switch found {
	case 0:
		return false
	case n:
		g.steps.AddScalar_(s, 1)
		return true
	}
	clear(g.fresh)
	for i := 0; i < n; i++ {
		if !g.some[i] {
			kin, ok := g.fresh[g.kin[i]]
			if !ok {
				kin = g.next
				g.next++
				g.fresh[g.kin[i]] = kin
			}
			g.kin[i] = kin
		}
	}
	for i := 0; i < n; i++ { // runs of neighbours in one call
		if g.some[i] {
			end := i
			for end < n && g.some[end] {
				end++
			}
			g.steps.Narrow(0, i, end-i).AddScalar_(s, 1)
			i = end
		}
	}
	return true
}

// each calls f once for each kin of the parameters with a gradient.
func (g *group) each(s *ops.Scope, f update) {
	for {
		g.picked = g.picked[:0]
		for i, some := range g.some {
			if some && (len(g.picked) == 0 || g.kin[i] == g.kin[g.picked[0]]) {
				g.picked = append(g.picked, i)
				g.some[i] = false
			}
		}
		if len(g.picked) == 0 {
			return
		}
		for k := range g.lists {
			g.lists[k] = g.lists[k][:0]
		}
		for _, i := range g.picked {
			g.lists[0] = append(g.lists[0], g.params[i])
			g.lists[1] = append(g.lists[1], g.params[i].Grad())
			for k := range g.state {
				g.lists[2+k] = append(g.lists[2+k], g.state[k][i])
			}
		}
		f(g.lr, g.steps.Narrow(0, g.picked[0], 1), g.lists)
	}
}

// ZeroGrad drops the gradients of all parameters.
func (b *base) ZeroGrad() {
	for _, g := range b.groups {
		for _, p := range g.params {
			p.ZeroGrad()
		}
	}
}

// LR is the learning rate.
func (b *base) LR() float64 { return b.rate }

// SetLR changes the learning rate; see Optimizer.
func (b *base) SetLR(s *ops.Scope, lr float64) {
	wantRate(b.op, lr)
	for _, g := range b.groups {
		if g.dtype == ops.F64 {
			g.lr.Copy_(s, ops.FromSlice(s, []float64{lr}, 1))
		} else { // not by way of f64, which a GPU may lack
			g.lr.Copy_(s, ops.FromSlice(s, []float32{float32(lr)}, 1).Cast(g.dtype))
		}
	}
	b.rate = lr
}

// State walks the optimizer's tensors; see Optimizer.
func (b *base) State() iter.Seq2[string, *ops.Tensor] {
	return func(yield func(string, *ops.Tensor) bool) {
		for _, g := range b.groups {
			for k, state := range b.states {
				for i, name := range g.names {
					if !yield(state+"."+name, g.state[k][i]) {
						return
					}
				}
			}
			if !yield(fmt.Sprintf("step.%v", g.dtype), g.steps) || !yield(fmt.Sprintf("lr.%v", g.dtype), g.lr) {
				return
			}
		}
	}
}

// Release frees the state.
func (b *base) Release() {
	for _, t := range b.State() {
		t.Release()
	}
}

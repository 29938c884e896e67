package layers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
)

// names are those of a walk, in order.
func names(walk func(func(string, *ops.Tensor) bool)) (out []string) {
	for name := range walk {
		out = append(out, name)
	}
	return out
}

type inner struct {
	InProj  *layers.Linear
	Mean    *ops.Tensor // a buffer
	Missing *ops.Tensor // nil
	hidden  *ops.Tensor
}

type Base struct{ Scale *ops.Tensor }

type model struct {
	Base
	Net     layers.Sequential
	Blocks  []inner
	Heads   map[string]*layers.Linear
	ByDepth map[int]any
	Pair    [2]*layers.Linear
	FC1     *layers.Linear
	KVCache *ops.Tensor `tuff:"cache"`
	Scratch *ops.Tensor `tuff:"-"`
	Tied    *ops.Tensor `tuff:"lm_head.weight"`
	Any     layers.Layer
	Self    *model
	Rate    float64
	Sizes   []int
	F       func()
}

func newModel(s *ops.Scope) *model {
	linear := func(bias bool) *layers.Linear {
		return layers.NewLinear(s, 2, 3, layers.LinearOptions{NoBias: !bias})
	}
	buffer := func() *ops.Tensor { return s.Keep(ops.Zeros(s, ops.F32, 2)) }
	m := &model{
		Base:    Base{ops.NewParam(s, ops.Ones(s, ops.F32, 1))},
		Net:     layers.Sequential{linear(true), layers.ReLU{}, layers.Sequential{linear(false)}},
		Blocks:  []inner{{InProj: linear(true), Mean: buffer(), hidden: buffer()}, {}},
		Heads:   map[string]*layers.Linear{"b": linear(false), "a": linear(false)},
		ByDepth: map[int]any{10: linear(false), 9: buffer()},
		Pair:    [2]*layers.Linear{nil, linear(false)},
		FC1:     linear(true),
		KVCache: buffer(), Scratch: buffer(),
		Any: linear(false),
	}
	m.Tied = m.FC1.Weight
	m.Self = m // a cycle
	return m
}

// TestWalk: names as torch has them, in the order of declaration, sorted maps,
// tied tensors once, unexported fields and "-" left out, cycles cut.
func TestWalk(t *testing.T) {
	dev := newDevice(t)
	rng, err := dev.NewRand(1)
	if err != nil {
		t.Fatal(err)
	}
	defer rng.Release()
	var m *model
	if err := dev.Scope(t.Context(), ops.Train(rng), func(s *ops.Scope) error { m = newModel(s); return nil }); err != nil {
		t.Fatal(err)
	}
	params := strings.Fields(`scale net.0.weight net.0.bias net.2.0.weight blocks.0.in_proj.weight blocks.0.in_proj.bias
		heads.a.weight heads.b.weight by_depth.10.weight pair.1.weight fc1.weight fc1.bias any.weight`)
	if got := names(layers.Params(m)); !slices.Equal(got, params) {
		t.Errorf("parameters: wanted %v, got %v", params, got)
	}
	if got := names(layers.Params(*m)); !slices.Equal(got, params) {
		t.Errorf("parameters of a value: wanted %v, got %v", params, got)
	}
	if got, want := names(layers.Buffers(m)), []string{"blocks.0.mean", "by_depth.9", "cache"}; !slices.Equal(got, want) {
		t.Errorf("buffers: wanted %v, got %v", want, got)
	}
	state := names(layers.StateDict(m))
	if want := len(params) + 3 + 1; len(state) != want || !slices.Contains(state, "lm_head.weight") || !slices.Contains(state, "fc1.weight") {
		t.Errorf("state: wanted %d names with both of the tied weight, got %v", want, state)
	}
	for name := range layers.Params(m) { // breaking off is allowed
		if name == "net.0.bias" {
			break
		}
	}
	if got, want := layers.Count(m), 1+9+6+9+6+6+6+6+9+6; got != want {
		t.Errorf("count: wanted %d, got %d", want, got)
	}
	m.Blocks[0].hidden.Release()
	m.Scratch.Release()
	layers.Release(m)
	if n := dev.Stats().Kept; n != 1 { // the generator
		t.Errorf("wanted only the generator left, got %d tensors", n)
	}
}

func TestWalkOfNothing(t *testing.T) {
	for _, m := range []any{nil, 3, "text", struct{}{}, (*model)(nil), []int{1}, layers.Sequential{}} {
		if got := names(layers.StateDict(m)); got != nil {
			t.Errorf("%T: wanted no names, got %v", m, got)
		}
	}
}

func TestWalkErrors(t *testing.T) {
	dev := newDevice(t)
	for want, f := range map[string]func(s *ops.Scope) any{
		`params: wanted each name once, got two tensors called "w"`: func(s *ops.Scope) any {
			return struct {
				W *ops.Tensor
				V *ops.Tensor `tuff:"w"`
			}{ops.Zeros(s, ops.F32, 1), ops.Zeros(s, ops.F32, 1)}
		},
		`params: wanted maps with string or integer keys, got map[bool]*ops.Tensor in "m"`: func(s *ops.Scope) any {
			return struct{ M map[bool]*ops.Tensor }{map[bool]*ops.Tensor{true: ops.Zeros(s, ops.F32, 1)}}
		},
	} {
		err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
			names(layers.Buffers(f(s)))
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

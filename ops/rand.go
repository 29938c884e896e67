package ops

import (
	"context"
	"fmt"
)

// Rand is a random generator on a device: a seed and a counter in one i64[2]
// tensor, which random ops advance. It belongs to one open scope at a time.
type Rand struct{ state *Tensor }

// NewRand makes a generator. Equal seeds give equal streams on every device.
func (d *Device) NewRand(seed uint64) (*Rand, error) {
	r := &Rand{}
	err := d.Scope(context.Background(), Infer(), func(s *Scope) error {
		r.state = s.Keep(FromSlice(s, []int64{int64(seed), 0}, 2))
		return nil
	})
	return r, err
}

// State reads seed and counter back, for checkpoints.
func (r *Rand) State(ctx context.Context) (seed, counter uint64, err error) {
	v, err := ToSlice[int64](ctx, r.state)
	if err != nil {
		return 0, 0, fmt.Errorf("ops: rand: state: %w", err)
	}
	return uint64(v[0]), uint64(v[1]), nil
}

// SetState continues from a state that State gave.
func (r *Rand) SetState(seed, counter uint64) error {
	return writeSlice(r.state, []int64{int64(seed), int64(counter)})
}

// Release frees the generator.
func (r *Rand) Release() { r.state.Release() }

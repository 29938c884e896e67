package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("rand_reserve", Kernel{Plan: planRandReserve}) }

// planRandReserve: output 0 gets the old state, output 1 is the state itself.
func planRandReserve(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	blocks := c.Attr.(ops.ReserveAttr).Blocks
	return func(_ *Ctx, c *ops.Call) error {
		old, state := Data[int64](&c.Out[0]), Data[int64](&c.Out[1])
		old[0], old[1] = state[0], state[1]
		state[1] += blocks
		return nil
	}, 0, nil
}

package kernels

import (
	"math"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	for _, op := range [...]ops.Op{"uniform", "normal", "bernoulli"} {
		Register(op, Kernel{Plan: planRandom})
	}
}

// planRandom is one thread for each block of four words. The shader's numbers
// come from the call's constants, so they are made at every run.
func planRandom(info *gpu.Info, c *ops.Call) (*Plan, error) {
	y, op := &c.Out[0], c.Op
	d := y.DType
	size := groupSize(info)
	prog, err := program(info, "random."+string(op)+"_"+storage(d), spec(shaders.RandomSpecLocalX, uint32(size)))
	if err != nil {
		return nil, err
	}
	out := &Plan{}
	for _, s := range spans(y.Len()) {
		first, off := words(uint64(s.at/4)), uint64(s.at*d.Size())
		n := s.n
		out.Steps = append(out.Steps, Step{Program: prog, Grid: Grid(info, Groups(Groups(n, 4), size)), Push: func(a *Args, dst []byte) []byte {
			b := shaders.RandomPush{State: a.In(0), Y: a.Out(0) + off, FirstLow: first[0], FirstHigh: first[1], Count: uint32(n)}
			drawNumbers(&b, op, d, a.Const(0), a.Const(1))
			return b.Append(dst)
		}})
	}
	return out, nil
}

// drawNumbers fills in what the op's constants, rounded to the dtype, become.
func drawNumbers(b *shaders.RandomPush, op ops.Op, d ops.DType, c0, c1 float64) {
	if op == "bernoulli" {
		b.Below = bits24(c0)
		return
	}
	lo, hi := c0, c1
	if d == ops.F32 {
		lo, hi = float64(float32(c0)), float64(float32(c1))
	}
	if op == "normal" {
		b.Base, b.Scale = constBits(d, lo), constBits(d, hi)
		return
	}
	b.Base, b.Scale, b.Most = numberPair(d, lo), numberPair(d, hi-lo), constBits(d, math.Inf(1))
	switch {
	case lo < hi && d == ops.F64:
		b.Most = constBits(d, math.Nextafter(hi, lo))
	case lo < hi:
		b.Most = constBits(d, float64(math.Nextafter32(float32(hi), float32(lo))))
	}
}

// numberPair is x as the bits of an f64, or as two f32.
func numberPair(d ops.DType, x float64) [2]uint32 {
	if d == ops.F64 {
		return constBits(d, x)
	}
	return floatPair(x)
}

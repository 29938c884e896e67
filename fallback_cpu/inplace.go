package cpu

import "github.com/tuff-ml/tuff/ops"

func init() {
	Register("copy_", Kernel{Plan: planCopyInPlace})
	Register("add_", Kernel{Plan: planAddInPlace})
	Register("lerp_", Kernel{Plan: planLerp})
}

func planCopyInPlace(c *ops.Call) (Run, int, error) {
	dst := c.Out[0]
	dst.Offset = 0 // the call's own offset counts
	return parallelRun(dst.Len(), cheapGrain, moveBody(&dst, &c.In[1], outAndIn(1)))
}

func planAddInPlace(c *ops.Call) (Run, int, error) {
	switch c.Out[0].DType {
	case ops.F32:
		return planUpdate(c, addScaled[float32])
	case ops.F64:
		return planUpdate(c, addScaled[float64])
	case ops.I32:
		return planUpdate(c, addScaled[int32])
	case ops.I64:
		return planUpdate(c, addScaled[int64])
	}
	return unsupported(c.Out[0].DType)
}

func planLerp(c *ops.Call) (Run, int, error) {
	switch c.Out[0].DType {
	case ops.F32:
		return planUpdate(c, lerp[float32])
	case ops.F64:
		return planUpdate(c, lerp[float64])
	}
	return unsupported(c.Out[0].DType)
}

// addScaled is x += k·y; with the input x alone, x += k.
func addScaled[T number](c *ops.Call, x, y []T) {
	k := constant[T](c.Const[0])
	switch {
	case len(c.In) == 1:
		for i := range x {
			x[i] += k
		}
	case k == 1:
		for i := range x {
			x[i] += y[i]
		}
	default:
		for i := range x {
			x[i] += k * y[i]
		}
	}
}

// lerp is x += w·(y − x).
func lerp[T float](c *ops.Call, x, y []T) {
	w := T(c.Const[0])
	if len(c.In) == 3 {
		w = Data[T](&c.In[2])[0]
	}
	for i := range x {
		x[i] += w * (y[i] - x[i])
	}
}

// planUpdate runs f, a loop over dense slices of equal length, over the output,
// which is the first input, and the second input where there is one.
func planUpdate[T number](c *ops.Call, f func(c *ops.Call, x, y []T)) (Run, int, error) {
	src := &c.Out[0]
	if len(c.In) > 1 {
		src = &c.In[1]
	}
	w := newWalk(&c.Out[0], src)
	sx, sy := w.inner(0), w.inner(1)
	var pool temporaries[T]
	body := func(c *ops.Call, lo, hi int) {
		x := Data[T](&c.Out[0])
		y := x
		if len(c.In) > 1 {
			y = Data[T](&c.In[1])
		}
		b := pool.get()
		w.each(lo, hi, func(n int, at offsets) {
			for i := 0; i < n; i += block {
				m := min(block, n-i)
				v := load(b.x[:], x, at[0]+i*sx, sx, m)
				f(c, v, load(b.y[:], y, at[1]+i*sy, sy, m))
				if sx != 1 {
					store(x, at[0]+i*sx, sx, v)
				}
			}
		})
		pool.put(b)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

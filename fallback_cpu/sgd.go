package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("sgd", Kernel{Plan: planSGD}) }

func planSGD(c *ops.Call) (Run, int, error) {
	switch c.In[2].DType {
	case ops.F32:
		return planSGDOf[float32](c)
	case ops.F64:
		return planSGDOf[float64](c)
	}
	return unsupported(c.In[2].DType)
}

func planSGDOf[T float](c *ops.Call) (Run, int, error) {
	a := c.Attr.(ops.SGDAttr)
	lists := 2
	if a.Momentum != 0 {
		lists = 3
	}
	decay, momentum, undamped := T(a.WeightDecay), T(a.Momentum), T(1-a.Dampening)
	return planStep(c, a.N, lists, func(c *ops.Call, v [maxLists][]T) {
		rate, first := Data[T](&c.In[0])[0], Data[T](&c.In[1])[0] <= 1
		p, grad := v[0], v[1]
		if momentum == 0 {
			for i := range p {
				p[i] -= rate * decayed(grad[i], decay, p[i])
			}
			return
		}
		m := v[2]
		for i := range p {
			g := decayed(grad[i], decay, p[i])
			if first {
				m[i] = g
			} else {
				m[i] = momentum*m[i] + undamped*g
			}
			if a.Nesterov {
				g += momentum * m[i]
			} else {
				g = m[i]
			}
			p[i] -= rate * g
		}
	})
}

// decayed is g + decay·p; without decay it is g even where p is infinite.
func decayed[T float](g, decay, p T) T {
	if decay != 0 {
		g += decay * p
	}
	return g
}

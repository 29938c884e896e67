package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("adam", Kernel{Plan: planAdam}) }

func planAdam(c *ops.Call) (Run, int, error) {
	switch c.In[2].DType {
	case ops.F32:
		return planAdamOf[float32](c)
	case ops.F64:
		return planAdamOf[float64](c)
	}
	return unsupported(c.In[2].DType)
}

func planAdamOf[T float](c *ops.Call) (Run, int, error) {
	a := c.Attr.(ops.AdamAttr)
	return planStep(c, a.N, 4, func(c *ops.Call, v [maxLists][]T) {
		rate, t := float64(Data[T](&c.In[0])[0]), float64(Data[T](&c.In[1])[0])
		step := T(rate / (1 - math.Pow(a.Beta1, t)))
		root := T(math.Sqrt(1 - math.Pow(a.Beta2, t)))
		shrink, decay := T(1-rate*a.WeightDecay), T(0)
		if !a.Decoupled {
			shrink, decay = 1, T(a.WeightDecay)
		}
		toward1, beta2, toward2, eps := T(1-a.Beta1), T(a.Beta2), T(1-a.Beta2), T(a.Eps)
		p, grad, m, s := v[0], v[1], v[2], v[3]
		grad, m, s = grad[:len(p)], m[:len(p)], s[:len(p)]
		for i := range p {
			w := p[i] * shrink
			g := decayed(grad[i], decay, w)
			m[i] += toward1 * (g - m[i])
			s[i] = beta2*s[i] + toward2*g*g
			p[i] = w - step*m[i]/(T(math.Sqrt(float64(s[i])))/root+eps)
		}
	})
}

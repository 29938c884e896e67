package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("dropout", Kernel{Plan: planDropout}) }

func planDropout(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, mathGrain, dropout[float32])
	case ops.F64:
		return parallelRun(n, mathGrain, dropout[float64])
	}
	return unsupported(c.Out[0].DType)
}

// dropout compares as bernoulli does, and divides in float64, so that f32
// results are rounded once.
func dropout[T float](c *ops.Call, lo, hi int) {
	z, x, p := Data[T](&c.Out[0]), Data[T](&c.In[0]), c.Const[0]
	kept := 1 - rounded[T](p)
	g := generatorOf(&c.In[1])
	var buf [wordBlock]uint32
	for ; lo < hi; lo += wordBlock {
		words := buf[:min(wordBlock, hi-lo)]
		g.words(words, lo)
		for i, w := range words {
			z[lo+i] = 0
			if unit(w) >= p {
				z[lo+i] = T(float64(x[lo+i]) / kept)
			}
		}
	}
}

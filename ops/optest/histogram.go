package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// histogramRef rounds each step to the dtype, as the definition says: which
// side of an edge an element falls to depends on it.
func histogramRef(c *Case, in []Array, out []ops.Spec) []Array {
	d, y := in[0].DType, NewArray(out[0])
	lo, hi, width, bins := c.constant(0, d), c.constant(1, d), Round(d, c.Const[1]-c.Const[0]), float64(y.Len())
	for _, x := range in[0].F {
		if x >= lo && x <= hi {
			at := math.Floor(Round(d, Round(d, Round(d, x-lo)*bins)/width))
			y.F[int(min(max(at, 0), bins-1))]++
		}
	}
	return []Array{y}
}

func init() {
	add := func(d ops.DType, l Layout, bins int, lo, hi float64, values string, g Gen, shape []int) {
		Add(Case{
			Name: name("histogram", "shape", dims(shape), "view", l.Name, "dtype", d, "bins", bins, "lo", lo, "hi", hi, "values", values), Op: "histogram",
			Attr: ops.BinsAttr{Bins: bins}, Const: [2]float64{lo, hi}, Ref: histogramRef, Flush: true, In: []Input{input(d, l, g, shape...)},
		})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		for _, shape := range sizes {
			add(d, dense, 10, -4, 4, "normal", normal(0, 2), shape)
		}
		add(d, dense, 8, -2, 2, "special", cycle(specials(d)...), []int{100})
		add(d, dense, 8, 0, 1, "edges", cycle(0, 0.125, 0.25, 0.5, 0.875, 1, 1.0001, -0.0001, nan, inf, -inf), []int{77})
		add(d, dense, 1, 0, 1, "uniform", uniform(-1, 2), []int{1000})
		add(d, dense, 1000, 0, 1, "uniform", uniform(0, 1), []int{5000})
	}
	for _, l := range views {
		add(ops.F32, l, 16, -4, 4, "normal", normal(0, 2), viewShape)
	}
}

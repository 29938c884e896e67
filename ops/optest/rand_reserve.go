package optest

import "github.com/tuff-ml/tuff/ops"

func randReserveRef(c *Case, in []Array, _ []ops.Spec) []Array {
	now := in[0].clone()
	now.I[1] += c.Attr.(ops.ReserveAttr).Blocks
	return []Array{in[0], now}
}

func init() {
	for _, st := range states {
		for _, blocks := range []int64{0, 1, 17, 1 << 33} {
			Add(Case{
				Name: name("rand_reserve", "shape", 2, "dtype", ops.I64, "seed", st[0], "counter", st[1], "blocks", blocks), Op: "rand_reserve",
				Attr: ops.ReserveAttr{Blocks: blocks}, In: []Input{state(st[0], st[1])}, Ref: randReserveRef,
			})
		}
	}
	Add(Case{ // reservations follow one another, and draws from them differ
		Name: name("rand_reserve", "shape", 2, "dtype", ops.I64, "steps", 5), Op: "rand_reserve", In: []Input{state(3, 0)},
		Do: func(t *Trial) error {
			return t.Scope(ops.Infer(), func(s *ops.Scope) error {
				own := t.Upload(Array{Spec: ops.NewSpec(ops.I64, 2), I: []int64{3, 0}})
				for i := range 5 {
					old := ops.ApplyConst(s, "rand_reserve", ops.ReserveAttr{Blocks: 4}, [2]float64{}, own)[0]
					y := ops.ApplyConst(s, "uniform", createAttr(ops.F32, []int{16}), [2]float64{0, 1}, old)[0]
					got, err := t.Read(y)
					if err != nil {
						return err
					}
					w := words([]int64{3, int64(4 * i)}, 16)
					want := floats(y.Spec(), func(i int) float64 { return unit(w[i]) })
					if err := t.Compare("draw after a reservation", got, want, Tol{}); err != nil {
						return err
					}
				}
				return nil
			})
		},
	})
}

package ops

var histogramDef *Def

func init() {
	histogramDef = Register(Def{
		Op: "histogram", Kind: Composed,
		Doc: "y[b] = how many x lie in bin b of c₀ … c₁, the last bin with its end",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if err := wantBins(attr); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			return append(out, NewSpec(in[0].DType, attr.(BinsAttr).Bins)), nil
		},
		Compose: composeHistogram,
	})
}

func composeHistogram(in []*Tensor, attr any, c [2]float64) []*Tensor {
	x, bins, lo, hi := in[0].Detach().Flatten(0, -1), attr.(BinsAttr).Bins, c[0], c[1]
	if !(lo < hi) || hi-lo > 1e308 {
		fail("histogram", in, "wanted bounds lo < hi that are finite, got %v and %v", lo, hi)
	}
	y := Tidy(x, func() *Tensor {
		place := x.SubScalar(lo).MulScalar(float64(bins)).DivScalar(hi - lo).Cast(I64)
		place = place.MaximumScalar(0).MinimumScalar(float64(bins - 1))
		inside := x.GeScalar(lo).Cast(I64).Mul(x.LeScalar(hi).Cast(I64)) // neither holds for NaN
		return BinCount(place, inside, bins).Cast(x.view.DType)
	})
	return []*Tensor{y}
}

// Histogram counts the elements of x in each of so many bins of equal width
// from lo to hi, in x's dtype: shape [bins], as torch.histc. The last bin
// includes hi; elements outside [lo, hi] and NaN are not counted (torch's CPU
// kernel puts NaN in the first bin, its CUDA kernel does not). An element's
// bin is (x − lo)·bins/(hi − lo), rounded down, each step in x's dtype. Unlike
// torch, lo = hi does not stand for the range of the data, which would have to
// be read back. It is made of BinCount. No gradient. dtypes: f32, f64.
func (x *Tensor) Histogram(bins int, lo, hi float64) *Tensor {
	return apply1(histogramDef, BinsAttr{bins}, [2]float64{lo, hi}, x)
}

package ops

import "fmt"

// SoftmaxAttr is the dimension along which rows sum to one.
type SoftmaxAttr struct{ Dim int }

// The softmax family works along one dimension; inputs are dense, f32 or f64.
// The _grad ops take (dy, y) and are what the gradient is made of:
// softmax: dx = y·(dy − Σ dy·y); log_softmax: dx = dy − eʸ·Σ dy.
var softmaxDef, logSoftmaxDef, softmaxGradDef, logSoftmaxGradDef *Def

func init() {
	softmaxDef = rows("softmax", "y = e^(x − max x) / Σ e^(x − max x)", 1)
	softmaxDef.SaveOut = 1
	softmaxDef.VJP = func(g *Grad) []*Tensor {
		return []*Tensor{apply1(softmaxGradDef, g.Attr, noConst, g.D(0), g.Out(0))}
	}
	logSoftmaxDef = rows("log_softmax", "y = x − max x − ln Σ e^(x − max x)", 1)
	logSoftmaxDef.SaveOut = 1
	logSoftmaxDef.VJP = func(g *Grad) []*Tensor {
		return []*Tensor{apply1(logSoftmaxGradDef, g.Attr, noConst, g.D(0), g.Out(0))}
	}
	softmaxGradDef = rows("softmax_grad", "dx = y·(dy − Σ dy·y)", 2)
	softmaxGradDef.SaveIn = 3
	softmaxGradDef.VJP = func(g *Grad) []*Tensor { // of y·(v − Σ v·y), v = dy
		d, v, y, dim := g.D(0), g.In(0), g.In(1), g.Attr.(SoftmaxAttr).Dim
		dv := apply1(softmaxGradDef, g.Attr, noConst, d, y)
		inner := v.Sub(v.Mul(y).SumKeep(dim))
		dy := d.Mul(inner).Sub(v.Mul(d.Mul(y).SumKeep(dim)))
		return []*Tensor{dv, dy}
	}
	logSoftmaxGradDef = rows("log_softmax_grad", "dx = dy − eʸ·Σ dy", 2)
	logSoftmaxGradDef.SaveIn = 3
	logSoftmaxGradDef.VJP = func(g *Grad) []*Tensor { // of v − eʸ·Σ v, v = dy
		d, v, p, dim := g.D(0), g.In(0), g.In(1).Exp(), g.Attr.(SoftmaxAttr).Dim
		dv := d.Sub(d.Mul(p).SumKeep(dim))
		dy := d.Mul(p).Mul(v.SumKeep(dim)).Neg()
		return []*Tensor{dv, dy}
	}
}

func rows(op Op, doc string, inputs int) *Def {
	return Register(Def{
		Op: op, Kind: Rows, Stem: "softmax", Doc: doc,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, inputs); err != nil {
				return nil, err
			}
			if err := wantSameDType(in); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			for _, s := range in[1:] {
				if s != in[0] {
					return nil, shapeError("inputs of one shape", in...)
				}
			}
			a, ok := attr.(SoftmaxAttr)
			if !ok || a.Dim < 0 || a.Dim >= in[0].Rank {
				return nil, fmt.Errorf("wanted a dimension below %d, got %v", in[0].Rank, attr)
			}
			return append(out, in[0]), nil
		},
	})
}

// Softmax is e^x/Σe^x along dim, computed without overflow; a row of −inf
// gives NaN. dtypes: f32, f64.
func (x *Tensor) Softmax(dim int) *Tensor {
	return apply1(softmaxDef, SoftmaxAttr{x.dim("softmax", dim)}, noConst, x)
}

// SoftmaxAs casts to d first, then takes Softmax.
func (x *Tensor) SoftmaxAs(dim int, d DType) *Tensor { return x.Cast(d).Softmax(dim) }

// LogSoftmax is ln(Softmax) along dim, computed without overflow. dtypes: f32, f64.
func (x *Tensor) LogSoftmax(dim int) *Tensor {
	return apply1(logSoftmaxDef, SoftmaxAttr{x.dim("log_softmax", dim)}, noConst, x)
}

// LogSoftmaxAs casts to d first, then takes LogSoftmax.
func (x *Tensor) LogSoftmaxAs(dim int, d DType) *Tensor { return x.Cast(d).LogSoftmax(dim) }

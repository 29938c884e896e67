package layers

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// Initialisers overwrite a tensor, in place, with torch.nn.init's meanings.
// They draw from the generator of scope s; the tensor may lie in s or outside
// scopes. dtypes: any float; other than f32 and f64 are drawn in f32 and cast.

// InitUniform draws from [lo, hi).
func InitUniform(s *ops.Scope, w *ops.Tensor, lo, hi float64) {
	w.Copy_(s, uniform(s, "init_uniform", w.Spec(), lo, hi))
}

// InitNormal draws from the normal distribution.
func InitNormal(s *ops.Scope, w *ops.Tensor, mean, std float64) {
	w.Copy_(s, normal(s, "init_normal", w.Spec(), mean, std))
}

// InitConstant writes v everywhere.
func InitConstant(s *ops.Scope, w *ops.Tensor, v float64) {
	w.Copy_(s, ops.Full(s, w.DType(), v))
}

// InitZeros writes 0 everywhere.
func InitZeros(s *ops.Scope, w *ops.Tensor) { InitConstant(s, w, 0) }

// InitOnes writes 1 everywhere.
func InitOnes(s *ops.Scope, w *ops.Tensor) { InitConstant(s, w, 1) }

// InitXavierUniform draws from U(−a, a), a = gain·√(6/(fanIn + fanOut)), of
// Glorot and Bengio 2010, equation 16. w is [out, in, …].
func InitXavierUniform(s *ops.Scope, w *ops.Tensor, gain float64) {
	in, out := fans("init_xavier_uniform", w)
	a := gain * math.Sqrt(6/float64(in+out))
	InitUniform(s, w, -a, a)
}

// InitXavierNormal draws from N(0, gain²·2/(fanIn + fanOut)), of Glorot and
// Bengio 2010. w is [out, in, …].
func InitXavierNormal(s *ops.Scope, w *ops.Tensor, gain float64) {
	in, out := fans("init_xavier_normal", w)
	InitNormal(s, w, 0, gain*math.Sqrt(2/float64(in+out)))
}

// Nonlinearity is the function that follows a layer, for the gain with which
// its weights should be drawn.
type Nonlinearity uint8

// The nonlinearities of torch.nn.init.calculate_gain; conv* is GainLinear.
const (
	GainLeakyReLU Nonlinearity = iota // √(2/(1 + a²))
	GainReLU                          // √2
	GainTanh                          // 5/3
	GainLinear                        // 1, for the sigmoid too
	GainSELU                          // 3/4
)

// Gain is torch's calculate_gain; a is the leaky ReLU's slope.
func Gain(n Nonlinearity, a float64) float64 {
	switch n {
	case GainLeakyReLU:
		return math.Sqrt(2 / (1 + a*a))
	case GainReLU:
		return math.Sqrt2
	case GainTanh:
		return 5.0 / 3
	case GainSELU:
		return 0.75
	}
	return 1
}

// Kaiming are the options of the Kaiming initialisers; the zero value is
// torch's default: a leaky ReLU with slope 0, fan in.
type Kaiming struct {
	A            float64 // slope of the leaky ReLU
	FanOut       bool    // keep the variance of gradients rather than of activations
	Nonlinearity Nonlinearity
}

func (k Kaiming) std(op ops.Op, w *ops.Tensor) float64 {
	fan, out := fans(op, w)
	if k.FanOut {
		fan = out
	}
	return Gain(k.Nonlinearity, k.A) / math.Sqrt(float64(fan))
}

// InitKaimingUniform draws from U(−b, b), b = gain·√(3/fan), of He, Zhang, Ren
// and Sun 2015. w is [out, in, …].
func InitKaimingUniform(s *ops.Scope, w *ops.Tensor, opts ...Kaiming) {
	const op = "init_kaiming_uniform"
	b := math.Sqrt(3) * option(op, opts).std(op, w)
	InitUniform(s, w, -b, b)
}

// InitKaimingNormal draws from N(0, gain²/fan). w is [out, in, …].
func InitKaimingNormal(s *ops.Scope, w *ops.Tensor, opts ...Kaiming) {
	const op = "init_kaiming_normal"
	InitNormal(s, w, 0, option(op, opts).std(op, w))
}

// fans are the numbers of inputs that one output sees, and of outputs that one
// input reaches, of a weight [out, in, kernel…].
func fans(op ops.Op, w *ops.Tensor) (in, out int) {
	shape := w.Shape()
	if len(shape) < 2 {
		ops.Failf(op, []*ops.Tensor{w}, "wanted a weight [out, in, …], got shape %v", shape)
	}
	if w.Len() == 0 {
		ops.Failf(op, []*ops.Tensor{w}, "wanted a weight with elements, got shape %v", shape)
	}
	field := 1
	for _, d := range shape[2:] {
		field *= d
	}
	return shape[1] * field, shape[0] * field
}

// uniform and normal draw for the constructor or initialiser op, in f32 where
// the dtype cannot be drawn directly.

func uniform(s *ops.Scope, op ops.Op, spec ops.Spec, lo, hi float64) *ops.Tensor {
	return ops.Uniform(s, drawType(s, op, spec), lo, hi, spec.Dims()...).Cast(spec.DType)
}

func normal(s *ops.Scope, op ops.Op, spec ops.Spec, mean, std float64) *ops.Tensor {
	return ops.Normal(s, drawType(s, op, spec), mean, std, spec.Dims()...).Cast(spec.DType)
}

func drawType(s *ops.Scope, op ops.Op, spec ops.Spec) ops.DType {
	switch {
	case s == nil:
		ops.Failf(op, nil, "wanted a scope, got nil")
	case s.Rand() == nil:
		ops.Failf(op, nil, "wanted a scope with a generator to draw weights from: open it with ops.Train(rng) or ops.Infer(rng)")
	case !spec.DType.IsFloat():
		ops.Failf(op, nil, "wanted a float dtype, got %v", spec.DType)
	case spec.DType == ops.F64:
		return ops.F64
	}
	return ops.F32
}

// option is the one options struct that a variadic parameter may hold.
func option[T any](op ops.Op, opts []T) (o T) {
	switch len(opts) {
	case 0:
	case 1:
		o = opts[0]
	default:
		ops.Failf(op, nil, "wanted at most one options struct, got %d", len(opts))
	}
	return o
}

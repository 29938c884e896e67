package ops

// Logic: bool tensors of what is not 0, with broadcasting and the dtypes of
// comparisons. NaN is not 0. No gradient.
var logicalAndDef, logicalOrDef, logicalXorDef, logicalNotDef *Def

func init() {
	logicalAndDef = compare("logical_and", "z = x ≠ 0 and y ≠ 0")
	logicalOrDef = compare("logical_or", "z = x ≠ 0 or y ≠ 0")
	logicalXorDef = compare("logical_xor", "z = either x ≠ 0 or y ≠ 0")
	logicalNotDef = Register(Def{
		Op: "logical_not", Kind: Composed, Stem: "binary", Doc: "z = x = 0", AnyView: true,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if err := wantComparable(in[0].DType); err != nil {
				return nil, err
			}
			return append(out, in[0].As(Bool)), nil
		},
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor { return []*Tensor{in[0].EqScalar(0)} },
	})
}

// LogicalAnd is true where neither x nor y is 0, with broadcasting. dtypes: f32,
// f64, i32, i64, u8, bool; the result is bool.
func (x *Tensor) LogicalAnd(y *Tensor) *Tensor { return binop(logicalAndDef, x, y) }

// LogicalOr is true where x or y is not 0; see LogicalAnd.
func (x *Tensor) LogicalOr(y *Tensor) *Tensor { return binop(logicalOrDef, x, y) }

// LogicalXor is true where one of x and y is 0 and the other is not; see
// LogicalAnd.
func (x *Tensor) LogicalXor(y *Tensor) *Tensor { return binop(logicalXorDef, x, y) }

// LogicalNot is true where x is 0. It is EqScalar(0), and costs as much.
func (x *Tensor) LogicalNot() *Tensor { return apply1(logicalNotDef, nil, noConst, x) }

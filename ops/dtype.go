package ops

import "fmt"

// DType is the type of a tensor's elements.
type DType uint8

// The element types. F16 and BF16 are storage types: sums over them are kept
// in float32. Bool is one byte, 0 or 1.
const (
	InvalidDType DType = iota
	F32
	F64
	F16
	BF16
	I32
	I64
	U8
	Bool
)

var dtypeNames = [...]string{"invalid", "f32", "f64", "f16", "bf16", "i32", "i64", "u8", "bool"}
var dtypeSizes = [...]int{0, 4, 8, 2, 2, 4, 8, 1, 1}

// DTypes lists all valid element types.
func DTypes() []DType { return []DType{F32, F64, F16, BF16, I32, I64, U8, Bool} }

// ParseDType is the inverse of String.
func ParseDType(s string) (DType, error) {
	for i, n := range dtypeNames {
		if i > 0 && n == s {
			return DType(i), nil
		}
	}
	return 0, fmt.Errorf("ops: dtype: wanted one of %v, got %q", dtypeNames[1:], s)
}

func (d DType) String() string {
	if int(d) < len(dtypeNames) {
		return dtypeNames[d]
	}
	return fmt.Sprintf("dtype(%d)", uint8(d))
}

// Size is the number of bytes of one element.
func (d DType) Size() int { return dtypeSizes[d] }

// IsFloat says whether d holds fractions (f32, f64, f16, bf16).
func (d DType) IsFloat() bool { return d >= F32 && d <= BF16 }

// IsInt says whether d is an integer type (i32, i64, u8); Bool is not.
func (d DType) IsInt() bool { return d >= I32 && d <= U8 }

package optest

import (
	"encoding/binary"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// Array is a dense tensor on the host. Elements of float dtypes are in F, each
// a value that the dtype can hold; those of integer dtypes and bool are in I.
type Array struct {
	ops.Spec
	F []float64
	I []int64
	// Scale, where a reference sets it, is the magnitude that an element's
	// rounding errors are relative to: Σ|x| for a sum, for example. Errors are
	// counted in units in the last place of max(|want|, Scale).
	Scale []float64
}

// NewArray makes an array of zeros.
func NewArray(s ops.Spec) Array {
	a := Array{Spec: s}
	if s.DType.IsFloat() {
		a.F = make([]float64, s.Len())
	} else {
		a.I = make([]int64, s.Len())
	}
	return a
}

// floats makes a float array of a spec, element by element.
func floats(s ops.Spec, f func(i int) float64) Array {
	a := NewArray(s)
	for i := range a.F {
		a.F[i] = f(i)
	}
	return a
}

// Float is element i as a float64.
func (a *Array) Float(i int) float64 {
	if a.F != nil {
		return a.F[i]
	}
	return float64(a.I[i])
}

// take gives the elements at idx in the shape of s.
func (a *Array) take(s ops.Spec, idx []int64) Array {
	out := NewArray(s.As(a.DType))
	for k, i := range idx {
		out.copyFrom(k, a, int(i))
	}
	return out
}

// copyFrom sets element k to element i of b, which has the same dtype.
func (a *Array) copyFrom(k int, b *Array, i int) {
	if a.F != nil {
		a.F[k] = b.F[i]
	} else {
		a.I[k] = b.I[i]
	}
}

// withScale gives each element the scale f(i).
func (a Array) withScale(f func(i int) float64) Array {
	a.Scale = make([]float64, len(a.F))
	for i := range a.Scale {
		a.Scale[i] = f(i)
	}
	return a
}

// clone copies the elements.
func (a Array) clone() Array {
	a.F = append([]float64(nil), a.F...)
	a.I = append([]int64(nil), a.I...)
	return a
}

// as gives the same values in another float dtype; other arrays stay.
func (a Array) as(d ops.DType) Array {
	if !a.DType.IsFloat() || a.DType == d {
		return a
	}
	out := a.clone()
	out.DType = d
	for i, x := range out.F {
		out.F[i] = Round(d, x)
	}
	return out
}

// Round gives the value of d nearest to x, ties to even; beyond the largest
// finite value it is infinite. d is a float dtype.
func Round(d ops.DType, x float64) float64 {
	switch d {
	case ops.F64:
		return x
	case ops.F32:
		return float64(float32(x))
	case ops.F16:
		return roundTo(x, 10, -14, 65504)
	}
	return roundTo(x, 7, -126, 0x1.FEp127) // bfloat16
}

// roundTo rounds to a binary format with that many bits after the leading one,
// smallest normal exponent and largest finite value.
func roundTo(x float64, bits, least int, largest float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	quantum := math.Ldexp(1, max(math.Ilogb(x), least)-bits)
	r := math.RoundToEven(x/quantum) * quantum
	if math.Abs(r) > largest {
		return math.Copysign(math.Inf(1), x)
	}
	return math.Copysign(r, x)
}

// smallestNormal is the least positive normal number of a float dtype.
func smallestNormal(d ops.DType) float64 {
	switch d {
	case ops.F64:
		return 0x1p-1022
	case ops.F16:
		return 0x1p-14
	}
	return 0x1p-126
}

// ulp is the distance between neighbours of d at the magnitude of x.
func ulp(d ops.DType, x float64) float64 {
	bits, least := 23, -126
	switch d {
	case ops.F64:
		bits, least = 52, -1022
	case ops.F16:
		bits, least = 10, -14
	case ops.BF16:
		bits = 7
	}
	e := least
	if x != 0 && !math.IsNaN(x) && !math.IsInf(x, 0) {
		e = max(math.Ilogb(x), least)
	}
	return math.Ldexp(1, e-bits)
}

// wrap reduces x to the range of an integer dtype, as two's complement does.
func wrap(d ops.DType, x int64) int64 {
	switch d {
	case ops.I32:
		return int64(int32(x))
	case ops.U8:
		return int64(uint8(x))
	}
	return x
}

// Bytes gives the elements as a device stores them, little endian.
func (a *Array) Bytes() []byte {
	b := make([]byte, 0, a.Spec.Bytes())
	for i := range a.Len() {
		switch a.DType {
		case ops.F32:
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(a.F[i])))
		case ops.F64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(a.F[i]))
		case ops.F16:
			b = binary.LittleEndian.AppendUint16(b, f16Bits(a.F[i]))
		case ops.BF16:
			b = binary.LittleEndian.AppendUint16(b, uint16(math.Float32bits(float32(a.F[i]))>>16))
		case ops.I32:
			b = binary.LittleEndian.AppendUint32(b, uint32(a.I[i]))
		case ops.I64:
			b = binary.LittleEndian.AppendUint64(b, uint64(a.I[i]))
		default:
			b = append(b, byte(a.I[i]))
		}
	}
	return b
}

// fromBytes is the inverse of Bytes.
func fromBytes(s ops.Spec, b []byte) Array {
	a := NewArray(s)
	for i := range a.Len() {
		switch s.DType {
		case ops.F32:
			a.F[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
		case ops.F64:
			a.F[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		case ops.F16:
			a.F[i] = f16Value(binary.LittleEndian.Uint16(b[2*i:]))
		case ops.BF16:
			a.F[i] = float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16))
		case ops.I32:
			a.I[i] = int64(int32(binary.LittleEndian.Uint32(b[4*i:])))
		case ops.I64:
			a.I[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		default:
			a.I[i] = int64(b[i])
		}
	}
	return a
}

// f16Bits encodes a value that float16 can hold (IEEE 754 binary16).
func f16Bits(x float64) uint16 {
	var sign uint16
	if math.Signbit(x) {
		sign = 0x8000
	}
	x = math.Abs(x)
	switch {
	case math.IsNaN(x):
		return 0x7e00
	case math.IsInf(x, 0):
		return sign | 0x7c00
	case x < 0x1p-14:
		return sign | uint16(x*0x1p24)
	}
	e := math.Ilogb(x)
	return sign | uint16(e+15)<<10 | uint16(math.Ldexp(x, 10-e))&0x3ff
}

// f16Value decodes binary16.
func f16Value(h uint16) float64 {
	e, m := int(h>>10&31), float64(h&0x3ff)
	var x float64
	switch {
	case e == 31 && m != 0:
		return math.NaN()
	case e == 31:
		x = math.Inf(1)
	case e == 0:
		x = m * 0x1p-24
	default:
		x = math.Ldexp(1024+m, e-25)
	}
	if h>>15 == 1 {
		return -x
	}
	return x
}

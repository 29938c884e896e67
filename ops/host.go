package ops

import (
	"context"
	"fmt"
	"unsafe"
)

// Element is a Go type that a tensor's elements can be copied from and to.
// f16 and bf16 have none: Cast on the device.
type Element interface {
	float32 | float64 | int32 | int64 | uint8 | bool
}

// DTypeOf is the dtype of a Go type.
func DTypeOf[T Element]() DType {
	var v T
	switch any(v).(type) {
	case float32:
		return F32
	case float64:
		return F64
	case int32:
		return I32
	case int64:
		return I64
	case uint8:
		return U8
	}
	return Bool
}

func bytesOf[T Element](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}

// FromSlice copies data, row-major, to a new tensor of the given shape; the
// dtype is the Go type's. No shape makes a scalar.
func FromSlice[T Element](s *Scope, data []T, shape ...int) *Tensor {
	return FromBytes(s, DTypeOf[T](), bytesOf(data), shape...)
}

// FromBytes copies the elements' memory, little-endian and row-major, to a new
// tensor: the way f16 and bf16 come in.
func FromBytes(s *Scope, d DType, data []byte, shape ...int) *Tensor {
	const op = "from_slice"
	if s == nil || s.done {
		fail(op, nil, "wanted an open scope")
	}
	s.refuseInCapture(op, "uploads")
	spec, err := checkedSpec(NewSpec(d, shape...))
	if err != nil {
		failErr(op, nil, err)
	}
	if spec.Bytes() != len(data) {
		fail(op, nil, "wanted %d elements for %v, got %d", spec.Len(), spec, len(data)/d.Size())
	}
	t := s.newTensor(op, spec)
	if len(data) > 0 {
		if err := t.st.buf.Write(0, data); err != nil {
			failErr(op, nil, err)
		}
	}
	return t
}

// writeSlice overwrites a dense tensor from the host.
func writeSlice[T Element](x *Tensor, data []T) error {
	if x.view.DType != DTypeOf[T]() || len(data) != x.view.Len() || !x.view.Dense() {
		return fmt.Errorf("ops: write: wanted %d elements of %v, got %d of %v", x.view.Len(), x.view.DType, len(data), DTypeOf[T]())
	}
	x.st.wrote(copyDef)
	return x.st.buf.Write(x.view.Offset*x.view.DType.Size(), bytesOf(data))
}

// ToSlice waits for x and copies its elements, row-major. T must be the Go
// type of x's dtype. x may have a scope or none.
func ToSlice[T Element](ctx context.Context, x *Tensor) (out []T, err error) {
	if x != nil && x.view.DType != DTypeOf[T]() {
		return nil, newError("to_slice", []*Tensor{x}, nil,
			fmt.Sprintf("wanted a tensor of %v, got %v; use Cast", DTypeOf[T](), x.view.DType))
	}
	n := 0
	if x != nil {
		n = x.view.Len()
	}
	out = make([]T, n)
	if err := readInto(ctx, x, bytesOf(out)); err != nil {
		return nil, err
	}
	return out, nil
}

// ToBytes is ToSlice for any dtype: the elements' memory, little-endian.
func ToBytes(ctx context.Context, x *Tensor) ([]byte, error) {
	n := 0
	if x != nil {
		n = x.view.Bytes()
	}
	out := make([]byte, n)
	if err := readInto(ctx, x, out); err != nil {
		return nil, err
	}
	return out, nil
}

// readInto copies x's elements to dst.
func readInto(ctx context.Context, x *Tensor, dst []byte) (err error) {
	const op = "to_slice"
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	check(op, x)
	if _, traced := x.view.Buf.(*traceBuf); traced {
		fail(op, []*Tensor{x}, "wanted no read-back inside Capture: a captured program only computes")
	}
	if len(dst) == 0 {
		return nil
	}
	if !x.view.Dense() {
		if x.scope == nil {
			return x.dev.Scope(ctx, Infer(), func(s *Scope) error {
				return readInto(ctx, s.run(contiguousDef, nil, noConst, []*Tensor{x})[0], dst)
			})
		}
		recording := x.scope.recording
		x.scope.recording = false
		y := applyIn(x.scope, contiguousDef, nil, noConst, x)
		x.scope.recording = recording
		defer y.drop()
		x = y
	}
	if err := x.view.Buf.Read(ctx, x.view.Offset*x.view.DType.Size(), dst); err != nil {
		return newError(op, []*Tensor{x}, err, "")
	}
	return nil
}

// Item is the value of a tensor of one element, of any dtype but f16 and bf16.
func (x *Tensor) Item(ctx context.Context) (float64, error) {
	if x != nil && x.view.Len() != 1 {
		return 0, newError("item", []*Tensor{x}, nil, fmt.Sprintf("wanted a tensor of one element, got %v", x.view.Spec))
	}
	if x != nil && (x.view.DType == F16 || x.view.DType == BF16) {
		return 0, newError("item", []*Tensor{x}, nil, "wanted a dtype that Go has; use Cast")
	}
	b, err := ToBytes(ctx, x)
	if err != nil {
		return 0, err
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	switch x.view.DType {
	case F32:
		return float64(*(*float32)(p)), nil
	case F64:
		return *(*float64)(p), nil
	case I32:
		return float64(*(*int32)(p)), nil
	case I64:
		return float64(*(*int64)(p)), nil
	}
	return float64(b[0]), nil
}

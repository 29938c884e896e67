package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// IDXType is the element type of an IDX file: its third byte.
type IDXType uint8

// The element types of the format, as LeCun's MNIST page lists them.
const (
	IDXUint8   IDXType = 0x08
	IDXInt8    IDXType = 0x09
	IDXInt16   IDXType = 0x0B
	IDXInt32   IDXType = 0x0C
	IDXFloat32 IDXType = 0x0D
	IDXFloat64 IDXType = 0x0E
)

// Size is the number of bytes of an element, 0 for an unknown type.
func (t IDXType) Size() int {
	switch t {
	case IDXUint8, IDXInt8:
		return 1
	case IDXInt16:
		return 2
	case IDXInt32, IDXFloat32:
		return 4
	case IDXFloat64:
		return 8
	}
	return 0
}

func (t IDXType) String() string {
	switch t {
	case IDXUint8:
		return "u8"
	case IDXInt8:
		return "i8"
	case IDXInt16:
		return "i16"
	case IDXInt32:
		return "i32"
	case IDXFloat32:
		return "f32"
	case IDXFloat64:
		return "f64"
	}
	return fmt.Sprintf("type 0x%02x", uint8(t))
}

// IDX is an array as MNIST's files hold it: row-major, big-endian.
type IDX struct {
	Type IDXType
	Dims []int
	Data []byte // as in the file: big-endian
}

// idxLimit is the most bytes of elements that a file may claim.
const idxLimit = 8 << 30

// ReadIDX reads an IDX file, gzip or not, which is seen from its first bytes.
// A file that is no IDX file, is cut off, or goes on behind its elements is an
// error that names the file, what was wanted and what came. Memory is taken as
// the elements arrive, not as the header promises.
func ReadIDX(path string) (*IDX, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: idx: %w", err)
	}
	defer f.Close()
	return DecodeIDX(f, path)
}

// DecodeIDX is ReadIDX from a reader; name is for errors.
func DecodeIDX(r io.Reader, name string) (*IDX, error) {
	x, err := decodeIDX(r)
	if err != nil {
		return nil, fmt.Errorf("data: idx: %s: %w", name, err)
	}
	return x, nil
}

func decodeIDX(r io.Reader) (*IDX, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("wanted a gzip file, got a broken one: %w", err)
		}
		defer z.Close()
		b = bufio.NewReader(z)
	}
	x, bytes, err := idxHeader(b)
	if err != nil {
		return nil, err
	}
	if err := x.read(b, bytes); err != nil {
		return nil, err
	}
	switch _, err := b.ReadByte(); {
	case err == nil:
		return nil, fmt.Errorf("wanted %d bytes of elements for %v%v, got more", bytes, x.Type, x.Dims)
	case err != io.EOF:
		return nil, fmt.Errorf("wanted the end of the file behind the elements: %w", err)
	}
	return x, nil
}

// idxHeader reads type and dimensions, and computes the bytes that follow.
func idxHeader(r io.Reader) (*IDX, int64, error) {
	var magic [4]byte
	if n, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, 0, fmt.Errorf("wanted a header of 4 bytes, got %d: %w", n, truncated(err))
	}
	x := &IDX{Type: IDXType(magic[2])}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, 0, fmt.Errorf("wanted an IDX file, which starts with 00 00, got % x", magic)
	case x.Type.Size() == 0:
		return nil, 0, fmt.Errorf("wanted an element type 08, 09, 0b, 0c, 0d or 0e, got %02x", magic[2])
	case magic[3] == 0:
		return nil, 0, fmt.Errorf("wanted at least 1 dimension, got 0")
	}
	total := int64(x.Type.Size())
	empty := false
	for i := range int(magic[3]) {
		var d [4]byte
		if _, err := io.ReadFull(r, d[:]); err != nil {
			return nil, 0, fmt.Errorf("wanted %d dimensions, got %d: %w", magic[3], i, truncated(err))
		}
		n := int64(binary.BigEndian.Uint32(d[:]))
		x.Dims = append(x.Dims, int(n))
		empty = empty || n == 0
		if n > 0 && total > idxLimit/n {
			return nil, 0, fmt.Errorf("wanted at most %d bytes of elements, got %v%v", int64(idxLimit), x.Type, x.Dims)
		}
		total *= max(n, 1)
	}
	if empty {
		total = 0
	}
	return x, total, nil
}

// read takes n bytes of elements, growing as they come.
func (x *IDX) read(r io.Reader, n int64) error {
	var b bytes.Buffer
	got, err := io.Copy(&b, io.LimitReader(r, n))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("wanted %d bytes of elements for %v%v, got %d: %w", n, x.Type, x.Dims, got, err)
	}
	if got < n {
		return fmt.Errorf("wanted %d bytes of elements for %v%v, got %d: the file is cut off: %w", n, x.Type, x.Dims, got, io.ErrUnexpectedEOF)
	}
	x.Data = b.Bytes()
	return nil
}

func truncated(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Len is the number of elements.
func (x *IDX) Len() int { return len(x.Data) / x.Type.Size() }

// Float64s converts the elements.
func (x *IDX) Float64s() []float64 {
	out, size := make([]float64, x.Len()), x.Type.Size()
	for i := range out {
		b := x.Data[i*size : (i+1)*size]
		switch x.Type {
		case IDXUint8:
			out[i] = float64(b[0])
		case IDXInt8:
			out[i] = float64(int8(b[0]))
		case IDXInt16:
			out[i] = float64(int16(binary.BigEndian.Uint16(b)))
		case IDXInt32:
			out[i] = float64(int32(binary.BigEndian.Uint32(b)))
		case IDXFloat32:
			out[i] = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
		case IDXFloat64:
			out[i] = math.Float64frombits(binary.BigEndian.Uint64(b))
		}
	}
	return out
}

package shaders

import (
	"encoding/binary"
	"math"
)

// What the generated Append methods are made of. Push constants are little-endian, as SPIR-V's hosts are.

func appendZero(b []byte, n int) []byte {
	for range n {
		b = append(b, 0)
	}
	return b
}

func appendUint8(b []byte, v uint8) []byte   { return append(b, v) }
func appendInt8(b []byte, v int8) []byte     { return append(b, byte(v)) }
func appendUint16(b []byte, v uint16) []byte { return binary.LittleEndian.AppendUint16(b, v) }
func appendInt16(b []byte, v int16) []byte   { return appendUint16(b, uint16(v)) }
func appendUint32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
func appendInt32(b []byte, v int32) []byte   { return appendUint32(b, uint32(v)) }
func appendUint64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }
func appendInt64(b []byte, v int64) []byte   { return appendUint64(b, uint64(v)) }

func appendFloat32(b []byte, v float32) []byte { return appendUint32(b, math.Float32bits(v)) }
func appendFloat64(b []byte, v float64) []byte { return appendUint64(b, math.Float64bits(v)) }

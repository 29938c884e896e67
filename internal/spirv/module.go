// Package spirv reads and edits SPIR-V modules as far as our shader toolchain needs it: it lists a compute
// shader's push constants, specialization constants, workgroup size and capabilities, adds the float
// execution modes, and stamps a module with the hash of what it was made from. It knows nothing of files,
// GLSL or Vulkan, and it does not validate: spirv-val does.
//
// The source of every number is the SPIR-V specification 1.5, sections 2.3 (physical layout), 2.4 (order of
// instructions) and 3 (enumerants).
package spirv

import (
	"encoding/binary"
	"fmt"
)

const magic = 0x07230203

// Opcodes that are read or written here (section 3.37).
const (
	opName              = 5
	opMemberName        = 6
	opExtension         = 10
	opExtInstImport     = 11
	opMemoryModel       = 14
	opEntryPoint        = 15
	opExecutionMode     = 16
	opCapability        = 17
	opTypeBool          = 20
	opTypeInt           = 21
	opTypeFloat         = 22
	opTypeVector        = 23
	opTypeArray         = 28
	opTypeStruct        = 30
	opTypePointer       = 32
	opConstant          = 43
	opConstantComposite = 44
	opSpecConstantTrue  = 48
	opSpecConstantFalse = 49
	opSpecConstant      = 50
	opSpecComposite     = 51
	opVariable          = 59
	opDecorate          = 71
	opMemberDecorate    = 72
	opModuleProcessed   = 330
	opExecutionModeID   = 331
	opDecorateID        = 332
	opFunction          = 54
)

// least is how many operands the instructions have at least that are looked into.
var least = map[uint16]int{
	opName: 1, opMemberName: 2, opEntryPoint: 2, opExecutionMode: 2, opExecutionModeID: 2, opCapability: 1,
	opTypeBool: 1, opTypeInt: 3, opTypeFloat: 2, opTypeVector: 3, opTypeArray: 3, opTypeStruct: 1, opTypePointer: 3,
	opTypeForwardPointer: 2, opConstant: 3, opConstantComposite: 2, opSpecConstantTrue: 2, opSpecConstantFalse: 2,
	opSpecConstant: 3, opSpecComposite: 2, opDecorate: 2, opMemberDecorate: 3,
}

// Instruction is one instruction: Args are the words after the first, a slice of the module's own.
type Instruction struct {
	Op   uint16
	Args []uint32
}

// Module is a SPIR-V module: the version word, the bound of its ids, and its instructions in order.
type Module struct {
	Version   uint32
	generator uint32
	Bound     uint32
	Code      []Instruction
}

// Parse reads a module in little-endian words. It fails on a wrong magic number and on instructions that
// run past the end.
func Parse(b []byte) (*Module, error) {
	if len(b)%4 != 0 || len(b) < 20 {
		return nil, fmt.Errorf("spirv: parse: wanted at least 20 bytes in whole words, got %d bytes", len(b))
	}
	words := make([]uint32, len(b)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	if words[0] != magic {
		return nil, fmt.Errorf("spirv: parse: wanted magic number %#x, got %#x", uint32(magic), words[0])
	}
	m := &Module{Version: words[1], generator: words[2], Bound: words[3]}
	for at := 5; at < len(words); {
		n := int(words[at] >> 16)
		if n == 0 || at+n > len(words) {
			return nil, fmt.Errorf("spirv: parse: wanted an instruction within %d words, got %d words at word %d", len(words), n, at)
		}
		in := Instruction{Op: uint16(words[at]), Args: words[at+1 : at+n]}
		if len(in.Args) < least[in.Op] {
			return nil, fmt.Errorf("spirv: parse: opcode %d: wanted at least %d operands, got %d at word %d", in.Op, least[in.Op], len(in.Args), at)
		}
		m.Code = append(m.Code, in)
		at += n
	}
	return m, nil
}

// Bytes writes the module in little-endian words.
func (m *Module) Bytes() []byte {
	var b []byte
	put := func(w uint32) { b = binary.LittleEndian.AppendUint32(b, w) }
	for _, w := range []uint32{magic, m.Version, m.generator, m.Bound, 0} {
		put(w)
	}
	for _, in := range m.Code {
		put(uint32(len(in.Args)+1)<<16 | uint32(in.Op))
		for _, w := range in.Args {
			put(w)
		}
	}
	return b
}

// text decodes a literal string: UTF-8, four bytes a word, ended by a zero byte.
func text(words []uint32) string {
	var b []byte
	for _, w := range words {
		for k := 0; k < 4; k++ {
			c := byte(w >> (8 * k))
			if c == 0 {
				return string(b)
			}
			b = append(b, c)
		}
	}
	return string(b)
}

// literal encodes a string as text reads it.
func literal(s string) []uint32 {
	words := make([]uint32, len(s)/4+1)
	for i := 0; i < len(s); i++ {
		words[i/4] |= uint32(s[i]) << (8 * (i % 4))
	}
	return words
}

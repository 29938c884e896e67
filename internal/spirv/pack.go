package spirv

const (
	opExtInst          = 12
	opCompositeExtract = 81
	opUConvert         = 113
	opConvertUToPtr    = 120
	opBitcast          = 124
	opShiftLeft        = 196
	opBitwiseOr        = 197
	extPackDouble2x32  = 59
	capabilityInt64    = 11
)

// packer rewrites one module; see SplitPack.
type packer struct {
	m         *Module
	types     map[uint32]typeInfo
	elements  map[uint32]uint32 // vector type to component type
	valueType map[uint32]uint32 // value to its type
	ulong     uint32
	shift     uint32 // the constant 32
	uintType  uint32
	changed   bool
	newLong   bool // ulong is still to be declared
}

// SplitPack replaces what joins two 32-bit words into a 64-bit value (a bitcast of a vector of two, to a number or
// to a buffer address, and packDouble2x32) by lo | hi << 32 in 64-bit integers, which needs the capability
// Int64. It is the way around drivers that compile the former wrongly: lavapipe of Mesa 26.1 overruns its stack
// on it at vector widths of 512 and more. It reports whether anything changed.
func (m *Module) SplitPack() bool {
	p := &packer{m: m, types: map[uint32]typeInfo{}, elements: map[uint32]uint32{}, valueType: map[uint32]uint32{}}
	r := &reader{types: p.types, consts: map[uint32]Instruction{}, structs: map[uint32][]uint32{}, strides: map[uint32]int{}}
	body := len(m.Code)
	for i, in := range m.Code {
		r.readType(in)
		switch in.Op {
		case opTypeVector:
			p.elements[in.Args[0]] = in.Args[1]
		case opTypeInt:
			if in.Args[1] == 64 && in.Args[2] == 0 {
				p.ulong = in.Args[0]
			} else if in.Args[1] == 32 && in.Args[2] == 0 {
				p.uintType = in.Args[0]
			}
		case opFunction:
			body = min(body, i)
		}
		if len(in.Args) >= 2 {
			if _, ok := p.types[in.Args[0]]; ok {
				p.valueType[in.Args[1]] = in.Args[0]
			}
		}
	}
	head, tail := m.Code[:body:body], m.Code[body:]
	var code []Instruction
	for _, in := range tail {
		code = p.rewrite(code, in)
	}
	if !p.changed {
		return false
	}
	m.Code = append(append(head, p.declared()...), code...)
	for _, in := range head {
		if in.Op == opCapability && in.Args[0] == capabilityInt64 {
			return true
		}
	}
	m.insert([]Instruction{{opCapability, []uint32{capabilityInt64}}}, opCapability)
	return true
}

// rewrite appends in, or what stands for it.
func (p *packer) rewrite(code []Instruction, in Instruction) []Instruction {
	var from uint32
	switch {
	case in.Op == opBitcast && len(in.Args) == 3:
		from = in.Args[2]
	case in.Op == opExtInst && len(in.Args) == 5 && in.Args[3] == extPackDouble2x32:
		from = in.Args[4]
	default:
		return append(code, in)
	}
	to, source := p.types[in.Args[0]], p.types[p.valueType[from]]
	whole := to.bits == 64 && to.count == 0
	pair := source.bits == 32 && source.count == 2 && source.kind != floatKind
	if !whole || !pair {
		return append(code, in)
	}
	p.need()
	word := p.elements[p.valueType[from]]
	lo, hi, wideLo, wideHi, high, sum := p.id(), p.id(), p.id(), p.id(), p.id(), p.id()
	code = append(code,
		Instruction{opCompositeExtract, []uint32{word, lo, from, 0}},
		Instruction{opCompositeExtract, []uint32{word, hi, from, 1}},
		Instruction{opUConvert, []uint32{p.ulong, wideLo, lo}},
		Instruction{opUConvert, []uint32{p.ulong, wideHi, hi}},
		Instruction{opShiftLeft, []uint32{p.ulong, high, wideHi, p.shift}})
	join := Instruction{opBitwiseOr, []uint32{p.ulong, sum, wideLo, high}}
	switch {
	case in.Args[0] == p.ulong:
		join.Args[1] = in.Args[1]
		return append(code, join)
	case to.kind == addressKind:
		return append(code, join, Instruction{opConvertUToPtr, []uint32{in.Args[0], in.Args[1], sum}})
	default:
		return append(code, join, Instruction{opBitcast, []uint32{in.Args[0], in.Args[1], sum}})
	}
}

func (p *packer) id() uint32 {
	p.m.Bound++
	return p.m.Bound - 1
}

// need makes ids for what declared will declare.
func (p *packer) need() {
	if p.changed {
		return
	}
	p.changed = true
	p.shift = p.id()
	if p.ulong == 0 {
		p.ulong = p.id()
		p.newLong = true
	}
}

// declared are the missing types and the shift; they go before the first function.
func (p *packer) declared() []Instruction {
	var add []Instruction
	if p.uintType == 0 {
		p.uintType = p.id()
		add = append(add, Instruction{opTypeInt, []uint32{p.uintType, 32, 0}})
	}
	if p.newLong {
		add = append(add, Instruction{opTypeInt, []uint32{p.ulong, 64, 0}})
	}
	return append(add, Instruction{opConstant, []uint32{p.uintType, p.shift, 32}})
}

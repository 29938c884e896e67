package spirv

import (
	"fmt"
	"sort"
)

// Enumerants of sections 3.7, 3.6, 3.20 and 3.21.
const (
	storagePushConstant   = 9
	storagePhysicalBuffer = 5349
	modeLocalSize         = 17
	modeLocalSizeID       = 38
	decorationSpecID      = 1
	decorationArrayStride = 6
	decorationBuiltIn     = 11
	decorationOffset      = 35
	builtInWorkgroupSize  = 25
	opTypeForwardPointer  = 39
)

const (
	floatKind   = "float"
	intKind     = "int"
	uintKind    = "uint"
	boolKind    = "bool"
	addressKind = "address"

	pushLimit = 128 // bytes every Vulkan device takes
)

// Member is one member of the push-constant block: Count elements of Bits bits, Count 0 for a plain scalar.
// Kind is "float", "int", "uint" or "address" (a buffer reference of 64 bits). Offset is in bytes.
type Member struct {
	Name   string
	Kind   string
	Bits   int
	Count  int
	Offset int
}

// Size is what the member takes, in bytes.
func (m Member) Size() int { return m.Bits / 8 * max(m.Count, 1) }

// Spec is a specialization constant of 32 bits or a bool: Default holds the bits (bool: 0 or 1).
type Spec struct {
	ID      uint32
	Name    string
	Kind    string // "float", "int", "uint", "bool"
	Default uint32
}

// Interface is what the host must know of a compute shader. Local is the default workgroup size and LocalID
// the specialization constant of each dimension, -1 where it is fixed.
type Interface struct {
	Push         []Member
	PushSize     int
	Specs        []Spec
	Local        [3]uint32
	LocalID      [3]int
	Capabilities []uint32
}

type typeInfo struct {
	kind  string
	bits  int
	count int
}

type reader struct {
	names   map[uint32]string
	members map[[2]uint32]string
	offsets map[[2]uint32]int
	strides map[uint32]int
	specs   map[uint32]uint32
	types   map[uint32]typeInfo
	structs map[uint32][]uint32
	consts  map[uint32]Instruction
	pushes  []uint32 // struct types
	local   uint32   // the composite decorated WorkgroupSize
}

// Reflect lists the interface of the module's compute shader. It fails on what our rules exclude: nested
// structs or matrices in the push block, more than 128 bytes, 64-bit specialization constants.
func (m *Module) Reflect() (*Interface, error) {
	r := &reader{
		names: map[uint32]string{}, members: map[[2]uint32]string{}, offsets: map[[2]uint32]int{},
		strides: map[uint32]int{}, specs: map[uint32]uint32{}, types: map[uint32]typeInfo{},
		structs: map[uint32][]uint32{}, consts: map[uint32]Instruction{},
	}
	it := &Interface{LocalID: [3]int{-1, -1, -1}}
	for _, in := range m.Code {
		if in.Op == opFunction {
			break
		}
		if err := r.read(in, it); err != nil {
			return nil, err
		}
	}
	if err := r.push(it); err != nil {
		return nil, err
	}
	if err := r.spec(it); err != nil {
		return nil, err
	}
	return it, nil
}

func (r *reader) read(in Instruction, it *Interface) error {
	a := in.Args
	switch in.Op {
	case opCapability:
		it.Capabilities = append(it.Capabilities, a[0])
	case opName:
		r.names[a[0]] = text(a[1:])
	case opMemberName:
		r.members[[2]uint32{a[0], a[1]}] = text(a[2:])
	case opExecutionMode:
		if a[1] == modeLocalSize && len(a) == 5 {
			copy(it.Local[:], a[2:5])
		}
	case opExecutionModeID:
		if a[1] == modeLocalSizeID {
			return fmt.Errorf("spirv: reflect: wanted a fixed or a decorated workgroup size, got LocalSizeId, which needs maintenance4")
		}
	case opDecorate:
		r.decorate(a)
	case opMemberDecorate:
		if a[2] == decorationOffset && len(a) == 4 {
			r.offsets[[2]uint32{a[0], a[1]}] = int(a[3])
		}
	case opConstant, opSpecConstant, opSpecConstantTrue, opSpecConstantFalse, opSpecComposite, opConstantComposite:
		r.consts[a[1]] = in
	default:
		r.readType(in)
	}
	return nil
}

func (r *reader) decorate(a []uint32) {
	if len(a) < 3 {
		return
	}
	switch a[1] {
	case decorationSpecID:
		r.specs[a[0]] = a[2]
	case decorationArrayStride:
		r.strides[a[0]] = int(a[2])
	case decorationBuiltIn:
		if a[2] == builtInWorkgroupSize {
			r.local = a[0]
		}
	}
}

func (r *reader) readType(in Instruction) {
	a := in.Args
	switch in.Op {
	case opTypeBool:
		r.types[a[0]] = typeInfo{kind: boolKind, bits: 32}
	case opTypeInt:
		kind := uintKind
		if a[2] == 1 {
			kind = intKind
		}
		r.types[a[0]] = typeInfo{kind: kind, bits: int(a[1])}
	case opTypeFloat:
		r.types[a[0]] = typeInfo{kind: floatKind, bits: int(a[1])}
	case opTypeVector:
		if e, ok := r.types[a[1]]; ok && e.count == 0 {
			r.types[a[0]] = typeInfo{e.kind, e.bits, int(a[2])}
		}
	case opTypeArray:
		length, ok := r.consts[a[2]]
		e, known := r.types[a[1]]
		if ok && known && length.Op == opConstant && e.count == 0 && r.strides[a[0]] == e.bits/8 {
			r.types[a[0]] = typeInfo{e.kind, e.bits, int(length.Args[2])}
		}
	case opTypeStruct:
		r.structs[a[0]] = a[1:]
	case opTypePointer:
		switch a[1] {
		case storagePhysicalBuffer:
			r.types[a[0]] = typeInfo{kind: addressKind, bits: 64}
		case storagePushConstant:
			if _, ok := r.structs[a[2]]; ok {
				r.pushes = append(r.pushes, a[2])
			}
		}
	case opTypeForwardPointer: // the pointer itself follows its users
		if a[1] == storagePhysicalBuffer {
			r.types[a[0]] = typeInfo{kind: addressKind, bits: 64}
		}
	}
}

func (r *reader) push(it *Interface) error {
	if len(r.pushes) == 0 {
		return nil
	}
	if len(r.pushes) > 1 {
		return fmt.Errorf("spirv: reflect: wanted one push-constant block without inner structs, got %d structs", len(r.pushes))
	}
	id := r.pushes[0]
	for i, t := range r.structs[id] {
		key := [2]uint32{id, uint32(i)}
		name := r.members[key]
		ti, ok := r.types[t]
		if !ok || ti.kind == boolKind || name == "" {
			return fmt.Errorf("spirv: reflect: push member %d %q: wanted a scalar, a vector, a tightly packed array of scalars or a buffer reference, with its name", i, name)
		}
		it.Push = append(it.Push, Member{name, ti.kind, ti.bits, ti.count, r.offsets[key]})
	}
	sort.SliceStable(it.Push, func(a, b int) bool { return it.Push[a].Offset < it.Push[b].Offset })
	last := it.Push[len(it.Push)-1]
	it.PushSize = (last.Offset + last.Size() + 3) &^ 3
	if it.PushSize > pushLimit {
		return fmt.Errorf("spirv: reflect: wanted at most %d bytes of push constants, got %d", pushLimit, it.PushSize)
	}
	return nil
}

func (r *reader) spec(it *Interface) error {
	if c, ok := r.consts[r.local]; ok && r.local != 0 && len(c.Args) == 5 {
		for k, part := range c.Args[2:5] {
			pc := r.consts[part]
			if len(pc.Args) == 3 {
				it.Local[k] = pc.Args[2]
			}
			if id, ok := r.specs[part]; ok {
				it.LocalID[k] = int(id)
				if r.names[part] == "" {
					r.names[part] = "LOCAL_" + string("XYZ"[k])
				}
			}
		}
	}
	for id, number := range r.specs {
		c, ok := r.consts[id]
		if !ok {
			return fmt.Errorf("spirv: reflect: specialization constant %d: wanted its value, got none", number)
		}
		t := r.types[c.Args[0]]
		if t.bits != 32 || r.names[id] == "" {
			return fmt.Errorf("spirv: reflect: specialization constant %d %q: wanted a name and 32 bits, got %d bits", number, r.names[id], t.bits)
		}
		s := Spec{ID: number, Name: r.names[id], Kind: t.kind}
		switch c.Op {
		case opSpecConstant:
			s.Default = c.Args[2]
		case opSpecConstantTrue:
			s.Default = 1
		}
		it.Specs = append(it.Specs, s)
	}
	sort.Slice(it.Specs, func(a, b int) bool { return it.Specs[a].ID < it.Specs[b].ID })
	return nil
}

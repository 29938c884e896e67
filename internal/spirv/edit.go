package spirv

import "strings"

const (
	capabilitySignedZeroInfNanPreserve = 4466
	modeSignedZeroInfNanPreserve       = 4461
)

// KeepNaN declares SignedZeroInfNanPreserve for every float width that the module declares, so that later
// compilers keep infinities, NaNs and the sign of zero. From SPIR-V 1.4 on this needs no extension.
func (m *Module) KeepNaN() {
	var entry uint32
	var widths []uint32
	for _, in := range m.Code {
		switch in.Op {
		case opEntryPoint:
			entry = in.Args[1]
		case opTypeFloat:
			if len(in.Args) == 2 { // a third word names another encoding than IEEE 754
				widths = append(widths, in.Args[1])
			}
		}
	}
	if len(widths) == 0 {
		return
	}
	m.insert([]Instruction{{opCapability, []uint32{capabilitySignedZeroInfNanPreserve}}}, opCapability)
	var modes []Instruction
	for _, w := range widths {
		modes = append(modes, Instruction{opExecutionMode, []uint32{entry, modeSignedZeroInfNanPreserve, w}})
	}
	m.insert(modes, opExecutionMode, opExecutionModeID, opEntryPoint)
}

// insert puts instructions after the last one that has one of the given opcodes.
func (m *Module) insert(add []Instruction, after ...uint16) {
	at := 0
	for i, in := range m.Code {
		for _, op := range after {
			if in.Op == op {
				at = i + 1
			}
		}
	}
	code := append([]Instruction{}, m.Code[:at]...)
	code = append(code, add...)
	m.Code = append(code, m.Code[at:]...)
}

const stampPrefix = "tuff sha256 "

// Stamp records in the module, as OpModuleProcessed, the hash of what it was made from.
func (m *Module) Stamp(hash string) {
	// Section 2.4: after all names, before all annotations.
	at := len(m.Code)
	for i, in := range m.Code {
		if in.Op == opDecorate || in.Op == opMemberDecorate || in.Op == opDecorateID || in.Op >= opTypeBool-1 && in.Op < opFunction {
			at = i
			break
		}
	}
	code := append([]Instruction{}, m.Code[:at]...)
	code = append(code, Instruction{opModuleProcessed, literal(stampPrefix + hash)})
	m.Code = append(code, m.Code[at:]...)
}

// Stamped returns the hash that Stamp left, or "".
func (m *Module) Stamped() string {
	for _, in := range m.Code {
		if in.Op != opModuleProcessed {
			continue
		}
		if hash, ok := strings.CutPrefix(text(in.Args), stampPrefix); ok {
			return hash
		}
	}
	return ""
}

// DropNames removes the names that reflection does not need: all but those of the push-constant block, its
// members and the specialization constants. The module gets smaller and means the same.
func (m *Module) DropNames() {
	keep := map[uint32]bool{}
	for _, in := range m.Code {
		switch {
		case in.Op == opTypePointer && in.Args[1] == storagePushConstant:
			keep[in.Args[2]] = true
		case in.Op == opDecorate && in.Args[1] == decorationSpecID:
			keep[in.Args[0]] = true
		}
	}
	code := m.Code[:0:0]
	for _, in := range m.Code {
		if (in.Op == opName || in.Op == opMemberName) && !keep[in.Args[0]] {
			continue
		}
		if in.Op == 3 || in.Op == 4 { // OpSource, OpSourceExtension
			continue
		}
		code = append(code, in)
	}
	m.Code = code
}

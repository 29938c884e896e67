package spirv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// build assembles a module from instructions.
func build(code ...Instruction) *Module {
	return &Module{Version: 0x00010500, generator: 7, Bound: 64, Code: code}
}

func named(op uint16, head []uint32, name string) Instruction {
	return Instruction{op, append(head, literal(name)...)}
}

// sample is a shader with a block {address; uint[3]; float; vec2}, the constants OP (id 1, uint 5) and FAST (id 4, true),
// and a workgroup size of (id 0, 2, 3).
func sample() *Module {
	return build(
		Instruction{opCapability, []uint32{1}},
		Instruction{opMemoryModel, []uint32{5348, 1}},
		named(opEntryPoint, []uint32{5, 1}, "main"),
		Instruction{opExecutionMode, []uint32{1, modeLocalSize, 1, 2, 3}},
		named(opName, []uint32{2}, "Push"),
		named(opMemberName, []uint32{2, 0}, "x"),
		named(opMemberName, []uint32{2, 1}, "shape"),
		named(opMemberName, []uint32{2, 2}, "scale"),
		named(opMemberName, []uint32{2, 3}, "pair"),
		named(opName, []uint32{20}, "OP"),
		named(opName, []uint32{21}, "FAST"),
		named(opName, []uint32{40}, "forgotten"),
		Instruction{opMemberDecorate, []uint32{2, 0, decorationOffset, 0}},
		Instruction{opMemberDecorate, []uint32{2, 1, decorationOffset, 8}},
		Instruction{opMemberDecorate, []uint32{2, 2, decorationOffset, 20}},
		Instruction{opMemberDecorate, []uint32{2, 3, decorationOffset, 24}},
		Instruction{opDecorate, []uint32{10, decorationArrayStride, 4}},
		Instruction{opDecorate, []uint32{20, decorationSpecID, 1}},
		Instruction{opDecorate, []uint32{21, decorationSpecID, 4}},
		Instruction{opDecorate, []uint32{22, decorationSpecID, 0}},
		Instruction{opDecorate, []uint32{23, decorationBuiltIn, builtInWorkgroupSize}},
		Instruction{opTypeForwardPointer, []uint32{5, storagePhysicalBuffer}},
		Instruction{opTypeInt, []uint32{6, 32, 0}},
		Instruction{opTypeFloat, []uint32{7, 32}},
		Instruction{opTypeBool, []uint32{8}},
		Instruction{opTypeVector, []uint32{9, 7, 2}},
		Instruction{opTypeVector, []uint32{11, 6, 3}},
		Instruction{opConstant, []uint32{6, 12, 3}},
		Instruction{opTypeArray, []uint32{10, 6, 12}},
		Instruction{opTypeStruct, []uint32{2, 5, 10, 7, 9}},
		Instruction{opTypePointer, []uint32{13, storagePushConstant, 2}},
		Instruction{opSpecConstant, []uint32{6, 20, 5}},
		Instruction{opSpecConstantTrue, []uint32{8, 21}},
		Instruction{opSpecConstant, []uint32{6, 22, 1}},
		Instruction{opConstant, []uint32{6, 24, 2}},
		Instruction{opSpecComposite, []uint32{11, 23, 22, 24, 12}},
		Instruction{opFunction, []uint32{6, 1, 0, 3}},
	)
}

func TestReflect(t *testing.T) {
	m, err := Parse(sample().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Reflect()
	if err != nil {
		t.Fatal(err)
	}
	want := "{Push:[{Name:x Kind:address Bits:64 Count:0 Offset:0} {Name:shape Kind:uint Bits:32 Count:3 Offset:8} " +
		"{Name:scale Kind:float Bits:32 Count:0 Offset:20} {Name:pair Kind:float Bits:32 Count:2 Offset:24}] PushSize:32 " +
		"Specs:[{ID:0 Name:LOCAL_X Kind:uint Default:1} {ID:1 Name:OP Kind:uint Default:5} {ID:4 Name:FAST Kind:bool Default:1}] " +
		"Local:[1 2 3] LocalID:[0 -1 -1] Capabilities:[1]}"
	if s := fmt.Sprintf("%+v", *got); s != want {
		t.Errorf("wanted %s\ngot    %s", want, s)
	}
}

// TestRefuse: what our rules exclude is an error that says so.
func TestRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *Module)
		want   string
	}{
		"large block":     {func(m *Module) { m.Code[15].Args[3] = 124 }, "128 bytes"},
		"unnamed member":  {func(m *Module) { m.Code[5].Args[1] = 9 }, "its name"},
		"wide stride":     {func(m *Module) { m.Code[16].Args[2] = 16 }, "tightly packed"},
		"inner struct":    {func(m *Module) { m.Code[29].Args[4] = 2 }, "scalar"},
		"LocalSizeId":     {func(m *Module) { m.Code[3] = Instruction{opExecutionModeID, []uint32{1, 38, 22, 24, 12}} }, "maintenance4"},
		"64-bit constant": {func(m *Module) { m.Code[24] = Instruction{opTypeInt, []uint32{8, 64, 0}} }, "32 bits"},
	} {
		m := sample()
		c.change(m)
		if _, err := m.Reflect(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: wanted an error with %q, got %v", name, c.want, err)
		}
	}
}

func TestEdit(t *testing.T) {
	m := sample()
	m.KeepNaN()
	m.DropNames()
	m.Stamp("abc")
	var order []uint16
	for _, in := range m.Code[:12] {
		order = append(order, in.Op)
	}
	want := []uint16{opCapability, opCapability, opMemoryModel, opEntryPoint, opExecutionMode, opExecutionMode, opName,
		opMemberName, opMemberName, opMemberName, opMemberName, opName}
	if fmt.Sprint(order) != fmt.Sprint(want) {
		t.Errorf("wanted the order %v, got %v", want, order)
	}
	if got := m.Code[5].Args; fmt.Sprint(got) != "[1 4461 32]" {
		t.Errorf("wanted SignedZeroInfNanPreserve of 32 bits on function 1, got %v", got)
	}
	again, err := Parse(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Stamped(); got != "abc" {
		t.Errorf("stamp: wanted abc, got %q", got)
	}
	if !bytes.Equal(again.Bytes(), m.Bytes()) {
		t.Error("wanted the same bytes after reading and writing")
	}
	face, err := again.Reflect()
	if err != nil || len(face.Push) != 4 || len(face.Specs) != 3 {
		t.Errorf("wanted the interface unchanged, got %+v, %v", face, err)
	}
}

// TestSplitPack: each way of joining two words becomes a shift and an or under the same id, with Int64 declared once;
// what joins nothing stays.
func TestSplitPack(t *testing.T) {
	m := build(
		Instruction{opCapability, []uint32{1}},
		Instruction{opTypeInt, []uint32{6, 32, 0}},
		Instruction{opTypeFloat, []uint32{7, 64}},
		Instruction{opTypeVector, []uint32{8, 6, 2}},
		Instruction{opTypeForwardPointer, []uint32{9, storagePhysicalBuffer}},
		Instruction{opConstant, []uint32{6, 10, 1}},
		Instruction{opFunction, []uint32{6, 1, 0, 3}},
		Instruction{61, []uint32{8, 20, 15}}, // OpLoad of a vector
		Instruction{opBitcast, []uint32{9, 21, 20}},
		Instruction{opExtInst, []uint32{7, 22, 2, extPackDouble2x32, 20}},
		Instruction{opBitcast, []uint32{8, 23, 22}},
	)
	if !m.SplitPack() {
		t.Fatal("wanted a change, got none")
	}
	var ops []uint16
	result := map[uint32]uint16{}
	for _, in := range m.Code {
		ops = append(ops, in.Op)
		if len(in.Args) > 1 {
			result[in.Args[1]] = in.Op
		}
	}
	join := []uint16{opCompositeExtract, opCompositeExtract, opUConvert, opUConvert, opShiftLeft, opBitwiseOr}
	want := []uint16{opCapability, opCapability, opTypeInt, opTypeFloat, opTypeVector, opTypeForwardPointer, opConstant, opTypeInt, opConstant, opFunction, 61}
	want = append(append(want, join...), opConvertUToPtr)
	want = append(append(want, join...), opBitcast, opBitcast)
	if fmt.Sprint(ops) != fmt.Sprint(want) {
		t.Errorf("wanted the opcodes %v, got %v", want, ops)
	}
	if result[21] != opConvertUToPtr || result[22] != opBitcast || m.Code[1].Args[0] != capabilityInt64 {
		t.Errorf("wanted the same results under their ids and the capability Int64, got %v", m.Code)
	}
	for _, in := range m.Code[9:] {
		for _, id := range in.Args[:2] {
			if id >= m.Bound {
				t.Errorf("wanted ids below the bound %d, got %d", m.Bound, id)
			}
		}
	}
	if m.SplitPack() {
		t.Error("wanted no change the second time")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample().Bytes())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again := m.Bytes(); len(again) != len(b) {
			t.Errorf("wanted %d bytes, got %d", len(b), len(again))
		}
		m.Reflect()
		m.Stamped()
		m.KeepNaN()
		m.DropNames()
		m.SplitPack()
	})
}

func ExampleModule_Stamp() {
	m, _ := Parse(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64([]byte{3, 2, 0x23, 7}, 0x10500), 1))
	m.Stamp("5eed")
	fmt.Println(m.Stamped())
	// Output: 5eed
}

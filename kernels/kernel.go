package kernels

import (
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// Kernel is how an op runs on a Vulkan device.
type Kernel struct {
	// Plan chooses programs, grids and scratch for a call on a device. It is a
	// pure function: it must not look at a view's Buf, and must keep neither c
	// nor its slices. The plan serves every call with the same op, attribute,
	// dtypes, shapes, strides, and offsets modulo 16 bytes; Const may differ.
	// It fails with ops.ErrUnsupported and the reason, or with ops.ErrDense
	// when dense inputs would do.
	Plan func(info *gpu.Info, c *ops.Call) (*Plan, error)
}

// Plan is a list of dispatches, run in order, each seeing what those before it
// wrote.
type Plan struct {
	Steps   []Step
	Scratch int // bytes of working memory, undefined at the start
}

// Step is one dispatch.
type Step struct {
	Program gpu.Program
	Grid    [3]uint32 // workgroups; see Grid
	// Push appends the push-constant block to dst: Program.PushBytes bytes. It
	// runs at every call and must not allocate, nor keep its arguments.
	Push func(a *Args, dst []byte) []byte
	// Uses are the pieces of memory that the step touches. Nil stands for all
	// inputs, read, and all outputs and the scratch memory, written.
	Uses []Use
	// Work is a rough cost, from which gpu splits batches that would take too
	// long: floating-point operations and bytes moved. Zero bytes: as many as
	// the uses hold.
	Flops, Bytes float64
}

// Use is a view, or a piece of the scratch memory, that a step touches.
type Use struct {
	Role  Role
	Index int  // number of the input or output
	Write bool // written, or read and written
	// Off and Len are a piece of the view's elements or of the scratch memory,
	// in bytes from its first element; Len 0: all of it.
	Off, Len int
}

// Role says which of a call's views a Use means.
type Role uint8

// The roles.
const (
	In Role = iota
	Out
	Scratch
)

// Args is what a step's Push sees of one run.
type Args struct {
	Call   *ops.Call
	stream *gpu.Stream
	moved  *movedTo // nil but in steps that viaScratch made
}

// Fault is the address of the stream's fault record, see buf.glsl. The stream
// looks at it after its work only when somebody asked for the address.
func (a *Args) Fault() uint64 { return a.stream.FaultAddr() }

// In is the device address of the first element of input i.
func (a *Args) In(i int) uint64 {
	if a.moved != nil && a.moved.in[i] > 0 {
		return a.Scratch() + uint64(a.moved.in[i]-1)
	}
	return address(&a.Call.In[i])
}

// Out is the device address of the first element of output i.
func (a *Args) Out(i int) uint64 {
	if a.moved != nil && i == 0 && a.moved.out > 0 {
		return a.Scratch() + uint64(a.moved.out-1)
	}
	return address(&a.Call.Out[i])
}

// Scratch is the device address of the scratch memory.
func (a *Args) Scratch() uint64 { return address(&a.Call.Scratch) }

// Const is Go constant i of the call.
func (a *Args) Const(i int) float64 { return a.Call.Const[i] }

func address(v *ops.View) uint64 {
	return v.Buf.(*Buffer).Address() + uint64(v.Offset)*uint64(v.DType.Size())
}

// One is a Kernel of a single dispatch.
func One(step func(info *gpu.Info, c *ops.Call) (Step, error)) Kernel {
	return Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) {
		s, err := step(info, c)
		if err != nil {
			return nil, err
		}
		return &Plan{Steps: []Step{s}}, nil
	}}
}

type entry struct {
	Kernel
	fault uint32
}

var (
	table  = map[ops.Op]*entry{}
	faults []ops.Op // by fault code − firstFault
)

// firstFault is the first code of FaultCode: below it are those of buf.glsl,
// which do not name an op.
const firstFault = 16

// Register adds the kernel of an op. It is called from init only, and panics
// on a duplicate.
func Register(op ops.Op, k Kernel) {
	if op == "" || k.Plan == nil {
		panic(fmt.Sprintf("kernels: register %q: wanted an op and Plan", op))
	}
	if table[op] != nil {
		panic(fmt.Sprintf("kernels: register: op %q has a kernel already", op))
	}
	table[op] = &entry{k, firstFault + uint32(len(faults))}
	faults = append(faults, op)
}

// FaultCode is the code that the op's shaders report to the fault record when
// an index is outside its dimension; it becomes an *ops.IndexError with the
// op's name. It may differ between programs and must not be stored.
func FaultCode(op ops.Op) uint32 {
	e := table[op]
	if e == nil {
		panic(fmt.Sprintf("kernels: fault code of %q: wanted a registered op", op))
	}
	return e.fault
}

func faultOp(code uint32) ops.Op {
	if i := int(code) - firstFault; i >= 0 && i < len(faults) {
		return faults[i]
	}
	return ops.Op(fmt.Sprintf("kernel (fault code %d)", code))
}

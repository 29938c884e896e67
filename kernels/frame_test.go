package kernels

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// missing are the ops without a kernel, with the reason.
var missing = map[ops.Op]string{}

func TestEveryOpHasAKernel(t *testing.T) {
	stems := map[string]bool{}
	for _, d := range ops.Defs() {
		if strings.Contains(string(d.Op), ".") {
			continue // another module's
		}
		reason, lacks := missing[d.Op]
		switch has := table[d.Op] != nil; {
		case !d.NeedsKernel() && has:
			t.Errorf("%s: wanted no kernel for an op of kind %v, got one", d.Op, d.Kind)
		case d.NeedsKernel() && !has && !lacks:
			t.Errorf("%s: wanted a kernel or a reason in the table missing", d.Op)
		case lacks && (has || reason == ""):
			t.Errorf("%s: wanted no entry in the table missing, or a reason there", d.Op)
		}
		if d.NeedsKernel() && !lacks {
			stems[d.Stem] = true
		}
	}
	for stem := range stems {
		for _, file := range []string{stem + ".go", "../shaders/" + stem + ".comp"} {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("stem %s: wanted a file %s", stem, file)
			}
		}
	}
	for op := range table {
		if ops.Lookup(op) == nil && !strings.HasPrefix(string(op), "test.") {
			t.Errorf("kernel of %s: wanted an op of that name, found none", op)
		}
	}
}

func TestRegisterRefuses(t *testing.T) {
	none := One(func(*gpu.Info, *ops.Call) (Step, error) { return Step{}, nil })
	for name, f := range map[string]func(){
		"a duplicate":      func() { Register("add", none) },
		"no name":          func() { Register("", none) },
		"no plan":          func() { Register("test.none", Kernel{}) },
		"an unknown fault": func() { FaultCode("test.unknown") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: wanted a panic", name)
				}
			}()
			f()
		}()
	}
}

func TestErrorsAreWrapped(t *testing.T) {
	if err := wrap(&gpu.OutOfMemory{Asked: 5}); !errors.Is(err, ops.ErrOutOfMemory) || !errors.Is(err, gpu.ErrOutOfMemory) {
		t.Errorf("out of memory: wanted both sentinels, got %v", err)
	}
	if err := wrap(&gpu.LostError{Device: "x"}); !errors.Is(err, ops.ErrDeviceLost) {
		t.Errorf("device lost: wanted ops.ErrDeviceLost, got %v", err)
	}
	var index *ops.IndexError
	err := wrap(&gpu.Fault{Code: FaultCode("gather"), Limit: 10, Value: -3})
	if !errors.As(err, &index) || *index != (ops.IndexError{Op: "gather", Index: -3, Limit: 10}) {
		t.Errorf("fault: wanted an index error of gather, got %v", err)
	}
	if wrap(nil) != nil {
		t.Error("nil: wanted nil")
	}
}

func TestUnsupportedSaysWhy(t *testing.T) {
	info := small()
	info.Features.Float64 = false
	v := ops.DenseView(ops.NewSpec(ops.F64, 4), nil)
	_, err := table["exp"].Plan(info, &ops.Call{Op: "exp", In: []ops.View{v}, Out: []ops.View{v}})
	if !errors.Is(err, ops.ErrUnsupported) || !strings.Contains(err.Error(), "shaderFloat64") {
		t.Errorf("f64 without float64: wanted ErrUnsupported that names shaderFloat64, got %v", err)
	}
}

func TestUses(t *testing.T) {
	x := ops.View{Spec: ops.NewSpec(ops.F32, 3, 4), Offset: 5}
	x.Strides = [8]int{10, 2}
	c := &ops.Call{In: []ops.View{x}, Out: []ops.View{*denseF32(12)}}
	want := []Use{{Role: In, Len: 4 * (2*10 + 3*2 + 1)}, {Role: Out, Write: true, Len: 48}, {Role: Scratch, Write: true, Len: 100}}
	if got := uses(c, nil, 100); !reflect.DeepEqual(got, want) {
		t.Errorf("all: wanted %+v, got %+v", want, got)
	}
	want = []Use{{Role: Out, Off: 8, Len: 40}, {Role: Scratch, Off: 20, Len: 10}}
	if got := uses(c, []Use{{Role: Out, Off: 8}, {Role: Scratch, Off: 20, Len: 10}}, 100); !reflect.DeepEqual(got, want) {
		t.Errorf("given: wanted %+v, got %+v", want, got)
	}
}

// The three shaders that move elements share include/move.glsl, and kernels
// one push block.
func TestMovesShareABlock(t *testing.T) {
	block := reflect.TypeFor[shaders.ContiguousPush]()
	for _, other := range []reflect.Type{reflect.TypeFor[shaders.ConcatPush](), reflect.TypeFor[shaders.UnslicePush]()} {
		if !block.ConvertibleTo(other) {
			t.Errorf("wanted %v laid out like %v", other, block)
		}
	}
}

// The walk of elem.glsl has its constants under the same ids in every family.
func TestWalksShareConstants(t *testing.T) {
	for _, ids := range [][4]int{
		{shaders.UnarySpecLocalX, shaders.UnarySpecMode, shaders.UnarySpecDims, shaders.UnarySpecDense},
		{shaders.UnaryGradSpecLocalX, shaders.UnaryGradSpecMode, shaders.UnaryGradSpecDims, shaders.UnaryGradSpecDense},
		{shaders.BinarySpecLocalX, shaders.BinarySpecMode, shaders.BinarySpecDims, shaders.BinarySpecDense},
		{shaders.WhereSpecLocalX, shaders.WhereSpecMode, shaders.WhereSpecDims, shaders.WhereSpecDense},
		{shaders.CastSpecLocalX, shaders.CastSpecMode, shaders.CastSpecDims, shaders.CastSpecDense},
		{shaders.InplaceSpecLocalX, shaders.InplaceSpecMode, shaders.InplaceSpecDims, shaders.InplaceSpecDense},
	} {
		if ids != [4]int{0, 1, 2, 3} {
			t.Errorf("wanted the ids 0, 1, 2, 3, got %v", ids)
		}
	}
}

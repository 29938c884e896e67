package ops_test

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// attrTypes are the attributes' types; the fuzzer fills their fields.
var attrTypes = []any{
	nil, ops.BinaryAttr{}, ops.CastAttr{}, ops.ConcatAttr{}, ops.CreateAttr{}, ops.IndexAttr{}, ops.MatMulAttr{}, ops.OneHotAttr{},
	ops.PermuteAttr{}, ops.ReduceAttr{}, ops.ReserveAttr{}, ops.ShapeAttr{}, ops.SliceAttr{}, ops.SoftmaxAttr{}, ops.UnsliceAttr{},
	ops.SGDAttr{}, ops.AdamAttr{},
	ops.ScanAttr{},
}

// attrOf is the index in attrTypes of each op's attribute.
var attrOf = map[ops.Op]int{
	"add": 1, "sub": 1, "mul": 1, "div": 1, "pow": 1, "maximum": 1, "minimum": 1, "eq": 1, "ne": 1, "lt": 1, "le": 1, "gt": 1, "ge": 1,
	"cast": 2, "concat": 3, "full": 4, "arange": 4, "uniform": 4, "normal": 4, "bernoulli": 4, "permutation": 4,
	"gather": 5, "scatter_add": 5, "write_at": 5, "matmul": 6, "one_hot": 7, "permute": 8,
	"sum": 9, "mean": 9, "max": 9, "var": 9, "logsumexp": 9, "argmax": 9, "min": 9, "argmin": 9, "prod": 9, "std": 9, "norm": 9,
	"any": 9, "all": 9, "count_nonzero": 9, "max_with_index": 9, "min_with_index": 9,
	"rand_reserve": 10, "reshape": 11, "expand": 11, "slice": 12,
	"softmax": 13, "log_softmax": 13, "softmax_grad": 13, "log_softmax_grad": 13, "unslice": 14, "sgd": 15, "adam": 16,
	"cumsum": 17, "cumprod": 17, "linear_scan": 17,
}

// source turns the fuzzer's bytes into choices; past the end all are 0.
type source struct{ data []byte }

func (s *source) next() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

// number is mostly small, and at times anything.
func (s *source) number() int64 {
	switch b := s.next(); {
	case b < 200:
		return int64(b % 10)
	case b < 215:
		return -int64(b % 5)
	case b < 230: // long, as expanded tensors may be
		return 1 << (s.next() % 48)
	}
	var raw [8]byte
	for i := range raw {
		raw[i] = s.next()
	}
	return int64(binary.LittleEndian.Uint64(raw[:]))
}

// spec is of a tensor that could exist: dimensions of at least 0, fewer than
// 2⁵⁶ elements. With like it often repeats an earlier one.
func (s *source) spec(like []ops.Spec) ops.Spec {
	if b := s.next(); len(like) > 0 && b < 150 {
		x := like[int(b)%len(like)]
		if s.next() < 30 {
			x.DType = ops.DType(1 + s.next()%8)
		}
		return x
	}
	dims := make([]int, s.next()%(ops.MaxRank+1))
	n := 1
	for i := range dims {
		dims[i] = int(uint64(s.number()) % (1 << 40))
		if dims[i] > 0 && n > (1<<56)/dims[i] {
			dims[i] = 1
		}
		n *= max(1, dims[i])
	}
	return ops.NewSpec(ops.DType(1+s.next()%8), dims...)
}

// fill sets all fields of a value.
func (s *source) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			s.fill(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			s.fill(v.Index(i))
		}
	case reflect.Int, reflect.Int8, reflect.Int64:
		v.SetInt(s.number())
	case reflect.Uint8:
		v.SetUint(uint64(s.next()))
	case reflect.Bool:
		v.SetBool(s.next()&1 == 1)
	case reflect.Float64:
		v.SetFloat(float64(s.number()) / 8)
	default:
		panic("fuzz: a field of kind " + v.Kind().String())
	}
}

// zeroTail sets what lies behind the rank to 0, as most attributes want.
func zeroTail(v reflect.Value, rank int) {
	switch v.Kind() {
	case reflect.Struct:
		if f := v.FieldByName("Rank"); f.IsValid() {
			rank = int(f.Int())
		}
		for i := range v.NumField() {
			zeroTail(v.Field(i), rank)
		}
	case reflect.Array:
		for i := max(0, rank); i < v.Len(); i++ {
			v.Index(i).SetZero()
		}
	}
}

func (s *source) attr(op ops.Op, rank int) any {
	k := attrOf[op]
	if s.next() < 10 { // another op's
		k = int(s.next()) % len(attrTypes)
	}
	if attrTypes[k] == nil {
		return nil
	}
	p := reflect.New(reflect.TypeOf(attrTypes[k])).Elem()
	s.fill(p)
	if s.next() < 200 {
		zeroTail(p, rank)
	}
	return p.Interface()
}

// FuzzInfer: no shape rule panics, whatever it is given, and what it accepts
// are specs of tensors that can exist; a view stays inside its buffer.
func FuzzInfer(f *testing.F) {
	defs := ops.Defs()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range defs {
		for range 60 {
			data := make([]byte, 8+r.IntN(60))
			for j := range data {
				data[j] = byte(r.Uint32())
			}
			f.Add(uint8(i), data)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		d, s := defs[int(which)%len(defs)], &source{data}
		in := make([]ops.Spec, s.next()%7)
		for i := range in {
			in[i] = s.spec(in[:i])
		}
		rank := 0
		if len(in) > 0 {
			rank = in[0].Rank
		}
		attr := s.attr(d.Op, rank)
		before := append([]ops.Spec(nil), in...)
		outs, err := d.Infer(nil, in, attr)
		for i := range in {
			if in[i] != before[i] {
				t.Fatalf("%s: Infer changed its input %d from %v to %v", d.Op, i, before[i], in[i])
			}
		}
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%s: an error without text", d.Op)
			}
			return
		}
		if len(outs) == 0 {
			t.Fatalf("%s of %v: no outputs and no error", d.Op, in)
		}
		for i, o := range outs {
			checkSpec(t, d, in, attr, o)
			if d.Alias != nil {
				if k := d.Alias(attr, i); k >= len(in) || k >= 0 && in[k] != o {
					t.Errorf("%s of %v: output %d, %v, is said to be input %d", d.Op, in, i, o, k)
				}
			}
		}
		if d.View != nil {
			checkView(t, d, in[0], attr, outs[0])
		}
	})
}

func checkSpec(t *testing.T, d *ops.Def, in []ops.Spec, attr any, o ops.Spec) {
	t.Helper()
	if o.DType == ops.InvalidDType || o.DType > ops.Bool || o.Rank < 0 || o.Rank > ops.MaxRank {
		t.Fatalf("%s of %v with %+v: accepted, with the output %+v", d.Op, in, attr, o)
	}
	n := 1
	for i, k := range o.Shape {
		switch {
		case i >= o.Rank && k != 0, k < 0:
			t.Fatalf("%s of %v with %+v: accepted, with the output shape %v of rank %d", d.Op, in, attr, o.Shape, o.Rank)
		case i >= o.Rank || k == 0:
		case n > (1<<62)/k:
			t.Fatalf("%s of %v with %+v: accepted, with an output of too many elements, %v", d.Op, in, attr, o)
		default:
			n *= k
		}
	}
}

// checkView holds that the view of a dense input has the inferred spec and
// touches only elements that are there.
func checkView(t *testing.T, d *ops.Def, in ops.Spec, attr any, out ops.Spec) {
	t.Helper()
	v := d.View(ops.DenseView(in, nil), attr)
	if v.Spec != out {
		t.Fatalf("%s of %v with %+v: Infer says %v, View %v", d.Op, in, attr, out, v.Spec)
	}
	if out.Len() == 0 {
		return
	}
	if lo, hi := v.Extent(); lo < 0 || hi > in.Len() {
		t.Fatalf("%s of %v with %+v: the view touches [%d, %d) of %d elements", d.Op, in, attr, lo, hi, in.Len())
	}
	for i, st := range v.Strides {
		if st < 0 || i >= v.Rank && st != 0 {
			t.Fatalf("%s of %v with %+v: strides %v", d.Op, in, attr, v.Strides)
		}
	}
}

// TestInferRefusesTooMany: expanded tensors may be long without memory, so
// that their combination can have more elements than an int counts.
func TestInferRefusesTooMany(t *testing.T) {
	const n = 1 << 40
	column, row, long := ops.NewSpec(ops.F32, n, 1), ops.NewSpec(ops.F32, 1, n), ops.NewSpec(ops.I64, 1<<50)
	for _, k := range []struct {
		op   ops.Op
		attr any
		in   []ops.Spec
	}{
		{"add", ops.BinaryAttr{}, []ops.Spec{column, row}},
		{"eq", ops.BinaryAttr{}, []ops.Spec{column, row}},
		{"where", nil, []ops.Spec{ops.NewSpec(ops.Bool, 1), column, row}},
		{"matmul", ops.MatMulAttr{}, []ops.Spec{column, row}},
		{"one_hot", ops.OneHotAttr{Classes: 1 << 20, DType: ops.F32}, []ops.Spec{long}},
		{"concat", ops.ConcatAttr{}, slices.Repeat([]ops.Spec{ops.NewSpec(ops.F32, 1<<55)}, 512)},
	} {
		if out, err := ops.Lookup(k.op).Infer(nil, k.in, k.attr); err == nil {
			t.Errorf("%s of %v: wanted an error, got %v", k.op, k.in[:1], out)
		}
	}
}

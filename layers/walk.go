package layers

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tuff-ml/tuff/ops"
)

// Layer is a module that turns one tensor into another.
type Layer interface {
	Forward(x *ops.Tensor) *ops.Tensor
}

// Params walks the parameters of a module with torch's keys: "weight",
// "0.bias", "encoder.norm1.weight".
//
// The walk goes through exported fields in the order of their declaration:
// tensors, structs, pointers, interfaces, slices and arrays (whose elements
// are called "0", "1", …), and maps with string or integer keys, sorted. A
// field is called by its name in snake case, or by its tag `tuff:"name"`; the
// tag "-" leaves it out. An embedded struct without a tag adds no name of its
// own. A tensor that is found more than once (tied weights) comes once, under
// its first name; StateDict has all names.
//
// Two different tensors under one name are an *ops.Error, as are maps with
// other keys.
func Params(m any) iter.Seq2[string, *ops.Tensor] {
	return once(m, func(t *ops.Tensor) bool { return t.IsParam() })
}

// Buffers walks the tensors of a module that are not parameters, such as
// running statistics, as Params does.
func Buffers(m any) iter.Seq2[string, *ops.Tensor] {
	return once(m, func(t *ops.Tensor) bool { return !t.IsParam() })
}

// StateDict walks parameters and buffers together, tied ones under each of
// their names: what a checkpoint holds.
func StateDict(m any) iter.Seq2[string, *ops.Tensor] {
	return func(yield func(string, *ops.Tensor) bool) {
		w := walker{yield: yield, names: map[string]*ops.Tensor{}, path: map[visit]bool{}}
		w.walk("", reflect.ValueOf(m))
	}
}

func once(m any, want func(*ops.Tensor) bool) iter.Seq2[string, *ops.Tensor] {
	return func(yield func(string, *ops.Tensor) bool) {
		seen := map[*ops.Tensor]bool{}
		for name, t := range StateDict(m) {
			if want(t) && !seen[t] {
				seen[t] = true
				if !yield(name, t) {
					return
				}
			}
		}
	}
}

// Count is the number of elements of all parameters.
func Count(m any) int {
	n := 0
	for _, p := range Params(m) {
		n += p.Len()
	}
	return n
}

// ZeroGrad drops the gradients of all parameters.
func ZeroGrad(m any) {
	for _, p := range Params(m) {
		p.ZeroGrad()
	}
}

// Release frees the parameters and buffers of a module, which cannot be used
// afterwards. Tied tensors are released once.
func Release(m any) {
	var all []*ops.Tensor
	for _, t := range Params(m) {
		all = append(all, t)
	}
	for _, t := range Buffers(m) {
		all = append(all, t)
	}
	for _, t := range all {
		t.Release()
	}
}

// visit is a pointer on the way down, to stop at cycles.
type visit struct {
	at  uintptr
	typ reflect.Type
}

type walker struct {
	yield func(string, *ops.Tensor) bool
	names map[string]*ops.Tensor
	path  map[visit]bool
}

var tensorType = reflect.TypeFor[*ops.Tensor]()

// walk returns false when the caller has had enough.
func (w *walker) walk(name string, v reflect.Value) bool {
	if !v.IsValid() {
		return true
	}
	if v.Type() == tensorType {
		return w.tensor(name, v)
	}
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil() || w.walk(name, v.Elem())
	case reflect.Pointer:
		if v.IsNil() || !holds(v.Type().Elem().Kind()) {
			return true
		}
		at := visit{v.Pointer(), v.Type()}
		if w.path[at] {
			return true
		}
		w.path[at] = true
		defer delete(w.path, at)
		return w.walk(name, v.Elem())
	case reflect.Struct:
		return w.fields(name, v)
	case reflect.Slice, reflect.Array:
		if !holds(v.Type().Elem().Kind()) {
			return true
		}
		for i := range v.Len() {
			if !w.walk(join(name, strconv.Itoa(i)), v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		return !holds(v.Type().Elem().Kind()) || w.entries(name, v)
	}
	return true
}

func (w *walker) tensor(name string, v reflect.Value) bool {
	t, _ := v.Interface().(*ops.Tensor)
	if t == nil {
		return true
	}
	if had := w.names[name]; had != nil {
		if had != t {
			ops.Failf("params", []*ops.Tensor{had, t}, "wanted each name once, got two tensors called %q; give one a tag", name)
		}
		return true
	}
	w.names[name] = t
	return w.yield(name, t)
}

func (w *walker) fields(name string, v reflect.Value) bool {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag := f.Tag.Get("tuff")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		inner := name
		switch {
		case tag != "":
			inner = join(name, tag)
		case !f.Anonymous || f.Type == tensorType:
			inner = join(name, snake(f.Name))
		case !f.IsExported() && f.Type.Kind() != reflect.Struct && f.Type.Kind() != reflect.Pointer:
			continue
		}
		if !w.walk(inner, v.Field(i)) {
			return false
		}
	}
	return true
}

func (w *walker) entries(name string, v reflect.Value) bool {
	keys := v.MapKeys()
	switch kind := v.Type().Key().Kind(); {
	case kind == reflect.String:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	case kind >= reflect.Int && kind <= reflect.Int64:
		slices.SortFunc(keys, func(a, b reflect.Value) int {
			if a.Int() < b.Int() {
				return -1
			}
			return 1
		})
	default:
		ops.Failf("params", nil, "wanted maps with string or integer keys, got %v in %q", v.Type(), name)
	}
	for _, k := range keys {
		if !w.walk(join(name, fmt.Sprint(k.Interface())), v.MapIndex(k)) {
			return false
		}
	}
	return true
}

// holds says whether values of a kind can lead to tensors.
func holds(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// snake turns a Go name into torch's: "InProj" to "in_proj", "FC1" to "fc1",
// "NormIn" to "norm_in", "KVCache" to "kv_cache".
func snake(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 {
			next := i+1 < len(r) && unicode.IsLower(r[i+1])
			if unicode.IsLower(r[i-1]) || next && r[i-1] != '_' {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

package optest

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/tuff-ml/tuff/ops"
)

// testdata holds what PyTorch computes for our ops: see tools/goldens/make.py
// for the format.
//
//go:embed testdata/*.json
var testdata embed.FS

// goldenFile is one file of goldens.
type goldenFile struct {
	Script string       `json:"script"`
	Torch  string       `json:"torch"`
	NumPy  string       `json:"numpy"`
	Seed   int64        `json:"seed"`
	Cases  []goldenCase `json:"cases"`
	Runs   []goldenRun  `json:"runs"`
}

// source says where the numbers come from.
func (f *goldenFile) source() string {
	return fmt.Sprintf("PyTorch %s by %s, seed %d", f.Torch, f.Script, f.Seed)
}

type goldenCase struct {
	Op      ops.Op          `json:"op"`
	Kind    string          `json:"kind"`
	Attr    json.RawMessage `json:"attr"`
	Const   [2]float64      `json:"const"`
	In      []goldenTensor  `json:"in"`
	Out     []goldenTensor  `json:"out"`
	Weights []goldenTensor  `json:"weights"`
	Grad    []*goldenTensor `json:"grad"`
}

// goldenRun is an optimizer's run on one parameter.
type goldenRun struct {
	Op        ops.Op          `json:"op"`
	Optimizer string          `json:"optimizer"`
	Attr      json.RawMessage `json:"attr"`
	Start     goldenTensor    `json:"start"`
	Rates     []float64       `json:"rates"`
	Grads     []goldenTensor  `json:"grads"`
	Params    []goldenTensor  `json:"params"`
}

type goldenTensor struct {
	DType string      `json:"dtype"` // "real": the dtype that is tested
	Shape []int       `json:"shape"`
	Data  []jsonFloat `json:"data"`
}

// jsonFloat keeps a number's text, since int64 does not fit float64.
type jsonFloat string

func (f *jsonFloat) UnmarshalJSON(b []byte) error {
	*f = jsonFloat(strings.Trim(string(b), `"`))
	return nil
}

func (g goldenTensor) array(real ops.DType) (Array, error) {
	d := real
	if g.DType != "real" {
		var err error
		if d, err = ops.ParseDType(g.DType); err != nil {
			return Array{}, err
		}
	}
	a := NewArray(ops.NewSpec(d, g.Shape...))
	if len(g.Data) != a.Len() {
		return Array{}, fmt.Errorf("wanted %d elements for %v, got %d", a.Len(), a.Spec, len(g.Data))
	}
	for i, text := range g.Data {
		var err error
		if a.F != nil {
			_, err = fmt.Sscan(string(text), &a.F[i])
		} else {
			_, err = fmt.Sscan(string(text), &a.I[i])
		}
		if err != nil {
			return Array{}, fmt.Errorf("element %d: wanted a number, got %q", i, text)
		}
	}
	return a, nil
}

// goldenOp is how a golden case of an op is checked.
type goldenOp struct {
	ref     Ref
	class   Class
	attr    any // of the attribute's type
	anyZero bool
}

// goldenOps are the ops that goldens may be of, by op.
func goldenOps() map[ops.Op]goldenOp {
	view := func(c *Case, in []Array, _ []ops.Spec) []Array { return []Array{viewRef(c.Op, c.Attr, in[0])} }
	table := map[ops.Op]goldenOp{
		"logical_not": {ref: logicalNotRef},
		"where":       {ref: whereRef}, "cast": {ref: castRef, attr: ops.CastAttr{}}, "contiguous": {ref: contiguousRef},
		"reshape": {ref: view, attr: ops.ShapeAttr{}}, "permute": {ref: view, attr: ops.PermuteAttr{}},
		"expand": {ref: view, attr: ops.ShapeAttr{}}, "slice": {ref: view, attr: ops.SliceAttr{}},
		"unslice": {ref: unsliceRef, attr: ops.UnsliceAttr{}}, "concat": {ref: concatRef, attr: ops.ConcatAttr{}},
		"gather": {ref: gatherRef, attr: ops.IndexAttr{}}, "one_hot": {ref: oneHotRef, attr: ops.OneHotAttr{}},
		"scatter_add": {ref: scatterAddScaled, class: Summed, attr: ops.IndexAttr{}},
		"full":        {ref: fullRef, attr: ops.CreateAttr{}}, "arange": {ref: arangeRef, attr: ops.CreateAttr{}},
		"copy_": {ref: inPlaceRef}, "add_": {ref: inPlaceRef, class: Quotient}, "lerp_": {ref: inPlaceRef, class: Quotient},
		"write_at":     {ref: writeAtRef, attr: ops.IndexAttr{}},
		"index_select": {ref: indexSelectRef, attr: ops.RowsAttr{}}, "index_add": {ref: indexAddScaled, class: Summed, attr: ops.RowsAttr{}},
		"index_copy": {ref: indexRowsRef, attr: ops.RowsAttr{}}, "embedding": {ref: embeddingRef, attr: ops.EmbeddingAttr{}},
		"pad": {ref: padRef, attr: ops.PadAttr{}}, "pad_grad": {ref: padGradRef, class: Summed, attr: ops.PadGradAttr{}, anyZero: true},
		"flip": {ref: flipRef, attr: ops.FlipAttr{}}, "roll": {ref: rollRef, attr: ops.RollAttr{}},
		"tril": {ref: triangleRef, attr: ops.TriangleAttr{}}, "triu": {ref: triangleRef, attr: ops.TriangleAttr{}},
		"stack": {ref: stackRef, attr: ops.ConcatAttr{}}, "repeat": {ref: repeatRef, attr: ops.RepeatAttr{}}, "masked_fill": {ref: maskedFillRef},
		"softmax": {ref: softmaxRef(softmaxLine), class: Summed, attr: ops.SoftmaxAttr{}}, "log_softmax": {ref: softmaxRef(logSoftmaxLine), class: Summed, attr: ops.SoftmaxAttr{}},
		"softmax_grad":     {ref: softmaxRef(softmaxGradLine), class: Summed, attr: ops.SoftmaxAttr{}},
		"log_softmax_grad": {ref: softmaxRef(logSoftmaxGradLine), class: Summed, attr: ops.SoftmaxAttr{}},
		"sort":             {ref: sortRef, attr: ops.SortAttr{}},
		"topk":             {ref: topKRef, attr: ops.TopKAttr{}},
		"segment_sum":      {ref: segmentSumScaled, class: Summed, attr: ops.SegmentAttr{}},
		"bincount":         {ref: binCountScaled, class: Summed, attr: ops.BinsAttr{}},
		"histogram":        {ref: histogramRef, attr: ops.BinsAttr{}},
		"solve_triangular": {ref: solveTriangularRef, class: Summed, attr: ops.TriangularAttr{}, anyZero: true},
		"cholesky":         {ref: choleskyRef, class: Summed},
		"cholesky_solve":   {ref: choleskySolveRef, class: Summed, anyZero: true},
		"inverse_spd":      {ref: inverseSPDRef, class: Summed, anyZero: true},
		"logdet_spd":       {ref: logDetSPDRef, class: Summed, anyZero: true},
		"qr":               {ref: qrRef, class: Summed, anyZero: true},
		"inverse":          {ref: inverseRef, class: Summed, anyZero: true},
		"matmul":           {ref: matmulRef, class: Summed, attr: ops.MatMulAttr{}, anyZero: true},
	}
	for op, u := range unaryOps {
		table[op] = goldenOp{ref: unaryRef(u), class: u.class, anyZero: u.anyZero}
	}
	for op := range classes {
		table[op] = goldenOp{ref: classifyRef}
	}
	for op, g := range activationGrads {
		table[op] = goldenOp{ref: activationGradRef(g), class: Product, anyZero: true}
	}
	for op, b := range binaryOps {
		table[op] = goldenOp{ref: binaryRef(b), class: b.class, attr: ops.BinaryAttr{}, anyZero: b.anyZero}
	}
	for op := range scans {
		table[op] = goldenOp{ref: scanRef, class: Summed, attr: ops.ScanAttr{}, anyZero: true}
	}
	for op, ref := range otherReductions {
		table[op] = goldenOp{ref: ref, class: Summed, attr: ops.ReduceAttr{}, anyZero: true}
	}
	for op, r := range reductions {
		table[op] = goldenOp{ref: reduceRef, class: r.class, attr: ops.ReduceAttr{}, anyZero: true}
	}
	return table
}

// scatterAddScaled is scatterAddRef with errors relative to Σ|terms|: torch
// summed in float64, and a device rounds after each addition.
func scatterAddScaled(c *Case, in []Array, out []ops.Spec) []Array {
	sizes := []Array{in[0].clone(), in[1], in[2].clone()}
	for _, k := range []int{0, 2} {
		for i, x := range sizes[k].F {
			sizes[k].F[i] = math.Abs(x)
		}
	}
	size := scatterAddRef(c, sizes, out)[0]
	return []Array{scatterAddRef(c, in, out)[0].withScale(func(i int) float64 { return size.F[i] })}
}

// decodeAttr reads an attribute of the type of like; a dtype of 0 in it is d.
func decodeAttr(text json.RawMessage, like any, d ops.DType) (any, error) {
	if like == nil {
		return nil, nil
	}
	p := reflect.New(reflect.TypeOf(like))
	if err := json.Unmarshal(text, p.Interface()); err != nil {
		return nil, err
	}
	if f := p.Elem().FieldByName("DType"); f.IsValid() && f.IsZero() {
		f.Set(reflect.ValueOf(d))
	}
	return p.Elem().Interface(), nil
}

// goldens reads all files.
func goldens() (map[string]goldenFile, error) {
	entries, err := testdata.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	files := map[string]goldenFile{}
	for _, e := range entries {
		text, err := testdata.ReadFile("testdata/" + e.Name())
		if err != nil {
			return nil, err
		}
		var f goldenFile
		if err := json.Unmarshal(text, &f); err != nil {
			return nil, fmt.Errorf("optest: %s: %w", e.Name(), err)
		}
		files[e.Name()] = f
	}
	return files, nil
}

// toCase makes the case of a golden in dtype d.
func (g goldenCase) toCase(d ops.DType, source string) (Case, error) {
	how, ok := goldenOps()[g.Op]
	if !ok {
		return Case{}, fmt.Errorf("wanted an op that goldenOps lists, got %q", g.Op)
	}
	attr, err := decodeAttr(g.Attr, how.attr, d)
	if err != nil {
		return Case{}, err
	}
	c := Case{Op: g.Op, Attr: attr, Const: g.Const, Source: source, Class: how.class, AnyZero: how.anyZero, Flush: true}
	shape := "none"
	var args []Array
	for i, t := range g.In {
		a, err := t.array(d)
		if err != nil {
			return Case{}, err
		}
		if i == 0 {
			shape = dims(t.Shape)
		}
		args = append(args, a)
		c.In = append(c.In, Input{Spec: a.Spec, Data: &args[len(args)-1]})
	}
	c.Name = name(g.Op, "shape", shape, "dtype", d, "golden", "torch", "kind", g.Kind)
	specs, err := c.outSpecs(args)
	if err != nil {
		return Case{}, err
	}
	scales := how.ref(&c, args, specs)
	for i, t := range g.Out {
		a, err := t.array(d)
		if err != nil {
			return Case{}, err
		}
		a.Scale = scales[i].Scale
		c.Want = append(c.Want, a)
	}
	return c, g.addGradient(&c, d)
}

func (g goldenCase) addGradient(c *Case, d ops.DType) error {
	for _, t := range g.Weights {
		a, err := t.array(d)
		if err != nil {
			return err
		}
		c.Weights = append(c.Weights, a)
	}
	for _, t := range g.Grad {
		var a Array
		if t != nil {
			var err error
			if a, err = t.array(d); err != nil {
				return err
			}
		}
		c.WantGrad = append(c.WantGrad, a)
	}
	return nil
}

func init() {
	files, err := goldens()
	if err != nil {
		panic(err)
	}
	for file, f := range files {
		for _, g := range f.Cases {
			for _, d := range []ops.DType{ops.F32, ops.F64} {
				c, err := g.toCase(d, f.source())
				if err != nil {
					panic(fmt.Sprintf("optest: %s: %s %s: %v", file, g.Op, g.Kind, err))
				}
				if g.Op == "cast" { // has its own dtypes
					if d == ops.F64 {
						continue
					}
					c.Name = name("cast", "shape", dims(g.In[0].Shape), "dtype", c.In[0].DType, "golden", "torch", "kind", g.Kind)
				}
				Add(c)
			}
		}
		for i, r := range f.Runs {
			for _, d := range []ops.DType{ops.F32, ops.F64} {
				Add(r.toCase(i, d, f.source()))
			}
		}
	}
}

// attribute is the run's option set.
func (r goldenRun) attribute() (any, error) {
	if r.Op == "sgd" {
		return decodeAttr(r.Attr, ops.SGDAttr{}, 0)
	}
	return decodeAttr(r.Attr, ops.AdamAttr{}, 0)
}

// toCase makes a case that runs the optimizer and compares every step.
func (r goldenRun) toCase(i int, d ops.DType, source string) Case {
	return Case{
		Name: name(r.Op, "shape", dims(r.Start.Shape), "dtype", d, "golden", "torch", "run", i), Op: r.Op,
		In: []Input{{Spec: ops.NewSpec(d, r.Start.Shape...)}}, Source: source, Class: Stepped,
		Do: func(t *Trial) error { return r.run(t, d) },
	}
}

func (r goldenRun) run(t *Trial, d ops.DType) error {
	attr, err := r.attribute()
	if err != nil {
		return err
	}
	start, err := r.Start.array(d)
	if err != nil {
		return err
	}
	states := 2
	if a, ok := attr.(ops.SGDAttr); ok {
		states = int(step(a.Momentum != 0))
	}
	return t.Scope(ops.Infer(), func(s *ops.Scope) error {
		p := t.Upload(start)
		state := []*ops.Tensor{}
		for range states {
			state = append(state, t.Upload(NewArray(start.Spec)))
		}
		for k := range r.Grads {
			g, err := r.Grads[k].array(d)
			if err != nil {
				return err
			}
			want, err := r.Params[k].array(d)
			if err != nil {
				return err
			}
			scalar := func(v float64) *ops.Tensor {
				return t.Upload(floats(ops.NewSpec(d), func(int) float64 { return Round(d, v) }))
			}
			args := append([]*ops.Tensor{scalar(r.Rates[k]), scalar(float64(k + 1)), p, t.Upload(g)}, state...)
			ops.ApplyConst(s, r.Op, attr, [2]float64{}, args...)
			got, err := t.Read(p)
			if err != nil {
				return err
			}
			// The rounding errors of k steps, relative to numbers of size 1.
			want = want.withScale(func(i int) float64 { return math.Max(1, math.Abs(want.F[i])) })
			if err := t.Compare(fmt.Sprintf("parameter after step %d", k+1), got, want, t.Tol(d).times(2)); err != nil {
				return err
			}
		}
		return nil
	})
}

package cpu

import (
	"github.com/tuff-ml/tuff/internal/f16"
	"github.com/tuff-ml/tuff/ops"
)

func init() {
	Register("pad", Kernel{Plan: planPad})
	Register("pad_grad", Kernel{Plan: planPadGrad})
}

// padDim is a dimension of n elements with places before and after, m in all.
type padDim struct{ n, before, m int }

// place is the element that stands at place o; −1: none, the constant.
func (d padDim) place(mode ops.PadMode, o int) int {
	p := o - d.before
	if p >= 0 && p < d.n {
		return p
	}
	switch mode {
	case ops.PadReflect:
		if p < 0 {
			return -p
		}
		return 2*(d.n-1) - p
	case ops.PadReplicate:
		return min(max(p, 0), d.n-1)
	case ops.PadCircular:
		if p < 0 {
			return p + d.n
		}
		return p - d.n
	}
	return -1
}

// padDims lists the dimensions; neighbours that are not padded are merged.
func padDims(x, y *ops.Spec, a *ops.PadAttr) []padDim {
	var out []padDim
	for i := range x.Rank {
		d := padDim{x.Shape[i], a.Before[i], y.Shape[i]}
		plain := a.Before[i] == 0 && a.After[i] == 0
		if last := len(out) - 1; plain && last >= 0 && out[last].before == 0 && out[last].n == out[last].m {
			out[last].n *= d.n
			out[last].m *= d.m
			continue
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		out = append(out, padDim{1, 0, 1})
	}
	return out
}

func planPad(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	var body Body
	switch c.Out[0].DType.Size() {
	case 1:
		body = padBody[uint8](c)
	case 2:
		body = padBody[uint16](c)
	case 4:
		body = padBody[uint32](c)
	default:
		body = padBody[uint64](c)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

// padBody goes through the output by rows of the innermost dimension.
func padBody[T word](c *ops.Call) Body {
	a := c.Attr.(ops.PadAttr)
	all := padDims(&c.In[0].Spec, &c.Out[0].Spec, &a)
	row, outer, mode, dtype := all[len(all)-1], all[:len(all)-1], a.Mode, c.Out[0].DType
	return func(c *ops.Call, lo, hi int) {
		z, x, v := Data[T](&c.Out[0]), Data[T](&c.In[0]), T(bitsOf(dtype, c.Const[0]))
		for lo < hi {
			r, from := lo/row.m, lo%row.m
			to := min(row.m, from+hi-lo)
			if at := sourceRow(outer, mode, r); at < 0 {
				fill(z[lo:lo+to-from], v)
			} else {
				padRow(z[r*row.m:][:row.m], x[at*row.n:][:row.n], row, mode, v, from, to)
			}
			lo += to - from
		}
	}
}

// sourceRow is the row of the input that row r of the output comes from; −1:
// none.
func sourceRow(outer []padDim, mode ops.PadMode, r int) int {
	at, step := 0, 1
	for k := len(outer) - 1; k >= 0; k-- {
		d := outer[k]
		p := d.place(mode, r%d.m)
		if p < 0 {
			return -1
		}
		at += p * step
		step *= d.n
		r /= d.m
	}
	return at
}

// padRow writes places from … to−1 of a row.
func padRow[T word](z, x []T, d padDim, mode ops.PadMode, v T, from, to int) {
	left, right := min(to, d.before), max(from, d.before+d.n)
	if left > from {
		padSide(z, x, d, mode, v, from, left)
	}
	if i, j := max(from, d.before), min(to, d.before+d.n); i < j {
		copy(z[i:j], x[i-d.before:])
	}
	if right < to {
		padSide(z, x, d, mode, v, right, to)
	}
}

// padSide writes places on one side of the elements.
func padSide[T word](z, x []T, d padDim, mode ops.PadMode, v T, from, to int) {
	at := d.place(mode, from)
	switch mode {
	case ops.PadReflect:
		for o := from; o < to; o++ {
			z[o] = x[at]
			at--
		}
	case ops.PadCircular:
		copy(z[from:to], x[at:])
	case ops.PadReplicate:
		fill(z[from:to], x[at])
	default:
		fill(z[from:to], v)
	}
}

func planPadGrad(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planPadSum(c, unchanged[float32], unchanged[float32])
	case ops.F64:
		return planPadSum(c, unchanged[float64], unchanged[float64])
	case ops.F16:
		return planPadSum(c, f16.ToFloat32, f16.FromFloat32)
	case ops.BF16:
		return planPadSum(c, f16.BToFloat32, f16.BFromFloat32)
	}
	return unsupported(c.Out[0].DType)
}

func unchanged[T any](x T) T { return x }

// planPadSum sees the padded gradient as [outer, m, inner] and the result as
// [outer, n, inner]. It copies what is not padding, then does those rows again
// that padding was taken from: their sums begin with the row itself, then the
// places before, then those after, each from the first to the last.
func planPadSum[T any, A float](c *ops.Call, load func(T) A, store func(A) T) (Run, int, error) {
	a := c.Attr.(ops.PadGradAttr)
	y := &c.In[0]
	d := padDim{c.Out[0].Shape[a.Dim], a.Before, y.Shape[a.Dim]}
	outer, inner := 1, 1
	for i := range y.Rank {
		switch {
		case i < a.Dim:
			outer *= y.Shape[i]
		case i > a.Dim:
			inner *= y.Shape[i]
		}
	}
	twice := d.shared(a.Mode)
	body := func(c *ops.Call, lo, hi int) {
		z, y := Data[T](&c.Out[0]), Data[T](&c.In[0])
		for lo < hi {
			o, from := lo/inner, lo%inner
			to := min(inner, from+hi-lo)
			z, y := z[o*d.n*inner:][:d.n*inner], y[o*d.m*inner:][:d.m*inner]
			for i := range d.n {
				if p := i + d.before; p >= 0 && p < d.m {
					copy(z[i*inner+from:i*inner+to], y[p*inner+from:])
				} else {
					clear(z[i*inner+from : i*inner+to])
				}
			}
			for _, r := range twice {
				for i := r.at; i < r.at+r.n; i++ {
					places := d.sources(a.Mode, i)
					for k := from; k < to; k++ {
						var sum A
						for _, s := range places {
							for p := s.at; p < s.at+s.n; p++ {
								sum += load(y[p*inner+k])
							}
						}
						z[i*inner+k] = store(sum)
					}
				}
			}
			lo += to - from
		}
	}
	return parallelRun(outer*inner, max(1, cheapGrain/d.m), body)
}

// run is n numbers from at on.
type run struct{ at, n int }

// shared are the elements that stand in padding too, or would but for what was
// cut off.
func (d padDim) shared(mode ops.PadMode) []run {
	before, after := d.before, d.m-d.n-d.before
	var left, right run
	switch mode {
	case ops.PadReflect:
		left, right = run{1, before}, run{d.n - 1 - after, after}
	case ops.PadReplicate:
		left, right = run{0, 1}, run{d.n - 1, 1}
	case ops.PadCircular:
		left, right = run{d.n - before, before}, run{0, after}
	default:
		return nil
	}
	var out []run
	if before > 0 {
		out = append(out, left)
	}
	if after > 0 {
		out = append(out, right)
	}
	return out
}

// sources are the places that element i stands at: its own, those before it
// and those after, without what was cut off.
func (d padDim) sources(mode ops.PadMode, i int) [3]run {
	own, left, right := run{i + d.before, 1}, run{}, run{}
	end := d.before + d.n
	switch mode {
	case ops.PadReflect:
		if i > 0 {
			left = run{d.before - i, 1}
		}
		if i < d.n-1 {
			right = run{d.before + 2*(d.n-1) - i, 1}
		}
	case ops.PadReplicate:
		if i == 0 && d.before > 0 {
			left = run{0, d.before}
		}
		if i == d.n-1 && end < d.m {
			right = run{end, d.m - end}
		}
	case ops.PadCircular:
		left, right = run{d.before + i - d.n, 1}, run{end + i, 1}
	}
	return [3]run{own.within(d.m), left.within(d.m), right.within(d.m)}
}

// within cuts a run to [0, m).
func (r run) within(m int) run {
	at, end := max(r.at, 0), min(r.at+r.n, m)
	return run{at, max(0, end-at)}
}

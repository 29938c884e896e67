package ops_test

import (
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

func init() { // the fuzzer's knowledge of these ops
	attrTypes = append(attrTypes, ops.RowsAttr{}, ops.EmbeddingAttr{})
	attrOf["embedding"] = len(attrTypes) - 1
	for _, op := range []ops.Op{"index_select", "index_add", "index_copy"} {
		attrOf[op] = len(attrTypes) - 2
	}
}

func TestIndexPutAndEmbedding(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.FromSlice(s, []float32{1, 2, 3, 4, 5, 6}, 3, 2).Watch()
			src := ops.FromSlice(s, []float32{10, 20, 30, 40}, 2, 2).Watch()
			twice := ops.FromSlice(s, []int64{2, 2}, 2)
			for _, k := range []struct {
				what           string
				y              *ops.Tensor
				want, dx, dsrc []float32
			}{
				{"accumulate", x.IndexPut(twice, src, true), []float32{1, 2, 3, 4, 45, 66}, []float32{1, 1, 1, 1, 1, 1}, []float32{1, 1, 1, 1}},
				{"put", x.IndexPut(twice, src, false), []float32{1, 2, 3, 4, 30, 40}, []float32{1, 1, 1, 1, 0, 0}, []float32{0, 0, 1, 1}},
			} {
				if got := values(t, k.y); !slices.Equal(got, k.want) {
					t.Errorf("%s: wanted %v, got %v", k.what, k.want, got)
				}
				d := ops.Gradients(k.y.Sum(), []*ops.Tensor{x, src}, false)
				if got := values(t, d[0]); !slices.Equal(got, k.dx) {
					t.Errorf("%s: gradient of x: wanted %v, got %v", k.what, k.dx, got)
				}
				if got := values(t, d[1]); !slices.Equal(got, k.dsrc) {
					t.Errorf("%s: gradient of the source: wanted %v, got %v", k.what, k.dsrc, got)
				}
			}
			none := ops.Zeros(s, ops.I64, 0)
			if got := values(t, x.IndexAdd(1, none, ops.Zeros(s, ops.F32, 3, 0))); !slices.Equal(got, values(t, x)) {
				t.Errorf("nothing added: got %v", got)
			}
			ids := ops.FromSlice(s, []int64{1, 2, 1, 0}, 2, 2)
			y := ops.Embedding(x, ids, -1)
			if got := values(t, y); !slices.Equal(y.Shape(), []int{2, 2, 2}) || !slices.Equal(got, []float32{3, 4, 5, 6, 3, 4, 1, 2}) {
				t.Errorf("embedding: got %v of %v", got, y.Shape())
			}
			y.Sum().Backward()
			if got := values(t, x.Grad()); !slices.Equal(got, []float32{1, 1, 2, 2, 0, 0}) {
				t.Errorf("embedding: gradient %v", got)
			}
			return nil
		})
		for _, c := range []struct {
			op, want string
			f        func(x, i *ops.Tensor)
		}{
			{"index_select", "i64[n]", func(x, _ *ops.Tensor) { x.IndexSelect(0, x) }},
			{"index_select", "dimension", func(x, i *ops.Tensor) { x.IndexSelect(2, i) }},
			{"index_add", "source", func(x, i *ops.Tensor) { x.IndexAdd(0, i, x.Narrow(1, 0, 1)) }},
			{"index_copy", "source", func(x, i *ops.Tensor) { x.IndexCopy(1, i, x) }},
			{"embedding", "padding", func(x, i *ops.Tensor) { ops.Embedding(x, i, 2) }},
			{"embedding", "[rows, width]", func(x, i *ops.Tensor) { ops.Embedding(x.Flatten(0, 1), i, 0) }},
		} {
			err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
				c.f(ops.Zeros(s, ops.F32, 2, 3), ops.Zeros(s, ops.I64, 2))
				return nil
			})
			wantError(t, err, c.op, c.want)
		}
	})
}

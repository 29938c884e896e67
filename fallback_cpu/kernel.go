package cpu

import (
	"fmt"

	"github.com/tuff-ml/tuff/internal/parallel"
	"github.com/tuff-ml/tuff/ops"
)

// Kernel computes one op. A kernel for an op of another module, whole:
//
//	func init() {
//		cpu.Register("example.com/mod.double", cpu.Kernel{Plan: func(c *ops.Call) (cpu.Run, int, error) {
//			n := c.Out[0].Len()
//			body := func(c *ops.Call, lo, hi int) {
//				x, y := cpu.Data[float32](&c.In[0]), cpu.Data[float32](&c.Out[0])
//				for i := lo; i < hi; i++ {
//					y[i] = 2 * x[i]
//				}
//			}
//			return func(x *cpu.Ctx, c *ops.Call) error { x.Parallel(c, n, 16384, body); return nil }, 0, nil
//		}})
//	}
//
// Inputs are dense unless the op's Def says AnyView, outputs are dense.
type Kernel struct {
	// Plan prepares a call: it returns the function that carries out all calls
	// like c, and how many bytes of scratch that wants. It must not keep c nor
	// look at buffers. An error may wrap ops.ErrUnsupported or ops.ErrDense.
	Plan func(c *ops.Call) (run Run, scratch int, err error)
}

// Run carries out one call. It is used by many goroutines at once, so what it
// needs for one call lies in c, in Scratch or on its stack.
type Run func(x *Ctx, c *ops.Call) error

// Body computes elements lo … hi−1 of a call, in whatever counting its kernel
// chose. Make it once, in Plan: a closure made in Run costs an allocation.
type Body func(c *ops.Call, lo, hi int)

var kernels = map[ops.Op]Kernel{}

// Register adds the kernel of an op. It is called from init only, and panics
// when the op has one already.
func Register(op ops.Op, k Kernel) {
	if op == "" || k.Plan == nil {
		panic(fmt.Sprintf("cpu: register %q: wanted an op and a Plan", op))
	}
	if _, ok := kernels[op]; ok {
		panic(fmt.Sprintf("cpu: register: op %q has a kernel already", op))
	}
	kernels[op] = k
}

// Registered says whether there is a kernel for op.
func Registered(op ops.Op) bool { _, ok := kernels[op]; return ok }

// Ctx is what a Run works with: the workers. It belongs to one stream.
type Ctx struct {
	pool  *parallel.Pool
	plain bool
	guard bool
	job   job
}

// job is the parallel loop under way.
type job struct {
	call    *ops.Call
	body    Body
	n, step int
}

func (j *job) Do(i int) { j.body(j.call, i*j.step, min((i+1)*j.step, j.n)) }

// piecesPerThread evens out cores of unequal speed.
const piecesPerThread = 4

// Parallel calls body on pieces of [0, n) of at least grain elements, from
// several goroutines, and returns when all are done. One body must not write
// what another reads. Where pieces are cut depends on the number of threads.
func (x *Ctx) Parallel(c *ops.Call, n, grain int, body Body) {
	threads := x.pool.Threads()
	if n <= grain || threads == 1 {
		body(c, 0, n)
		return
	}
	pieces := min((n+grain-1)/grain, piecesPerThread*threads)
	x.job = job{call: c, body: body, n: n, step: (n + pieces - 1) / pieces}
	x.pool.Run((n+x.job.step-1)/x.job.step, &x.job)
	x.job.call = nil
}

// parallelRun is the Run of a kernel that is one parallel loop.
func parallelRun(n, grain int, body Body) (Run, int, error) {
	return func(x *Ctx, c *ops.Call) error {
		x.Parallel(c, n, grain, body)
		return nil
	}, 0, nil
}

// wantDense refuses views that are not.
func wantDense(views []ops.View) error {
	for i := range views {
		if !views[i].Dense() {
			return fmt.Errorf("view %d with strides %v: %w", i, views[i].Strides[:views[i].Rank], ops.ErrDense)
		}
	}
	return nil
}

// unsupported is the error for a dtype that no branch of a kernel takes.
func unsupported(d ops.DType) (Run, int, error) {
	return nil, 0, fmt.Errorf("dtype %v: %w", d, ops.ErrUnsupported)
}

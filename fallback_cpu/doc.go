// Package cpu runs the ops of package ops in Go on the processor's cores,
// without cgo. Each op stands in the file of its stem (binary.go, softmax.go)
// as plain loops, which are the readable definition of what the op computes;
// other modules add kernels with [Register].
//
// Results do not depend on the number of threads: work is cut into pieces by
// shape alone wherever the order of operations matters. Sums of f32 are kept
// in f64 and rounded once.
//
// The package refuses to know what a tensor, a gradient or a scope is: it sees
// calls, views and buffers.
package cpu

// Package ops says what an op means: devices, scopes, tensors, shape rules,
// gradients, and the interface behind which a backend runs them.
//
// An op is data. Its [Def] holds the shape rule, the gradient and what the
// tape keeps; a [Call] is one use of it. A backend turns a Call into a [Plan]
// and runs plans on a [Stream]; it never grows a method per op. Because a call
// is a value, one piece of code serves every op for recording gradients,
// capture and replay, parity checks and profiling.
//
// What users hold is a [Device], which wraps a [Backend], and [Tensor]s, which
// live in a [Scope]. The package refuses to know how any op is computed, what
// a GPU is, and what a layer is.
package ops

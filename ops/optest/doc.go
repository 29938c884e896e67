// Package optest is the conformance suite: cases that say what each op must
// compute, and the code that checks a device against them.
//
// A [Case] is one call of one op: attribute, constants, how the inputs lie in
// memory and how their values are made, and what must come out. What must come
// out is told by a float64 reference written plainly in this package, or by
// golden numbers of another library with their source; never by a backend.
// [Check] runs one case, [Run] many; `tuff verify` and `go test` are thin
// callers of both.
//
// Every device under test is wrapped in a [Guard]: fresh buffers hold junk and
// stand between guard words, so an element that a kernel forgets, or writes
// outside its buffer, is found. Gradients are checked twice: float64 gradients
// of a reference device against finite differences of the plain reference, and
// the device's own gradients against those.
//
// The package refuses to know any backend: devices are handed in.
package optest

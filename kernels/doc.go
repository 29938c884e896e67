// Package kernels is the Vulkan backend: it says which shader variant, grid
// and push constants run an op on a gpu.Device.
//
// Each op has a [Kernel], registered at init under the op's name, whose Plan
// turns a call into a [Plan]: dispatches in order and the scratch memory they
// need. Planning is a pure function of the call and of the device's
// description, so it is tested without a GPU. Running a plan fills push
// constants and records dispatches; it allocates nothing.
//
// Other modules add ops with [Register]. The package refuses to know how
// memory is managed or commands are submitted (package gpu), what is computed
// inside a shader (package shaders), and what an op's gradient is (package
// ops).
//
// # Adding a kernel
//
// A file named like the op's stem registers its kernels in init:
//
//	func init() { Register("relu6", One(planReLU6)) }
//
// planReLU6 looks at dtypes, shapes and strides once and returns a [Step]
// whose Push appends the push-constant block of one run. What a step reads
// and writes is by default all inputs and all outputs.
package kernels

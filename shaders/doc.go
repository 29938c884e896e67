// Package shaders holds what runs on the GPU: the GLSL sources, the includes they share, the SPIR-V compiled
// from them, and the generated Go side of their binary interface. It knows no device, no tensor and no op;
// package kernels chooses a program, fills its push constants and gives it a grid.
//
// # Files
//
//	<stem>.comp                     a shader; the stem is the op's or the family's on every floor
//	include/*.glsl                  buf (memory, dtypes, indices), math, philox, reduce
//	spv/<stem>.<variant>.spv        compiled, committed, embedded
//	gen_<stem>.go                   generated: push-constant struct, constant ids, programs
//	testdata/*.comp                 shaders that only tests run; compiled to testdata/spv, not embedded
//
// After a change run
//
//	sh tools/shaderc.sh [stem...]
//
// and commit the sources with spv/ and gen_*.go. A plain go test of this package fails when a hash is stale,
// that is when a source, an include or the flags changed and nobody compiled. Users need no compiler.
//
// # The header
//
// An include begins with what it offers ("Offers"). A shader begins with a comment: formula with its source, memory (what each buffer holds, with shapes), push
// constants, specialization constants, and one line per variant:
//
//	// variant: NAME [MACRO[=VALUE]]... [needs FEATURE[,FEATURE]...]
//
// as in
//
//	// variant: f32 DT=f32
//	// variant: f64 DT=f64 needs float64
//	// variant: f16_to_i64 FROM=f16 TO=i64 needs int64
//
// NAME becomes the program "stem.NAME"; without any such line there is one program "stem". MACRO=VALUE is
// defined, and where VALUE is an identifier MACRO_VALUE too, as 1, because GLSL cannot paste tokens in #if:
// #ifdef DT_f16. FEATURE is one of the names of Feature; the list must be exactly what the compiled code's
// capabilities ask for, and the generator says which those are. Storage of 8 and 16 bits, subgroup basic and
// arithmetic operations and buffer addresses are the floor and never listed. f16 and bf16 are stored as 16 bits
// and computed as float, so they need nothing.
//
// # Push constants
//
// One block per shader, the same in all variants, at most 128 bytes, without inner structs or matrices. Buffers
// come first, as BUF(T) or BUF_RO(T), 64-bit addresses that already hold the view's byte offset; then the
// fault record's address, where indices come from data; then 32-bit numbers; arrays of scalars are fine
// (uint shape[4]), 3-component vectors are not (they are padded). Names are lower case: x_stride becomes XStride
// in the generated struct, whose Append writes the block without allocating. What does not fit lies in a buffer
// of its own, whose address is pushed.
//
// # Specialization constants
//
// Op codes within a family, tile sizes, workgroup sizes and flags that a kernel fixes when its pipeline is made:
//
//	layout(local_size_x_id = 0) in;                  // UnarySpecLocalX, default 1
//	layout(constant_id = 1) const uint OP = 0;       // UnarySpecOp
//
// Ids 0, 1, 2 are the workgroup size where it may vary. Sizes of shared arrays may be specialization constants.
// Everything is compiled for Vulkan 1.2, where local_size_x_id needs no maintenance4.
// Everything that uses gl_WorkGroupSize stands after the layout of the workgroup size, reduce.glsl too: before it
// the compiler silently takes the size as 1. The generator refuses that.
//
// Never assume a subgroup size: reduce.glsl has trees that give the same bits for any.
//
// Ops may be listed by name in an include that the shader and a test share; keep the numbers stable.
//
// # Arithmetic
//
// Declare results precise, so that fused and eager kernels agree: a compiler may otherwise contract a*b+c.
// Never call the built-in exp, log, pow, tanh, sin, cos: use math.glsl (t_exp, t_log, …), whose error is bounded
// and measured. Built-in sqrt and division are loose too (2.5 ULP for division); math.glsl has t_div, t_sqrt and t_rsqrt.
// isnan and isinf hold, as SignedZeroInfNanPreserve is set in every program.
//
// # A worked example
//
//	// scale: y[i] = a * x[idx[i]], for i < n.
//	//
//	// x: [m] of DT, idx: [n] of int64, y: [n] of DT. An index outside [0, m) is reported in fault and reads 0.
//	// Push constants: see the block. Specialization: 0 workgroup size.
//	//
//	// variant: f32 DT=f32 needs int64
//	// variant: bf16 DT=bf16 needs int64
//	#version 460
//	#include "buf.glsl"
//
//	layout(local_size_x_id = 0) in;
//	layout(push_constant) uniform Push {
//		BUF_RO(STORED(DT)) x;
//		BUF_RO(int64_t) idx;
//		BUF(STORED(DT)) y;
//		Fault fault;
//		uint m;
//		uint n;
//		float a;
//	} p;
//
//	void main() {
//		uint i = thread_index();
//		if (i >= p.n) return; // grids fold, and the last workgroup may stand over
//		int64_t k = LOAD(i64, p.idx, i);
//		precise ARITH(DT) r = 0;
//		if (k < 0 || k >= int64_t(p.m)) fault64(p.fault, FAULT_INDEX, p.m, k);
//		else r = p.a * LOAD(DT, p.x, uint(k));
//		STORE(DT, p.y, i, r);
//	}
//
// which gives ScalePush{X, Idx, Y, Fault uint64; M, N uint32; A float32}, ScalePushSize, ScaleSpecLocalX, and the
// programs "scale.f32" and "scale.bf16".
package shaders

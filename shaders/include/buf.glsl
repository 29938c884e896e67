// buf.glsl: memory and indices, the first include of every kernel.
//
// Offers
//   BUF(T), BUF_RO(T)     buffer reference types over elements of T, one 64-bit address each; read and
//                         write as b.v[i]. T: float double uint16_t int uint uint8_t uint64_t int64_t.
//   dtypes                f32 f64 f16 bf16 i32 i64 u8 (bool is u8: 0 or 1), given by -D, as in
//                         "// variant: f16 DT=f16". For a dtype D (a macro that names one will do):
//                           STORED(D)      the element in memory: f16 and bf16 are uint16_t
//                           ARITH(D)       the type to compute with: float for f16 and bf16, int for u8
//                           LOAD(D, b, i)  element i of b as ARITH(D)
//                           STORE(D, b, i, x)  rounds to nearest, ties to even, for f16 and bf16; u8 keeps
//                                          the low 8 bits
//                         For the macro named DT, in #if: DT_FLOAT and DT_WIDE (64 bits), 1 or 0. ## does
//                         not work in #if, so the toolchain defines NAME_VALUE beside each NAME=VALUE:
//                         #ifdef DT_bf16, #ifdef FROM_i64.
//   group_index()         linear index of the workgroup in a grid folded over x, y and z
//   thread_index()        linear index of the invocation in that grid
//   fault(f, code, limit, value)   the first one to come writes the record; fault64 for an int64_t value;
//                         see below
//
// Grids fold: a dimension holds at most 65,535 groups, so hosts spread n groups over x, y and z, and
// every kernel compares its linear index with its own count and leaves when it is past the end.
// thread_index is 32 bits: a kernel that may pass 2^32 elements loops or takes a base in its push block.
//
// An index into b.v is a signed 32-bit number in SPIR-V, so a kernel that may pass 2^31 elements in one
// buffer compiles a variant with IDX=int64_t (needs int64) and declares its indices as IDX.
//
// The toolchain sets SignedZeroInfNanPreserve for every width that a variant computes in, so infinities,
// NaNs and the sign of zero are kept by the compilers below us. Whether subnormal numbers are flushed
// stays the device's choice.

#ifndef TUFF_BUF_GLSL
#define TUFF_BUF_GLSL

#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_control_flow_attributes : enable

#define BUF_TYPE_(T, A)                                                                              \
	layout(buffer_reference, std430, buffer_reference_align = A) buffer Buf_##T { T v[]; };           \
	layout(buffer_reference, std430, buffer_reference_align = A) readonly buffer BufRO_##T { T v[]; }

BUF_TYPE_(float, 4);
BUF_TYPE_(uint, 4);
BUF_TYPE_(int, 4);
BUF_TYPE_(uint16_t, 2);
BUF_TYPE_(uint8_t, 1);
BUF_TYPE_(double, 8);
BUF_TYPE_(int64_t, 8);
BUF_TYPE_(uint64_t, 8);

#define BUF_(T) Buf_##T
#define BUF(T) BUF_(T)
#define BUF_RO_(T) BufRO_##T
#define BUF_RO(T) BUF_RO_(T)

#ifndef IDX
#define IDX uint
#endif

// Conversions of the half types, on bits: packHalf2x16 may round either way and flush what is subnormal.

float f16_to_f32(uint h) {
	uint sign = (h & 0x8000u) << 16, e = (h >> 10) & 31u, m = h & 0x3ffu;
	if (e == 31u) return uintBitsToFloat(sign | 0x7f800000u | m << 13);
	if (e != 0u) return uintBitsToFloat(sign | (e + 112u) << 23 | m << 13);
	if (m == 0u) return uintBitsToFloat(sign);
	uint top = uint(findMSB(m)); // m * 2^-24, normal in float32
	return uintBitsToFloat(sign | (top + 103u) << 23 | ((m << (23u - top)) & 0x7fffffu));
}

uint f32_to_f16(float f) {
	uint u = floatBitsToUint(f), sign = (u >> 16) & 0x8000u;
	u &= 0x7fffffffu;
	if (u > 0x7f800000u) return sign | 0x7e00u;
	if (u >= 0x47800000u) return sign | 0x7c00u;
	if (u < 0x33000000u) return sign;
	uint e = u >> 23, shift = 13u;
	uint m = u;
	if (e < 113u) { // subnormal in float16: the leading one becomes explicit
		shift = 126u - e;
		m = (u & 0x7fffffu) | 0x800000u;
	} else {
		m = u - (112u << 23);
	}
	uint r = m >> shift, rest = m & ((1u << shift) - 1u), half_ = 1u << (shift - 1u);
	if (rest > half_ || (rest == half_ && (r & 1u) == 1u)) r++;
	return sign | r;
}

float bf16_to_f32(uint h) { return uintBitsToFloat(h << 16); }

uint f32_to_bf16(float f) {
	uint u = floatBitsToUint(f);
	if ((u & 0x7fffffffu) > 0x7f800000u) return (u >> 16) | 0x40u;
	return (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
}

#define STORED_f32 float
#define STORED_f64 double
#define STORED_f16 uint16_t
#define STORED_bf16 uint16_t
#define STORED_i32 int
#define STORED_i64 int64_t
#define STORED_u8 uint8_t
#define STORED_(D) STORED_##D
#define STORED(D) STORED_(D)

#define ARITH_f32 float
#define ARITH_f64 double
#define ARITH_f16 float
#define ARITH_bf16 float
#define ARITH_i32 int
#define ARITH_i64 int64_t
#define ARITH_u8 int
#define ARITH_(D) ARITH_##D
#define ARITH(D) ARITH_(D)

#define LOAD_f32(b, i) ((b).v[i])
#define LOAD_f64(b, i) ((b).v[i])
#define LOAD_f16(b, i) f16_to_f32(uint((b).v[i]))
#define LOAD_bf16(b, i) bf16_to_f32(uint((b).v[i]))
#define LOAD_i32(b, i) ((b).v[i])
#define LOAD_i64(b, i) ((b).v[i])
#define LOAD_u8(b, i) int((b).v[i])
#define LOAD_(D, b, i) LOAD_##D(b, i)
#define LOAD(D, b, i) LOAD_(D, b, i)

#define STORE_f32(b, i, x) (b).v[i] = (x)
#define STORE_f64(b, i, x) (b).v[i] = (x)
#define STORE_f16(b, i, x) (b).v[i] = uint16_t(f32_to_f16(x))
#define STORE_bf16(b, i, x) (b).v[i] = uint16_t(f32_to_bf16(x))
#define STORE_i32(b, i, x) (b).v[i] = (x)
#define STORE_i64(b, i, x) (b).v[i] = (x)
#define STORE_u8(b, i, x) (b).v[i] = uint8_t(x)
#define STORE_(D, b, i, x) STORE_##D(b, i, x)
#define STORE(D, b, i, x) STORE_(D, b, i, x)

// Classes of DT, for #if; the toolchain defines DT_f32 beside DT=f32, and so for each such macro.
#if defined(DT_f32) || defined(DT_f64) || defined(DT_f16) || defined(DT_bf16)
#define DT_FLOAT 1
#else
#define DT_FLOAT 0
#endif
#if defined(DT_f64) || defined(DT_i64)
#define DT_WIDE 1
#else
#define DT_WIDE 0
#endif

// Macros: the compiler takes gl_WorkGroupSize as (1, 1, 1) in a function that stands before the layout of the
// workgroup size, and says nothing.
#define group_index()                                                                                \
	(gl_WorkGroupID.x + gl_NumWorkGroups.x * (gl_WorkGroupID.y + gl_NumWorkGroups.y * gl_WorkGroupID.z))
#define thread_index()                                                                               \
	(group_index() * (gl_WorkGroupSize.x * gl_WorkGroupSize.y * gl_WorkGroupSize.z) + gl_LocalInvocationIndex)

// A fault record is 16 bytes in a buffer that the host clears and reads: u32 code (0: none), u32 limit,
// i64 value. A kernel that meets an index outside its table reports it here and goes on with a safe one.
// The first report stays; the words after the code are written by that one invocation only.
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Fault {
	uint code;
	uint limit;
	uint value_low;
	uint value_high;
};

const uint FAULT_INDEX = 1u; // value is no index below limit

void fault_words(Fault f, uint code, uint limit, uint low, uint high) {
	if (atomicCompSwap(f.code, 0u, code) == 0u) {
		f.limit = limit;
		f.value_low = low;
		f.value_high = high;
	}
}

void fault(Fault f, uint code, uint limit, int value) {
	fault_words(f, code, limit, uint(value), uint(value >> 31));
}

// A macro, because a function would make every program need int64.
#define fault64(f, code, limit, value) fault_words(f, code, limit, uint(value), uint((value) >> 32))

#endif

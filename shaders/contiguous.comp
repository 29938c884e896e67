// contiguous: y = x, elements moved from any strides to row-major order.
//
// Memory, push constants and specialization: see move.glsl; y is dense. The shader also serves copy_, whose y has
// strides.
//
// variant: b1 DT=b1 TILE
// variant: b2 DT=b2 TILE
// variant: b4 DT=b4 TILE
// variant: b8 DT=b8 TILE
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "bits.glsl"
#include "move.glsl"

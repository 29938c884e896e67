// unslice: y = x at the places start + i·step of a larger tensor, 0 elsewhere: one dispatch clears y (ZERO), one
// moves x to its places.
//
// Memory, push constants and specialization: see move.glsl; y is the output, then the view on it that slice takes.
//
// variant: b1 DT=b1
// variant: b2 DT=b2
// variant: b4 DT=b4
// variant: b8 DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "bits.glsl"
#include "move.glsl"

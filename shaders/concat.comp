// concat: y = x₀, x₁, … one after another along a dimension: one dispatch per input moves it to its part of y.
//
// Memory, push constants and specialization: see move.glsl; x is one input, y its part of the output.
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

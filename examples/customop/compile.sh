#!/bin/sh
# compile.sh: compiles the shader and notes which source the result is of. GLSLC names the compiler.
set -eu
cd "$(dirname "$0")"
${GLSLC:-glslc} -O --target-env=vulkan1.2 hard_swish.comp -o hard_swish.spv
sha256sum <hard_swish.comp | cut -d ' ' -f 1 >hard_swish.sha256

#!/bin/sh
# Compiles the test shaders of gpu/ and notes the hashes of sources and results.
# GLSLC names the compiler (default: glslc).
set -e
cd "$(dirname "$0")"
for f in *.comp; do
	${GLSLC:-glslc} --target-env=vulkan1.2 -O "$f" -o "${f%.comp}.spv"
done
sha256sum *.comp *.spv > sums.txt

#!/bin/sh
# shaderc.sh: compiles the shaders and writes the Go side of them; see package shaders for the rules.
#
#   sh tools/shaderc.sh [--force] [--check] [--dir FOLDER] [stem...]
#
#   (no option)   compiles what changed, in shaders/ and shaders/testdata/
#   stem...       only these
#   --force       compiles everything
#   --check       compiles everything elsewhere and fails where the result is not what is committed
#   --dir FOLDER  another folder of shaders: FOLDER/*.comp to FOLDER/spv/*.spv, with our includes
#
# The compiler is the one of the software-Vulkan root (tools/softvk.sh), else glslc, spirv-opt and spirv-val
# from PATH; a version that is not the pinned one is named, and --check fails with it.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
root=${TUFF_SOFTVK:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/tuff/softvk}
if [ -f "$root/stamp" ]; then
	tools="$(cat "$root/loader") --library-path $(cat "$root/libs") $root/usr/bin"
elif found=$(command -v glslc); then
	tools=$(dirname "$found")
else
	echo "shaderc: wanted glslc in $root or in PATH, found none: run sh tools/softvk.sh" >&2
	exit 1
fi
mode= dirs= stems=
while [ $# -gt 0 ]; do
	case $1 in
	--force | --check) mode="$mode -${1#--}" ;;
	--dir)
		dirs=$(cd "$2" && pwd)
		shift
		;;
	-*) echo "shaderc: wanted --force, --check, --dir or stems, got $1" >&2; exit 2 ;;
	*) stems="$stems $1" ;;
	esac
	shift
done
cd "$here"
# One at a time in a tree, so that two runs do not write the same file.
if command -v flock >/dev/null; then
	exec 9>"${TMPDIR:-/tmp}/tuff-shaderc-$(id -u).lock"
	flock 9
fi
if [ -z "$dirs" ]; then
	dirs=shaders
	if [ -z "$stems" ]; then dirs="shaders shaders/testdata"; fi
fi
status=0
for dir in $dirs; do
	# shellcheck disable=SC2086 # lists of words
	go run ./tools/gen-shaders -tools "$tools" $mode -dir "$dir" -include shaders/include $stems || status=1
done
exit $status

#!/bin/sh
# gpu.sh: checks and measures Tuff on a machine that has a GPU but no Go.
#
#   sh tools/gpu.sh build DIR [DATA]   here: builds what the other machine needs into DIR, with MNIST's files
#                                      from DATA (default ../shared/data/mnist10k, left out when absent);
#                                      DIR.tar.gz holds the same, for the way there
#   sh DIR/gpu.sh run OUT [DEVICE]     there, in the copied folder: everything, in the order of importance, each
#                                      result written to OUT as soon as it is there; DEVICE as for tuff --device
#
# TUFF_RUNNER goes before each binary: with TUFF_RUNNER=$PWD/tools/vkrun the run is proven on software Vulkan.
# A check that fails does not stop those behind it; the exit status is that of the worst.
set -u

build() {
	dir=$1 data=${2:-}
	[ -n "$data" ] || data=../shared/data/mnist10k
	mkdir -p "$dir" || exit 1
	set -e
	go build -trimpath -ldflags '-s -w' -o "$dir/tuff" ./cmd/tuff
	go test -c -trimpath -ldflags '-s -w' -o "$dir/gpu.test" ./gpu
	go test -c -trimpath -ldflags '-s -w' -o "$dir/kernels.test" ./kernels
	go test -c -trimpath -ldflags '-s -w' -o "$dir/ops.test" ./ops
	go test -c -trimpath -ldflags '-s -w' -o "$dir/bench.test" ./bench
	cp tools/gpu.sh "$dir/gpu.sh"
	mkdir -p "$dir/gpu/testdata" "$dir/kernels"
	cp -R gpu/testdata/. "$dir/gpu/testdata/"
	git rev-parse HEAD >"$dir/commit"
	if [ -d "$data" ]; then
		mkdir -p "$dir/mnist10k"
		cp "$data"/t10k-* "$dir/mnist10k/"
	fi
	tar -czf "$dir.tar.gz" -C "$dir" .
	du -sh "$dir" "$dir.tar.gz"
}

worst=0
step() { # NAME FILE COMMAND…: runs, keeps the output, says how long it took
	name=$1 file=$2
	shift 2
	begun=$(date +%s)
	"$@" >"$out/$file" 2>"$out/$file.err"
	status=$?
	[ -s "$out/$file.err" ] || rm -f "$out/$file.err"
	[ $status -le $worst ] || worst=$status
	echo "$name: exit $status, $(($(date +%s) - begun)) seconds" | tee -a "$out/steps.txt"
	[ $status -eq 0 ] || tail -n 5 "$out/$file" "$out/$file.err" 2>/dev/null
}

run() {
	out=$1 device=${2:-}
	[ -n "$device" ] || device=vulkan
	mkdir -p "$out" || exit 1
	here=$(cd "$(dirname "$0")" && pwd)
	runner=${TUFF_RUNNER:-}
	export TUFF_REQUIRE_VULKAN=1 TUFF_DEVICE="$device"
	{ echo "commit $(cat "$here/commit")"; date -u; uname -srm; } >"$out/machine.txt"
	step devices devices.json $runner "$here/tuff" devices --json
	step verify verify.json $runner "$here/tuff" verify --json --device "$device"
	step digits digits.json $runner "$here/tuff" train digits --epochs 4 --json --device "$device" --out "$out/digits"
	if [ -d "$here/mnist10k" ]; then
		step mnist mnist.json $runner "$here/tuff" train digits --data "$here/mnist10k" --epochs 8 --json --device "$device" --out "$out/mnist"
	fi
	step bench bench.txt sh -c "cd '$here' && $runner ./bench.test -test.run '^\$' -test.bench . -test.benchtime 0.5s"
	step programs programs.txt sh -c "cd '$here' && $runner ./ops.test -test.run 'Program|Steps' -test.v"
	# Two tests read the sources, which are not there.
	step manager manager.txt sh -c "cd '$here/gpu' && $runner ../gpu.test -test.v -test.skip 'BindingCalls\$'"
	step kernels kernels.txt sh -c "cd '$here/kernels' && $runner ../kernels.test -test.v -test.skip 'EveryOpHasAKernel'"
	exit $worst
}

case ${1:-} in
build) shift; build "${1:?gpu: wanted a folder to build into}" "${2:-}" ;;
run) shift; run "${1:?gpu: wanted a folder for the results}" "${2:-}" ;;
*) sed -n '2,14p' "$0"; exit 2 ;;
esac

#!/bin/sh
# test.sh: builds and tests everything, on the CPU and on software Vulkan.
#
#   sh tools/test.sh [stage...]      all stages, or those named, in this order:
#
#   format      gofmt and go vet
#   cpu         go test ./... where no Vulkan can be found
#   vulkan      the packages that reach the gpu, on Mesa's lavapipe (tools/softvk.sh makes it)
#   validation  the conformance cases, package gpu and package shaders again, with Vulkan's validation layer
#   subgroup4, subgroup16, subgroup32   again with other subgroup sizes (lavapipe's own is 8)
#   debian12    again on Debian 12's Mesa
#   race        go test -race: on the CPU, and package gpu on lavapipe
#   nocgo       CGO_ENABLED=0 go test ./...
#   modules     every nested module, one by one
#
# Where software Vulkan cannot be made, its stages are left out by name; with CI=true that is a failure. Packages
# are found by pattern and by what they import, so a new one needs no entry here. Repeated conformance stages run
# with -short. Logs of the last run lie in $TUFF_TEST_LOGS (default: tuff/test-logs in the user's cache folder).
set -u
cd "$(dirname "$0")/.." || exit 1
module=$(go list -m) || exit 1
cache=${XDG_CACHE_HOME:-${HOME:?test: wanted HOME or XDG_CACHE_HOME}/.cache}/tuff
logs=${TUFF_TEST_LOGS:-$cache/test-logs}
mkdir -p "$logs"
root=$(sh tools/softvk.sh --path)
root12=$(sh tools/softvk.sh --debian12 --path)
vkrun=$PWD/tools/vkrun
all="format cpu vulkan validation subgroup4 subgroup16 subgroup32 debian12 race nocgo modules"
failed= passed= left_out= started=$(date +%s)

# Without a Vulkan: no driver of the machine is seen. The loader reads either variable.
no_vulkan() {
	VK_ICD_FILENAMES=/nonexistent VK_DRIVER_FILES=/nonexistent TUFF_REQUIRE_VULKAN='' "$@"
}

# run_tests NAME ARGUMENTS: go test -v into a log; prints each package's line and each reason to skip once with
# its count, or everything but what passed.
run_tests() {
	log=$logs/$1.log
	shift
	if go test -v -timeout 25m "$@" >"$log" 2>&1; then
		grep -E '^(ok|\?)' "$log" | grep -v 'no test files'
		awk '/_test\.go:[0-9]+: |[a-z]\.go:[0-9]+: / { reason = $0; sub(/^ *[^ ]*\.go:[0-9]+: /, "", reason) }
			/^ *--- SKIP/ { n[reason]++ }
			END { for (r in n) printf "skipped %d: %s\n", n[r], r }' "$log" | sort
		return 0
	fi
	# Twice over the log: which tests failed; then their lines and those of no test (builds, panics, packages).
	awk 'FNR == 1 { pass++ }
		/^ *--- FAIL: / { failed[$3] = 1 }
		pass < 2 { next }
		/^=== / { test = $3; next }
		/^ *--- PASS|^ok|no test files/ { next }
		/^(PASS|FAIL|exit status)/ { test = "" }
		$0 == "PASS" { next }
		/^panic|^fatal error|^signal|^\*\*\*|DATA RACE/ { if (test != "") print "in " test ":"; test = "" }
		test == "" || failed[test] || /^ *--- FAIL/' "$log" "$log" | tail -n 300
	return 1
}

# Packages whose tests reach package gpu; with an argument, those of them that reach that package too.
reach_gpu() {
	go list -test -f '{{.ImportPath}} {{join .Deps " "}} ' ./... | awk -v gpu=" $module/gpu " -v also="${1:+ $module/$1 }" '
		$1 ~ /\.test$/ && index($0, gpu) && (also == "" || index($0, also)) { sub(/\.test$/, "", $1); print $1 }'
}

# on_vulkan ROOT NAME ARGUMENTS PACKAGES: go test through the wrapper.
on_vulkan() {
	use=$1
	shift
	TUFF_SOFTVK=$use TUFF_DEVICE=${TUFF_DEVICE:-vulkan} run_tests "$@"
}

# conformance ROOT NAME: the tests named Conformance, of which there must be one that passes, and all tests of gpu and
# shaders.
conformance() {
	# shellcheck disable=SC2046 # a list of packages
	on_vulkan "$1" "$2" -short -run Conformance -exec "$vkrun" $(reach_gpu ops/optest) || return 1
	if ! grep -q '^--- PASS: .*Conformance' "$logs/$2.log"; then
		echo "wanted a conformance test that passes, found none"
		return 1
	fi
	on_vulkan "$1" "$2-base" -short -exec "$vkrun" ./gpu/... ./shaders/...
}

stage_format() {
	wrong=$(find . -name '*.go' -not -path './.git/*' -exec gofmt -l {} +)
	if [ -n "$wrong" ]; then
		echo "gofmt: wanted no difference, got"
		echo "$wrong"
		return 1
	fi
	go vet ./...
}
stage_cpu() { no_vulkan run_tests cpu ./...; }
stage_vulkan() {
	# shellcheck disable=SC2046
	on_vulkan "$root" vulkan -exec "$vkrun" $(reach_gpu)
}
stage_validation() { TUFF_VALIDATE=1 conformance "$root" validation; }
# Cooperative matrices exist at lavapipe's own width only, and crash it at 512.
stage_subgroup4() { LP_NATIVE_VECTOR_WIDTH=128 TUFF_DISABLE=coopmat conformance "$root" subgroup4; }
stage_subgroup16() { LP_NATIVE_VECTOR_WIDTH=512 TUFF_DISABLE=coopmat conformance "$root" subgroup16; }
stage_subgroup32() { LP_NATIVE_VECTOR_WIDTH=1024 TUFF_DISABLE=coopmat conformance "$root" subgroup32; }
stage_debian12() { conformance "$root12" debian12; }
stage_race() {
	result=0
	no_vulkan run_tests race -race -short ./... || result=1
	if [ -f "$root/stamp" ]; then
		on_vulkan "$root" race-gpu -race -short -exec "$vkrun" ./gpu/... || result=1
	fi
	return $result
}
stage_nocgo() { CGO_ENABLED=0 no_vulkan run_tests nocgo -short ./...; }
stage_modules() {
	result=0
	for mod in $(find . -mindepth 2 -name go.mod -not -path '*/testdata/*' -not -path './.git/*' | sort); do
		dir=$(dirname "$mod")
		echo "$dir:"
		(cd "$dir" && go vet ./... && go build -o /dev/null ./...) && (
			cd "$dir" || exit 1
			if [ -f "$root/stamp" ]; then
				on_vulkan "$root" "modules-$(echo "$dir" | tr / -)" -exec "$vkrun" ./...
			else
				no_vulkan run_tests "modules-$(echo "$dir" | tr / -)" ./...
			fi
		) || result=1
	done
	return $result
}

# need ROOT OPTION: makes the root; where that cannot be, the stage is left out.
need() {
	if [ -f "$1/stamp" ]; then return 0; fi
	# shellcheck disable=SC2086 # no option is no word
	sh tools/softvk.sh $2
}

stage() {
	name=$1
	begun=$(date +%s)
	echo "=== $name"
	case $name in
	vulkan | validation | subgroup*) need "$root" "" ;;
	debian12) need "$root12" --debian12 ;;
	race | modules) need "$root" "" || true ;;
	esac
	case $? in
	0) ;;
	*)
		if [ "${CI:-}" = true ]; then
			failed="$failed $name"
			echo "--- $name: FAILED: no software Vulkan, which CI promises"
		else
			left_out="$left_out $name"
			echo "--- $name: left out: no software Vulkan"
		fi
		return
		;;
	esac
	if "stage_$name"; then
		passed="$passed $name"
		echo "--- $name: passed, $(($(date +%s) - begun)) seconds"
	else
		failed="$failed $name"
		echo "--- $name: FAILED, $(($(date +%s) - begun)) seconds; log in $logs"
	fi
}

for name in "$@"; do
	case " $all " in
	*" $name "*) ;;
	*) echo "test: wanted stages of: $all; got $name" >&2; exit 2 ;;
	esac
done
for name in $all; do
	case " ${*:-$all} " in
	*" $name "*) stage "$name" ;;
	esac
done
echo "=== $(($(date +%s) - started)) seconds; passed:${passed:- none}; left out:${left_out:- none}; failed:${failed:- none}"
[ -z "$failed" ]

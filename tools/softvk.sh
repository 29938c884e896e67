#!/bin/sh
# softvk.sh: makes the software-Vulkan root, a folder with Mesa's lavapipe, the Vulkan loader, the validation
# layers and the shader compiler, taken from Debian's packages without installing anything. No rights beyond
# the user's own are needed.
#
#   sh tools/softvk.sh [--debian12] [--force] [--path]
#
#   (no option)   Debian trixie with Mesa from trixie-backports: lavapipe, layers, glslc, spirv-tools
#   --debian12    Debian 12's own Mesa (22.3.6) and loader only, as a second and older driver
#   --force       make it again
#   --path        print where the root is or would be, and do nothing
#
# Target: $TUFF_SOFTVK, with --debian12 $TUFF_SOFTVK12; by default tuff/softvk and tuff/softvk12 in the user's
# cache folder. It is built beside the target and moved there when complete; when the target holds what this
# script makes, nothing is done. tools/vkrun runs a binary against the root.
#
# The mirror is the one in the machine's own apt sources. Exit status 3: this machine cannot make a root.
set -eu

cache=${XDG_CACHE_HOME:-${HOME:?softvk: wanted HOME or XDG_CACHE_HOME}/.cache}/tuff
kind=trixie force= show=
for arg in "$@"; do
	case $arg in
	--debian12) kind=bookworm ;;
	--force) force=1 ;;
	--path) show=1 ;;
	*) echo "softvk: wanted --debian12, --force or --path, got $arg" >&2; exit 2 ;;
	esac
done
if [ $kind = trixie ]; then
	target=${TUFF_SOFTVK:-$cache/softvk}
	suites="trixie trixie-backports"
	packages="mesa-vulkan-drivers/trixie-backports libvulkan1 glslang-tools glslc spirv-tools vulkan-validationlayers vulkan-tools libc6 libgcc-s1"
else
	target=${TUFF_SOFTVK12:-$cache/softvk12}
	suites=bookworm
	packages="mesa-vulkan-drivers libvulkan1 libc6 libgcc-s1"
fi
if [ -n "$show" ]; then
	echo "$target"
	exit 0
fi
recipe="recipe 1: $suites: $packages"
if [ -z "$force" ] && [ -f "$target/stamp" ] && [ "$(head -n 1 "$target/stamp")" = "$recipe" ]; then
	echo "softvk: $target is complete"
	exit 0
fi

give_up() {
	echo "softvk: no software Vulkan is made: $1" >&2
	echo "softvk: left out: everything that runs on Vulkan, unless the machine has a driver of its own" >&2
	exit 3
}

[ "$(uname -s)" = Linux ] || give_up "wanted Linux, got $(uname -s)"
for tool in apt-get apt-config dpkg-deb; do
	command -v $tool >/dev/null || give_up "wanted Debian's $tool, found none"
done
grep -q '^ID=debian' /etc/os-release 2>/dev/null || give_up "wanted Debian's apt sources, got another system's"

# Prints the address of every Debian archive that the machine's apt sources name, from one-line and from
# deb822 files, disabled entries left out; security and -debug archives have other suites.
mirrors() {
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$f" ] || continue
		sed -n 's/^[[:space:]]*deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\)[[:space:]]\{1,\}\([^[:space:]]*\)[[:space:]].*/\2 \3/p' "$f"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -f "$f" ] || continue
		# Paragraphs: the Types, URIs and Suites of each, in any order and letter case.
		awk '
			function flush(  i, j, n, m, u, s) {
				if (types ~ /(^| )deb( |$)/ && on) {
					n = split(uris, u, " "); m = split(suites, s, " ")
					for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) print u[i], s[j]
				}
				types = uris = suites = key = ""; on = 1
			}
			BEGIN { on = 1 }
			/^#/ { next }
			/^[ \t]*$/ { flush(); next }
			/^[^ \t]/ { key = tolower($0); sub(/:.*/, "", key); sub(/^[^:]*:[ \t]*/, "") }
			key == "types" { types = types " " $0 }
			key == "uris" { uris = uris " " $0 }
			key == "suites" { suites = suites " " $0 }
			key == "enabled" && tolower($0) ~ /^(no|false|0|off)/ { on = 0 }
			END { flush() }' "$f"
	done
}
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=$(mirrors | awk -v c="$codename" '($2 == c || $2 == "stable" || $2 == "testing" || $2 == "unstable" || $2 == "sid") && $1 ~ /^(http|https|mirror|file|copy|tor\+http)/ { print $1; exit }')
[ -n "$mirror" ] || give_up "wanted a Debian archive for ${codename:-this release} in /etc/apt/sources.list*, found none"
keyring=
for k in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
	[ -f $k ] && keyring=$k && break
done
[ -n "$keyring" ] || give_up "wanted the keyring of package debian-archive-keyring, found none"

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
state=$work/apt
root=$work/root
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$root"
: >"$state/status"
for s in $suites; do
	echo "deb [signed-by=$keyring] $mirror $s main"
done >"$state/sources.list"

# An apt of our own: no package counts as installed, nothing is read or written outside $state, and of the
# machine's settings only those on how to reach the network hold (its hooks would run on its own caches).
{
	cat <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Debug::NoLocking "true";
CONF
	apt-config dump Acquire
	echo 'Acquire::Languages "none"; Acquire::Retries "3";'
} >"$state/apt.conf"
export APT_CONFIG="$state/apt.conf"
echo "softvk: reading the package lists of $mirror ($suites)"
apt-get -qq update || give_up "the package lists could not be read"
# shellcheck disable=SC2086 # a list of words
uris=$(apt-get -qq --print-uris --download-only -y install $packages) || give_up "the packages were not found"
echo "$uris" | awk -v t="$target" '{ n++; s += $3 } END {
	printf "softvk: downloading %d packages, %.0f MB, to %s (about %d MB unpacked)\n", n, s / 1e6, t, s * 4 / 1e6 }'
# shellcheck disable=SC2086
apt-get -qq --download-only -y install $packages >/dev/null || give_up "the download failed"

versions=
for deb in "$state"/cache/archives/*.deb; do
	dpkg-deb -x "$deb" "$root"
	versions="$versions$(dpkg-deb -W --showformat '${Package} ${Version} ${Architecture}' "$deb")
"
done

# Merged /usr: packages may still ship /lib; links there would point at the machine's own files.
for d in lib lib64 bin sbin; do
	if [ -d "$root/$d" ] && [ ! -L "$root/$d" ]; then
		mkdir -p "$root/usr/$d"
		cp -a "$root/$d/." "$root/usr/$d/"
		rm -rf "${root:?}/$d"
	fi
done
libs=$(dirname "$(find "$root/usr/lib" -name 'libvulkan_lvp.so' | head -n 1)")
[ -f "$libs/libvulkan_lvp.so" ] || give_up "wanted libvulkan_lvp.so in mesa-vulkan-drivers, found none"
loader=$(find "$root/usr/lib" "$root/usr/lib64" -name 'ld-linux*.so.[0-9]' 2>/dev/null | head -n 1)
[ -n "$loader" ] || give_up "wanted the dynamic linker in libc6, found none"

# What no run needs: other drivers, texts, configuration.
for f in "$libs"/libvulkan_*.so; do
	[ "$(basename "$f")" = libvulkan_lvp.so ] || rm -f "$f"
done
rm -rf "$root/etc" "$root/var" "$root/usr/sbin" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" \
	"$root/usr/share/lintian" "$root/usr/share/bug" "$root/usr/share/drirc.d" "$root/usr/share/icons" \
	"$root/usr/share/vulkan/icd.d" "$root/usr/share/perl5" "$root/usr/share/X11" "$libs/gconv" "$libs/perl-base" "$libs/dri"

# Manifests with absolute paths: the loader looks up a bare name in the machine's folders, not in the root.
place=$target${libs#"$root"}
printf '{"file_format_version": "1.0.1", "ICD": {"library_path": "%s/libvulkan_lvp.so", "api_version": "1.%s"}}\n' \
	"$place" "$([ $kind = trixie ] && echo 4.0 || echo 3.0)" >"$root/icd.json"
mkdir -p "$root/layers"
for f in "$root"/usr/share/vulkan/explicit_layer.d/*validation*.json; do
	[ -f "$f" ] || continue
	sed "s|\"library_path\"\([[:space:]]*\):\([[:space:]]*\)\"[^\"]*/\{0,1\}\(lib[^\"/]*\.so\)\"|\"library_path\"\1:\2\"$place/\3\"|" "$f" >"$root/layers/$(basename "$f")"
done
printf '%s\n' "$target${libs#"$root"}" >"$root/libs"
printf '%s\n' "$target${loader#"$root"}" >"$root/loader"
printf '%s\n%s' "$recipe" "$versions" >"$root/stamp"

rm -rf "$target"
mv "$root" "$target"
echo "softvk: made $target: $(du -sm "$target" | cut -f 1) MB, $(sed -n 's/^mesa-vulkan-drivers /Mesa /p' "$target/stamp")"

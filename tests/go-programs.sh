#!/bin/sh
# go-programs.sh FOLDER CACHE [NAME=]PACKAGE...
#
# Builds programs of the Go module in FOLDER into FOLDER/.cache/CACHE, unless they are there, and prints that folder's path.
# LDFLAGS goes to the linker. A broken build leaves nothing behind that looks like a good one, and programs of an older module go.
set -eu
me=$(basename "$0")
cd "$(dirname "$0")"
sources() { find . -maxdepth 2 \( -name "*.go" -o -name "go.*" \) -not -path "*/[0-9]*/*"; }
key=$({ cat "$me"; echo "$*" "${LDFLAGS:-}"; cd "$1"; sources | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c 1-16)
cd "$1"
cache=$2
shift 2

names=
packages=
for program; do
	packages="$packages ${program#*=}"
	name=${program%%=*}
	names="$names ${name##*/}"
done

up_to_date() {
	[ "$(readlink ".cache/$cache" 2>/dev/null)" = "$cache-$key" ] || return 1
	for name in $names; do
		[ -x ".cache/$cache/$name" ] || return 1
	done
}

finished() {
	up_to_date || return 0
	readlink -f ".cache/$cache"
	exit 0
}

finished

if ! command -v go >/dev/null; then
	echo "The tests need$names, which are built with Go, and 'go' is not in PATH." >&2
	echo "Install Go $(sed -n 's/^go //p' go.mod) or newer." >&2
	exit 1
fi

# Two builds at once would fight for the cores; the second one finds the first one's result.
mkdir -p .cache
exec 9>.cache/lock
flock 9
finished

echo "Building$names for the tests; the first time takes some minutes." >&2
work=.cache/work.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work"
# shellcheck disable=SC2086 # a list of packages
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${LDFLAGS:-}" -o "$work/" $packages
for program; do
	case $program in
	*=*)
		package=${program#*=}
		# As Go names it: a last part such as v3 is a version, not a name.
		built=$(echo "$package" | sed 's#/v[0-9]*$##; s#.*/##')
		mv "$work/$built" "$work/${program%%=*}"
		;;
	esac
done

# One rename makes the whole set visible; what older keys left goes.
rm -rf ".cache/$cache-$key"
mv "$work" ".cache/$cache-$key"
ln -s "$cache-$key" "$work.link"
mv -T "$work.link" ".cache/$cache"
for old in ".cache/$cache-"*; do
	[ "$old" = ".cache/$cache-$key" ] || rm -rf "$old"
done
readlink -f ".cache/$cache"

#!/bin/sh
# build.sh ARCHITECTURE FILE
#
# Builds the image's program, for amd64 or arm64, and copies it to FILE. It is linked statically. The same sources, the
# same crates and the same compiler give the same bytes, wherever they and cargo's folders are.
set -eu
architecture=$1
file=$2
cd "$(dirname "$0")/.."

case $architecture in
amd64) machine=x86_64 ;;
arm64) machine=aarch64 ;;
*)
	echo "The program is built for amd64 and arm64, not for '$architecture'." >&2
	exit 2
	;;
esac
target=$machine-unknown-linux-gnu

# Another machine's program needs a linker for it, which also compiles ring's C.
if [ "$(uname -m)" != "$machine" ]; then
	linker=$machine-linux-gnu-gcc
	if ! command -v "$linker" >/dev/null; then
		echo "To build for $architecture here, install $linker and its C library;" >&2
		echo "on Debian: apt-get install gcc-$(echo $machine | tr _ -)-linux-gnu libc6-dev-$architecture-cross" >&2
		exit 1
	fi
	export "CARGO_TARGET_$(echo $target | tr a-z- A-Z_)_LINKER=$linker"
fi
if ! [ -d "$(rustc --print target-libdir --target $target)" ]; then
	echo "To build for $architecture here, install Rust's library for it: rustup target add $target" >&2
	exit 1
fi

folder=${CARGO_TARGET_DIR:-target}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# Panics and errors name source files. Of two prefixes that fit, the compiler takes the later one.
separator=$(printf '\037')
flags="-Ctarget-feature=+crt-static"
# Packed, the places that are adjusted to where the program is loaded take 10 kB instead of 400. This needs glibc 2.36, which
# adjusts them at the start; a linker that cannot pack them says so and leaves them as they are.
flags="$flags${separator}-Clink-arg=-Wl,-z,pack-relative-relocs"
for pair in "$PWD=/src" "${CARGO_HOME:-$HOME/.cargo}=/cargo" "$(rustc --print sysroot)=/rust" "$folder=/target"; do
	flags="$flags$separator--remap-path-prefix=$pair"
done
# The target is named even if it is the machine's own: otherwise the flags would apply to procedural macros too, which
# cannot be static.
CARGO_ENCODED_RUSTFLAGS=$flags cargo build --locked --release --bin wfe-webhook --target "$target" --target-dir "$folder"
cp "$folder/$target/release/wfe-webhook" "$file"
# On this machine it has to start.
[ "$(uname -m)" != "$machine" ] || "$file" --version >/dev/null

#!/bin/sh
# Makes sure that every program that the tests start is there. As root on Debian it installs what is missing;
# elsewhere it prints what to install, and fails: no test is skipped silently.
set -eu

packages=
advice=

# Unlike `command -v` it does not take what the shell has built in, such as kill, for a program.
in_path() (
	IFS=:
	# The last one is where container runtimes look for network plugins.
	for folder in $PATH /usr/lib/cni; do
		[ -x "$folder/$1" ] && exit 0
	done
	exit 1
)

# need PROGRAM PACKAGE [VARIABLE]: VARIABLE may name the program's file instead.
need() {
	if [ -n "${3:-}" ]; then
		eval "file=\${$3:-}"
		if [ -n "$file" ]; then
			[ -x "$file" ] && return
			echo "$3 is set to '$file', which is not an executable program." >&2
			exit 1
		fi
	fi
	in_path "$1" && return
	case " $packages " in *" $2 "*) ;; *) packages="$packages $2" ;; esac
	advice="$advice
  $1: Debian package $2${3:+, or set $3 to its path}"
}

need_all() {
	packages=
	advice=
	need cc build-essential
	need curl curl
	need faketime faketime
	need go golang-go
	need fish fish
	need ip iproute2
	need kill procps
	need mandoc mandoc
	need mount mount
	need openssl openssl
	need python3 "python3 python3-venv"
	need buildah buildah
	need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
	need qemu-aarch64-static qemu-user-static
	need runc runc
	need script bsdutils
	need unshare util-linux
	need prometheus prometheus PROMETHEUS_BIN
	need promtool prometheus PROMTOOL_BIN
	need valgrind valgrind
	need zsh zsh
	[ -n "${WFE_WEBHOOK_NO_NODES:-}" ] || need_for_nodes
}

# What the nodes of a real cluster are made of.
need_for_nodes() {
	need bridge containernetworking-plugins
	need conntrack conntrack
	need containerd containerd
	need dnsmasq dnsmasq-base
	need iptables iptables
	need nft nftables
	need nsenter util-linux
	need tini tini
}

# The image is built for arm64 as well, unless rustup cannot get the library for that.
want_rust_library() {
	[ -d "$(rustc --print target-libdir --target aarch64-unknown-linux-gnu)" ] ||
		rustup target add aarch64-unknown-linux-gnu ||
		echo "The tests of the image for arm64 will be left out." >&2
}

need_all
if [ -z "$packages" ]; then
	want_rust_library
	exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing for the tests:$packages" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	# shellcheck disable=SC2086 # a list of packages
	apt-get install -q -y --no-install-recommends $packages
	need_all
	if [ -z "$packages" ]; then
		want_rust_library
		exit 0
	fi
fi

echo "The tests need programs that are missing:$advice
On Debian: sudo apt-get install$packages" >&2
exit 1

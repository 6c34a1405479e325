#!/bin/sh
# Builds etcd, kube-apiserver and kubectl into .cache/bin beside this script, or does nothing when they are there.
# The first build takes about ten minutes on two cores. A broken build leaves nothing behind that looks like a good one.
set -eu
cd "$(dirname "$0")"

kubernetes=v1.37.2
minor=${kubernetes#v1.}
version=k8s.io/component-base/version
flags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}"

# The binaries are those of this very module and these very flags.
key=$(cat go.mod go.sum build.sh | sha256sum | cut -c 1-16)

up_to_date() {
	[ "$(readlink .cache/bin 2>/dev/null)" = "$key" ] &&
		[ -x .cache/bin/etcd ] && [ -x .cache/bin/kube-apiserver ] && [ -x .cache/bin/kubectl ]
}

up_to_date && exit 0

if ! command -v go >/dev/null; then
	echo "The control plane for tests is built with Go, and 'go' is not in PATH." >&2
	echo "Install Go $(sed -n 's/^go //p' go.mod) or newer, or set KUBEBUILDER_ASSETS to a folder that has etcd, kube-apiserver and kubectl." >&2
	exit 1
fi

# Two builds at once would fight for the cores; the second one finds the first one's result.
mkdir -p .cache
exec 9>.cache/lock
flock 9
up_to_date && exit 0

echo "Building etcd, kube-apiserver and kubectl ($kubernetes) for the tests; the first time takes about ten minutes." >&2
work=.cache/work.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "$flags" -o "$work/" \
	k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl go.etcd.io/etcd/server/v3
mv "$work/server" "$work/etcd"

# One rename makes the whole set visible; what older keys left goes.
rm -rf ".cache/$key"
mv "$work" ".cache/$key"
ln -s "$key" "$work.link"
mv -T "$work.link" .cache/bin
for old in .cache/*; do
	case $old in .cache/bin | .cache/lock | ".cache/$key") ;; *) rm -rf "$old" ;; esac
done

#!/bin/sh
# build.sh [nodes]: etcd, kube-apiserver and kubectl into .cache/bin beside this script, or what a node runs beside them into
# .cache/nodes. Nothing is done when they are there; the first build takes about ten minutes on two cores.
#
# KUBERNETES=1.34.4 chooses another version than the newest: its programs are in 1.34.4/.cache/bin.
set -eu
cd "$(dirname "$0")"

newest=1.37.2
kubernetes=${KUBERNETES:-$newest}
module=control-plane
[ "$kubernetes" = "$newest" ] || module=control-plane/$kubernetes
if [ ! -f "../$module/go.mod" ]; then
	echo "KUBERNETES is '$kubernetes'; it can be $newest$(for other in */go.mod; do printf ' or %s' "${other%/go.mod}"; done)." >&2
	exit 1
fi

minor=${kubernetes#1.}
version=k8s.io/component-base/version
export LDFLAGS="-X $version.gitVersion=v$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}"
k8s=k8s.io/kubernetes/cmd
case ${1:-} in
nodes)
	exec ../go-programs.sh "$module" nodes \
		$k8s/kubelet $k8s/kube-proxy $k8s/kube-controller-manager $k8s/kube-scheduler ./status-writer
	;;
*)
	exec ../go-programs.sh "$module" bin $k8s/kube-apiserver $k8s/kubectl etcd=go.etcd.io/etcd/server/v3
	;;
esac

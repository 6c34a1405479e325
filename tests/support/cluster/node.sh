# node.sh FOLDER: gives a node mounts that nobody else sees. FOLDER is the node's own.
set -eu
folder=$1
mount --make-rshared /
for name in kubelet containerd log cni; do
	mkdir -p "$folder/$name"
done
mount -t tmpfs tmpfs /run
mkdir -p /run/containerd /run/netns /run/lock
mkdir -p /var/lib/kubelet /var/lib/containerd /var/lib/cni /etc/cni
mount --bind "$folder/log" /var/log
mount --bind "$folder/kubelet" /var/lib/kubelet
mount --bind "$folder/containerd" /var/lib/containerd
mount --bind "$folder/cni" /var/lib/cni
mount -t tmpfs tmpfs /etc/cni
mkdir /etc/cni/net.d

# The kubelet would change these settings of the whole machine: it is shown the values that it wants.
shown() {
	echo "$2" >"$folder/shown-${1##*/}"
	mount --bind "$folder/shown-${1##*/}" "/proc/sys/$1"
}
shown vm/overcommit_memory 1
shown kernel/panic 10
shown kernel/panic_on_oops 1
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1

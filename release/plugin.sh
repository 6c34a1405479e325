#!/bin/sh
# SOURCE=URL plugin.sh URL FOLDER ARCHIVE...
#
# Packs the programs of images (an archive in OCI's format for each architecture) as a plugin of kubectl, and writes the
# manifest by which krew installs it: FOLDER/kubectl-wfe-linux-ARCHITECTURE.tar.gz, which is to be served below URL, and
# FOLDER/krew.yaml, which names SOURCE as the home page. The same images give the same bytes.
set -eu
url=$1
: "${SOURCE:?has to be the address of the sources}"
folder=$2
shift 2
sources=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$sources/deploy/krew.yaml" "$work/krew.yaml"
for archive; do
	container=$(buildah from --quiet "oci-archive:$archive")
	architecture=$(buildah inspect --format '{{.OCIv1.Architecture}}' "$container")
	# Only root may mount a container outside of a user namespace.
	# shellcheck disable=SC2016 # expanded by the inner shell
	copy='cp "$(buildah mount "$1")"/* "$2"'
	mkdir "$work/$architecture"
	if [ "$(id -u)" = 0 ]; then
		sh -c "$copy" sh "$container" "$work/$architecture"
	else
		buildah unshare sh -c "$copy" sh "$container" "$work/$architecture"
	fi
	buildah rm "$container" >/dev/null
	mv "$work/$architecture/wfe-webhook" "$work/$architecture/kubectl-wfe"
	file=$folder/kubectl-wfe-linux-$architecture.tar.gz
	tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=rX,u=rwX \
		--directory "$work/$architecture" . | gzip --no-name >"$file"
	digest=$(sha256sum "$file" | cut -d ' ' -f 1)
	sed -i "s/SHA256_OF_$architecture/$digest/" "$work/krew.yaml"
done
sed -e "s|VERSION|$("$sources/release/version.sh")|" -e "s|URL|$url|" -e "s|SOURCE|$SOURCE|" "$work/krew.yaml" >"$folder/krew.yaml"
if grep -q SHA256_OF_ "$folder/krew.yaml"; then
	echo "deploy/krew.yaml names an architecture of which no image was given." >&2
	exit 1
fi

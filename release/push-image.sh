#!/bin/sh
# push-image.sh NAME ARCHIVE...
#
# Pushes one image for all architectures, of an archive for each, and prints its digest. A name that is taken is left
# alone. TLS_VERIFY=false is for a registry without TLS.
set -eu
name=$1
shift
tls=--tls-verify=${TLS_VERIFY:-true}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if buildah pull --quiet --policy always "$tls" "docker://$name" >/dev/null 2>&1; then
	echo "$name exists; a version is released once." >&2
	exit 1
fi
list=localhost/wfe-webhook-release-$$
buildah manifest create "$list" >/dev/null
for archive; do
	buildah manifest add "$list" "oci-archive:$archive" >/dev/null
done
buildah manifest push --all --format oci "$tls" --digestfile "$work/digest" "$list" "docker://$name" >&2
buildah manifest rm "$list" >/dev/null
# Some versions of buildah report no error when they could not push.
test -s "$work/digest"
cat "$work/digest"

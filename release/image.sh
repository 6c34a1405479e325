#!/bin/sh
# BUILDER=NAME@sha256:... SOURCE=URL image.sh ARCHITECTURE FILE [OPTION...]
#
# Builds the image of the current commit for amd64 or arm64, with further options of buildah's, and writes it to FILE, an
# archive in OCI's format. The builder is pinned by its digest, so that another run gives the same image.
set -eu
architecture=$1
file=$2
shift 2
case ${BUILDER:-} in
*@sha256:*) ;;
*)
	echo "BUILDER has to name the image to build with by its digest: rust@sha256:..." >&2
	exit 2
	;;
esac
cd "$(dirname "$0")/.."
version=$(release/version.sh)
name=localhost/wfe-webhook:$version-$architecture

buildah build --platform "linux/$architecture" --timestamp "$(git log -1 --format=%ct)" --tag "$name" \
	--build-arg "BUILDER=$BUILDER" \
	--build-arg "VERSION=$version" \
	--build-arg "REVISION=$(git rev-parse HEAD)" \
	--build-arg "CREATED=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)" \
	--build-arg "SOURCE=${SOURCE:-}" \
	"$@" .
buildah push --quiet "$name" "oci-archive:$file"

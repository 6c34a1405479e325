#!/bin/sh
# push-chart.sh REGISTRY/PATH FOLDER [OPTION...]
#
# Packs the chart with the version of the sources into FOLDER, pushes it, with further options of Helm's, and prints its
# digest.
set -eu
charts=$1
folder=$2
shift 2
cd "$(dirname "$0")/.."
version=$(release/version.sh)
helm package deploy/chart/wfe-webhook --version "$version" --app-version "$version" --destination "$folder" >&2
said=$(helm push "$folder/wfe-webhook-$version.tgz" "oci://$charts" "$@" 2>&1)
echo "$said" >&2
digest=$(echo "$said" | sed -n 's/^Digest: //p')
test -n "$digest"
echo "$digest"

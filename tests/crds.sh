#!/bin/sh
# crds.sh MODULE@VERSION SUM FOLDER
#
# Prints a folder of a Go module's sources, for what another project publishes in it: CustomResourceDefinitions, a schema.
# SUM is the module's checksum as go.sum has it. Nothing of it is built.
set -eu
if ! command -v go >/dev/null; then
	echo "The tests need Go, to get files of $1, and 'go' is not in PATH." >&2
	exit 1
fi
cd /
answer=$(go mod download -json "$1")
field() { echo "$answer" | sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",*$/\1/p"; }
if [ "$(field Sum)" != "$2" ]; then
	echo "$1 has the checksum $(field Sum) instead of $2." >&2
	exit 1
fi
echo "$(field Dir)/$3"

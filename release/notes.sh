#!/bin/sh
# notes.sh VERSION [CHANGELOG]
#
# Prints what the changelog says about a version. Fails if it says nothing.
set -eu
version=$1
changelog=${2:-$(dirname "$0")/../CHANGELOG.md}

notes=$(awk -v heading="## [$version]" '
	/^## / { inside = substr($0, 1, length(heading)) == heading; next }
	# What a heading links to is at the end of the file.
	/^\[[^]]*\]: / { next }
	inside
' "$changelog")
if [ -z "$notes" ]; then
	echo "$changelog says nothing about version $version." >&2
	exit 1
fi
# The command substitution took the last empty lines; this takes the first ones.
echo "$notes" | sed '/./,$!d'

#!/bin/sh
# sbom.sh FOLDER
#
# Writes FOLDER/wfe-webhook-ARCHITECTURE.cdx.json for each architecture of the image: a bill of materials (CycloneDX) of
# all crates that the program is made of. Fails if one is missing there. Needs cargo-cyclonedx.
set -eu
export LC_ALL=C
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
work=$(mktemp -d)
# cargo-cyclonedx writes beside the manifest.
trap 'rm -rf "$work" wfe-webhook_bin.cdx.json' EXIT

# The time of the commit, so that two runs write the same.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

for pair in amd64=x86_64-unknown-linux-gnu arm64=aarch64-unknown-linux-gnu; do
	target=${pair#*=}
	bill=$folder/wfe-webhook-${pair%%=*}.cdx.json
	cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries --no-build-deps --target "$target"
	# Where the sources are is nobody's business.
	sed "s#path+file://$PWD\##path+file:///src\##" wfe-webhook_bin.cdx.json >"$bill"

	cargo tree --locked --edges normal --target "$target" --prefix none --no-dedupe --format '{p}' |
		awk '{ sub("^v", "", $2); print $1 "@" $2 }' | sort -u >"$work/built"
	sed -n 's#.*"purl": "pkg:cargo/\([^"?]*\).*#\1#p' "$bill" | sort -u >"$work/billed"
	# It may name one more, of a feature that only tests turn on.
	if [ -n "$(comm -23 "$work/built" "$work/billed")" ]; then
		echo "$bill lacks crates that the program is made of:" >&2
		comm -23 "$work/built" "$work/billed" >&2
		exit 1
	fi
	echo "$bill: $(wc -l <"$work/billed") crates"
done

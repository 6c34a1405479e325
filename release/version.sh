#!/bin/sh
# Prints the version that the sources have.
set -eu
sed -n 's/^version = "\(.*\)"$/\1/p' "$(dirname "$0")/../Cargo.toml" | head -n 1

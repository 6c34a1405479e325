#!/bin/sh
# Builds the registry into .cache/bin beside this script, or does nothing when it is there.
set -eu
exec "$(dirname "$0")/../go-programs.sh" registry bin registry

#!/bin/sh
# Builds actionlint into .cache/bin beside this script, or does nothing when it is there.
set -eu
exec "$(dirname "$0")/../go-programs.sh" actionlint bin github.com/rhysd/actionlint/cmd/actionlint

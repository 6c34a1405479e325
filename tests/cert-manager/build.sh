#!/bin/sh
# Builds cert-manager's controllers into .cache/bin beside this script, unless they are there, and prints that folder's path.
set -eu
exec "$(dirname "$0")/../go-programs.sh" cert-manager bin cert-manager

#!/bin/sh
# Builds the check of the dashboard into .cache/bin beside this script, or does nothing when it is there.
set -eu
exec "$(dirname "$0")/../go-programs.sh" dashboard bin dashboard

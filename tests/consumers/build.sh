#!/bin/sh
# Builds a program that reads reports with other projects' libraries into .cache/bin beside this script, or does nothing
# when it is there.
set -eu
exec "$(dirname "$0")/../go-programs.sh" consumers bin ./reports

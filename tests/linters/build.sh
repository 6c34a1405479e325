#!/bin/sh
# Installs the linters of requirements.txt into .cache/venv beside this script, or does nothing when they are there.
set -eu
cd "$(dirname "$0")"
[ "$(cat .cache/venv/installed 2>/dev/null)" = "$(cat requirements.txt)" ] && exit 0
if ! command -v python3 >/dev/null; then
	echo "The linters are installed with Python: install python3 with its venv module." >&2
	exit 1
fi
rm -rf .cache/venv
python3 -m venv .cache/venv
.cache/venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt
cp requirements.txt .cache/venv/installed

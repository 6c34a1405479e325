#!/bin/sh
# Builds Helm into .cache/bin beside this script, or does nothing when it is there.
set -eu
version=$(sed -n 's#.*helm.sh/helm/v4 \(v[0-9.]*\).*#\1#p' "$(dirname "$0")/go.mod")
LDFLAGS="-X helm.sh/helm/v4/internal/version.version=$version" \
	exec "$(dirname "$0")/../go-programs.sh" helm bin helm.sh/helm/v4/cmd/helm

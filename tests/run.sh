#!/bin/sh
# run.sh ARGUMENT...: `cargo test` with these arguments. What cannot run here is left out, and named in the end.
set -eu

left_out=
skip=
if [ -n "${WFE_WEBHOOK_NO_NODES:-}" ]; then
	skip="$skip --skip real_cluster::"
	left_out="$left_out
  tests/cluster, the chart and the image in a real cluster: WFE_WEBHOOK_NO_NODES is set"
fi
if ! [ -d "$(rustc --print target-libdir --target aarch64-unknown-linux-gnu)" ]; then
	skip="$skip --skip the_image_for_arm64"
	left_out="$left_out
  the image for arm64: the compiler has no aarch64-unknown-linux-gnu, and rustup did not get it"
fi

code=0
# shellcheck disable=SC2086 # a list of arguments
cargo test --locked --workspace --no-fail-fast "$@" ${skip:+-- $skip} || code=$?
[ -z "$left_out" ] || echo "Left out:$left_out" >&2
exit "$code"

#!/bin/sh
# Writes what a release has beside the binary into a folder: the manual page and the completions for bash, zsh and fish.
set -eu
dir=$1
mkdir -p "$dir"
bin=$(mktemp)
trap 'rm -f "$bin"' EXIT
CGO_ENABLED=0 go build -o "$bin" ./cmd/skep
"$bin" --man >"$dir/skep.1"
for sh in bash zsh fish; do "$bin" --completions "$sh" >"$dir/skep.$sh"; done

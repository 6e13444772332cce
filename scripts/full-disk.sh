#!/bin/sh
# Runs the test of a full disk on a real one: a tmpfs of 64 MiB, which only root may mount.
set -eu
if [ "$(id -u)" != 0 ]; then
	echo "full-disk.sh: only root may mount a tmpfs" >&2
	exit 1
fi
dir=$(mktemp -d)
trap 'umount "$dir" 2>/dev/null || true; rmdir "$dir"' EXIT
mount -t tmpfs -o size=64m tmpfs "$dir"
SKEP_FULL_DISK=$dir ${GO:-go} test -count=1 -v -run TestFullDisk ./bench/slt

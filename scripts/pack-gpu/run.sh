#!/bin/sh
# Everything that this machine can tell of its GPUs and of thalweg on them, as one JSON object on standard output:
#
#   sh run.sh [--quick] [--device ID]... > result.json
#
# Progress goes to standard error. Nothing is installed, downloaded or left behind. Needs sh, coreutils, and some 100 MB in
# TMPDIR, /tmp, /var/tmp, /dev/shm or here, where programs may run. Exit status: 0 all well, 1 a step failed or no GPU
# works, 2 wrong usage, 3 Node does not start here.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 3
work=
why=
child=

clean() {
  if [ -n "$work" ]; then rm -rf -- "$work"; fi
}
trap clean EXIT
# Node ends what it has started.
stop() {
  if [ -n "$child" ] && kill -TERM "$child" 2>/dev/null; then wait "$child"; fi
  exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM HUP

# One line that is safe between the quotes of a JSON string.
plain() {
  printf '%s' "$1" | tr '\n\t' '  ' | tr -d '\000-\037' | tr '"\\' "'/"
}

refuse() {
  printf '{"ok":false,"failed":[{"step":"node","message":"%s"}]}\n' "$(plain "$1")"
  exit 3
}

# The system's xz, or the one that lies here.
unpack() {
  if xz --version >/dev/null 2>&1; then
    timeout 300 xz -dc -- "$here/node.xz"
  else
    LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" timeout 300 "$here/lib/xz" -dc -- "$here/node.xz"
  fi
}

# Node in a folder of its own under $1; says in `why` what was in the way.
start_node_in() {
  work=$(mktemp -d "$1/thalweg-gpu-XXXXXX" 2>&1) || { why="$1: $work"; work=; return 1; }
  if ! message=$(unpack 2>&1 >"$work/node") || ! message=$(chmod 700 "$work/node" 2>&1); then
    why="$1: node.xz could not be unpacked: $message"
    clean
    work=
    return 1
  fi
  if message=$("$work/node" --version 2>&1); then return 0; fi
  # A machine without the C++ library.
  if LD_LIBRARY_PATH="$here/lib/fallback${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$work/node" --version >/dev/null 2>&1; then
    LD_LIBRARY_PATH="$here/lib/fallback${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export LD_LIBRARY_PATH
    return 0
  fi
  why="$1: $message"
  clean
  work=
  return 1
}

umask 077
for folder in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "$here"; do
  if start_node_in "$folder"; then break; fi
done
if [ -z "$work" ]; then
  refuse "Node does not start on this machine: it needs Linux on x86-64 with glibc, and a folder (TMPDIR) where programs may run. $why"
fi
mkdir "$work/tmp" "$work/tmp/pocl" "$work/cache" || refuse "$work cannot be written to"
# Drivers keep what they compile; here that goes with the rest.
export TMPDIR="$work/tmp" THALWEG_CACHE="$work/cache" XDG_CACHE_HOME="$work/cache" POCL_CACHE_DIR="$work/tmp/pocl"
export CUDA_CACHE_PATH="$work/tmp/nv"
"$work/node" "$here/thalweg/scripts/pack-gpu/run.mjs" "$@" &
child=$!
wait "$child"

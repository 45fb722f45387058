# shellcheck shell=bash
# A repository of stand-ins for the programs and for the build, in which the real tools/up runs with a
# real MariaDB and Redis; and what its tests ask of it. Sourced by tests; FAILED says how they went.

# shellcheck disable=SC2034  # much of it is for the tests
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HOME_DIR=$(mktemp -d /tmp/chanyan-up.XXXX)
REPO=$HOME_DIR/repo

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

PORT=$(free_port)
# As tools/up starts them; and all that it starts, the two servers among them.
mapfile -t SERVICE_NAMES < <(
  # shellcheck source=/dev/null
  source "$SOURCE/tools/lib/say.sh"
  # shellcheck source=/dev/null
  source "$SOURCE/tools/lib/suite.sh"
  service_names
)
ALL=$((${#SERVICE_NAMES[@]} + 2))
# Pids of servers that a test has started itself.
SERVERS=()
FAILED=0

# shellcheck disable=SC2317  # called by the trap
clean() {
  "$REPO/tools/down" >/dev/null 2>&1 || true
  ((${#SERVERS[@]} == 0)) || { kill -TERM "${SERVERS[@]}" && wait; } 2>/dev/null || true
  rm -rf "$HOME_DIR"
}
trap clean EXIT

program() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod +x "$1"
}

make_repository() {
  local build=$REPO/build/release name
  mkdir -p "$build"/{services,tools,proto} "$REPO"/proto/node_modules "$REPO"/deploy/{demo,policies} "$HOME_DIR/bin"
  cp -r "$SOURCE/tools" "$REPO/"
  cp -r "$SOURCE/deploy/mariadb" "$REPO/deploy/"
  cp "$SOURCE/proto/package-lock.json" "$REPO/proto/"
  touch "$build/build.ninja" "$build/proto/chanyan.binpb"
  for name in "${SERVICE_NAMES[@]}"; do
    cp "$SOURCE/tests/tools/fake_service.py" "$build/services/chanyan-$name"
    chmod +x "$build/services/chanyan-$name"
  done
  program "$build/tools/chanyan-migrate" 'exit 0'
  program "$build/tools/chanyan-seed" "echo \"\$*\" >>'$REPO/var/seeds'"
  # shellcheck disable=SC2016  # expanded by the program
  program "$build/tools/chanyan-quarter" 'echo ran >>var/runs; echo 12 forms; exit ${FAKE_QUARTER:-0}'
  program "$HOME_DIR/bin/npm" 'exit 0'
  # MiB that are free, on every disk.
  echo 99999 >"$HOME_DIR/free"
  program "$HOME_DIR/bin/df" "echo; echo \"disk 1 1 \$(cat '$HOME_DIR/free') 1% /\""
  # shellcheck disable=SC2016
  program "$HOME_DIR/bin/ninja" 'exit ${FAKE_NINJA:-0}'
  cp "$HOME_DIR/bin/ninja" "$HOME_DIR/bin/cmake"
  PATH=$HOME_DIR/bin:$PATH
}

# Processes that were started from the repository: their command lines name it.
running() {
  { grep -la "$REPO/\(build\|var\)" /proc/[0-9]*/cmdline 2>/dev/null || true; } | wc -l
}

expect() {
  local what=$1 wanted=$2 got=$3
  [[ $got == *"$wanted"* ]] && return 0
  printf 'FAILED %s: wanted "%s", got "%s"\n' "$what" "$wanted" "$got"
  FAILED=1
}

# refused WHAT WORDS COMMAND…: fails, says WORDS in one line, leaves nothing.
refused() {
  local what=$1 words=$2 output result=0
  shift 2
  output=$("$@" 2>&1 >/dev/null) || result=$?
  expect "$what: exit code" 1 "$result"
  expect "$what: message" "$words" "$output"
  expect "$what: one line" 1 "$(grep -c '^错误：' <<<"$output")"
  expect "$what: left running" 0 "$(running)"
}

#!/usr/bin/env bash
# tools/up and tools/down as a newcomer meets them, with stand-ins for the programs and for the build,
# but a real MariaDB and Redis: whatever goes wrong, one line says so and nothing is left running.
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/stand_ins.sh"

bad_arguments_are_refused() {
  refused 'unknown flag' '--frsh' tools/up --frsh
  refused 'port out of range' '65535' tools/up --http=99999
  refused 'password in URL' 'password-file' tools/up --db=mysql://a:b@host
  refused 'fresh on a real server' '--fresh' tools/up --fresh --db=mysql://a@host
}

a_taken_port_is_found_first() {
  python3 -m http.server "$PORT" --bind 127.0.0.1 >/dev/null 2>&1 &
  local holder=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do sleep 0.05; done
  refused 'taken port' "$PORT" tools/up "--http=$PORT"
  kill "$holder"
  wait "$holder" 2>/dev/null || true
}

failures_leave_nothing() {
  refused 'build' '构建失败' env FAKE_NINJA=1 tools/up "--http=$PORT"
  refused 'service' 'cycle cannot' env FAKE_DIES=cycle tools/up "--http=$PORT"
  refused 'quarter' '季度流程' env FAKE_QUARTER=3 tools/up "--http=$PORT"
}

# interrupted SIGNAL FILE [VARIABLE=VALUE]: as soon as FILE is there. Prints the exit code.
interrupted() {
  local signal=$1 file=$2 up result=0
  shift 2
  env "$@" setsid tools/up "--http=$PORT" >"$HOME_DIR/interrupted" 2>&1 &
  up=$!
  until [[ -e $file ]]; do sleep 0.05; done
  # To the whole group, as a terminal does. setsid gave it one of its own.
  kill "-$signal" -- "-$up"
  wait "$up" || result=$?
  echo "$result"
}

signals_leave_nothing() {
  # A job of a script ignores SIGINT; TERM takes the same way out.
  expect 'terminated: exit code' 143 "$(interrupted TERM var/run/pairing.pid FAKE_HANGS=pairing)"
  expect 'terminated: left running' 0 "$(running)"
  expect 'terminated: says so' 已中断 "$(<"$HOME_DIR/interrupted")"

  # While MariaDB's files are made, by a program that does not care.
  mv var/mariadb var/mariadb.kept
  program "$HOME_DIR/bin/mariadb-install-db" \
    "mkdir -p var/mariadb.new/mysql; trap '' TERM; while :; do sleep 1; done"
  expect 'creating the database: exit code' 143 "$(interrupted TERM var/mariadb.new/mysql)"
  expect 'creating the database: left running' 0 "$(running)"
  expect 'creating the database: says so' 已中断 "$(<"$HOME_DIR/interrupted")"
  expect 'creating the database: half a database' no "$([[ -e var/mariadb.new ]] && echo yes || echo no)"
  rm "$HOME_DIR/bin/mariadb-install-db"
  mv var/mariadb.kept var/mariadb
}

migrations_run_side_by_side() {
  local migrate=$REPO/build/release/tools/chanyan-migrate output result=0 schemas=$((${#SERVICE_NAMES[@]} - 1))
  # Two of them fail: both are said, and nothing is left running.
  program "$migrate" 'case "$*" in
    *chanyan_cycle*) echo "table form is locked"; exit 1 ;;
    *chanyan_triage*) echo "table result is locked"; exit 1 ;;
  esac'
  output=$(tools/up "--http=$PORT" 2>&1 >/dev/null) || result=$?
  expect 'migrations fail: exit code' 1 "$result"
  expect 'migrations fail: the first' '（cycle）。输出末行：table form is locked' "$output"
  expect 'migrations fail: the second' '（triage）。输出末行：table result is locked' "$output"
  expect 'migrations fail: two lines' 2 "$(grep -c '^错误：' <<<"$output")"
  expect 'migrations fail: left running' 0 "$(running)"

  # Interrupted, by programs that do not care.
  program "$migrate" "mkdir -p var/begun; trap '' TERM; while :; do sleep 1; done"
  expect 'migrating: exit code' 143 "$(interrupted TERM var/begun)"
  expect 'migrating: left running' 0 "$(running)"

  # Each waits for all others to have begun.
  rm -rf var/begun
  program "$migrate" "mkdir -p var/begun; : >var/begun/\$\$
    for _ in \$(seq 200); do [ \$(ls var/begun | wc -l) -lt $schemas ] || exit 0; sleep 0.05; done
    echo alone; exit 1"
  tools/up "--http=$PORT" >/dev/null || expect 'migrations' 'side by side' 'one after the other'
  tools/down >/dev/null
  program "$migrate" 'exit 0'
  rm -f "$REPO/var/demo/done"
}

what_kill_9_left_is_taken_over() {
  expect 'killed: exit code' 137 "$(interrupted KILL var/run/pairing.pid FAKE_HANGS=pairing 2>/dev/null)"
  sleep 600 &
  local foreign=$!
  # A record of an earlier life whose pid now belongs to somebody else.
  echo "$foreign 1 $(cat /proc/sys/kernel/random/boot_id) x" >"$REPO/var/run/cycle.pid"
  rm -f "$REPO/var/runs"
  tools/up "--http=$PORT" >/dev/null
  kill -0 "$foreign" || expect 'foreign process' alive killed
  kill "$foreign"
  expect 'all run' "$ALL" "$(running)"
}

a_second_start_changes_nothing() {
  local before
  before=$(cat "$REPO"/var/run/*.pid)
  tools/up "--http=$PORT" >/dev/null
  expect 'same processes' "$before" "$(cat "$REPO"/var/run/*.pid)"
  expect 'quarter ran once' 1 "$(wc -l <"$REPO/var/runs")"
  kill -9 "$(cut -d ' ' -f 1 "$REPO/var/run/pairing.pid")"
  tools/up "--http=$PORT" >/dev/null
  expect 'the lost one is back' "$ALL" "$(running)"
}

down_stops_all_and_may_be_repeated() {
  tools/down >/dev/null
  expect 'down' 0 "$(running)"
  tools/down >/dev/null
}

make_repository
cd "$REPO"
bad_arguments_are_refused
a_taken_port_is_found_first
failures_leave_nothing
signals_leave_nothing
migrations_run_side_by_side
what_kill_9_left_is_taken_over
a_second_start_changes_nothing
down_stops_all_and_may_be_repeated
exit "$FAILED"

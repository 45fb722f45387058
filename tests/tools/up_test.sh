#!/usr/bin/env bash
# tools/up and tools/down as a newcomer meets them, with stand-ins for the programs and for the build,
# but a real MariaDB and Redis: whatever goes wrong, one line says so and nothing is left running.
# CHANYAN_MIGRATE names the built chanyan-migrate, which works on a real server.
set -euo pipefail
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
HOME_DIR=$(mktemp -d /tmp/chanyan-up.XXXX)
REPO=$HOME_DIR/repo
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
PORT=$(free_port)
SERVERS=()
FAILED=0

# shellcheck disable=SC2317  # called by the trap
clean() {
  "$REPO/tools/down" >/dev/null 2>&1 || true
  ((${#SERVERS[@]} == 0)) || kill -KILL "${SERVERS[@]}" 2>/dev/null || true
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
  for name in identity registry pairing cycle gateway; do
    cp "$SOURCE/tests/tools/fake_service.py" "$build/services/chanyan-$name"
    chmod +x "$build/services/chanyan-$name"
  done
  program "$build/tools/chanyan-migrate" 'exit 0'
  program "$build/tools/chanyan-seed" 'exit 0'
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

interrupted() {
  local signal=$1 up result=0
  FAKE_HANGS=pairing setsid tools/up "--http=$PORT" >/dev/null 2>&1 &
  up=$!
  until [[ -e $REPO/var/run/pairing.pid ]]; do sleep 0.05; done
  # To the whole group, as a terminal does. setsid gave it one of its own.
  kill "-$signal" -- "-$up"
  wait "$up" || result=$?
  echo "$result"
}

signals_leave_nothing() {
  # A job of a script ignores SIGINT; TERM takes the same way out.
  expect 'terminated: exit code' 143 "$(interrupted TERM)"
  expect 'terminated: left running' 0 "$(running)"
}

what_kill_9_left_is_taken_over() {
  expect 'killed: exit code' 137 "$(interrupted KILL 2>/dev/null)"
  sleep 600 &
  local foreign=$!
  # A record of an earlier life whose pid now belongs to somebody else.
  echo "$foreign 1 $(cat /proc/sys/kernel/random/boot_id) x" >"$REPO/var/run/cycle.pid"
  rm -f "$REPO/var/runs"
  tools/up "--http=$PORT" >/dev/null
  kill -0 "$foreign" || expect 'foreign process' alive killed
  kill "$foreign"
  expect 'all run' 7 "$(running)"
}

a_second_start_changes_nothing() {
  local before
  before=$(cat "$REPO"/var/run/*.pid)
  tools/up "--http=$PORT" >/dev/null
  expect 'same processes' "$before" "$(cat "$REPO"/var/run/*.pid)"
  expect 'quarter ran once' 1 "$(wc -l <"$REPO/var/runs")"
  kill -9 "$(cut -d ' ' -f 1 "$REPO/var/run/pairing.pid")"
  tools/up "--http=$PORT" >/dev/null
  expect 'the lost one is back' 7 "$(running)"
}

down_stops_all_and_may_be_repeated() {
  tools/down >/dev/null
  expect 'down' 0 "$(running)"
  tools/down >/dev/null
}

# full_at WHAT COMMAND…: the disk is full by then; one line says so, nothing runs, and with room again
# the same start goes through.
full_at() {
  local what=$1
  shift
  refused "full disk, $what" '磁盘已满' "$@"
  expect "full disk, $what: advice" '请清理到至少 512 MiB 后重新运行 tools/up' \
    "$("$@" 2>&1 >/dev/null || true)"
  expect "full disk, $what: half a database" no "$([[ -e $REPO/var/mariadb.new ]] && echo yes || echo no)"
}

room_again() {
  echo 99999 >"$HOME_DIR/free"
  tools/up "--http=$PORT" >/dev/null
  expect "$1: all run with room again" 7 "$(running)"
  tools/down >/dev/null
}

a_full_disk_is_named_and_leaves_nothing() {
  local full="echo 3 >'$HOME_DIR/free'"
  echo 100 >"$HOME_DIR/free"
  refused 'no room to start' '至少需要 512 MiB' tools/up "--http=$PORT"
  room_again 'no room to start'

  # What the database's installer meets when the disk fills up under it.
  mv var/mariadb var/mariadb.kept
  program "$HOME_DIR/bin/mariadb-install-db" \
    "mkdir -p var/mariadb.new/mysql; $full; echo 'OS errno 28 - No space left on device' >&2; exit 1"
  full_at 'creating the database' bash -c "echo 99999 >'$HOME_DIR/free'; exec tools/up --http=$PORT"
  rm "$HOME_DIR/bin/mariadb-install-db"
  mv var/mariadb.kept var/mariadb
  room_again 'creating the database'

  # A record that cannot be written: nothing may start that nobody would find again.
  ln -s /dev/full var/run/pairing.new
  echo 3 >"$HOME_DIR/free"
  program "$HOME_DIR/bin/ninja" "$full"
  full_at 'writing a record' bash -c "echo 99999 >'$HOME_DIR/free'; exec tools/up --http=$PORT"
  cp "$HOME_DIR/bin/cmake" "$HOME_DIR/bin/ninja"
  rm var/run/pairing.new
  room_again 'writing a record'

  rm -f var/demo/done
  cp "$REPO/build/release/tools/chanyan-quarter" "$HOME_DIR/quarter"
  program "$REPO/build/release/tools/chanyan-quarter" "$full; echo '系统内部错误' >&2; exit 1"
  full_at 'in the quarter' bash -c "echo 99999 >'$HOME_DIR/free'; exec tools/up --http=$PORT"
  cp "$HOME_DIR/quarter" "$REPO/build/release/tools/chanyan-quarter"
  room_again 'in the quarter'
}

# A city's own MariaDB, by TCP with a user and a password, and its own Redis.
start_real_servers() {
  local data=$HOME_DIR/server
  DB_PORT=$(free_port)
  mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
    --skip-test-db --user="$(id -un)" >/dev/null 2>&1
  mariadbd "--defaults-file=$SOURCE/deploy/mariadb/chanyan.cnf" "--datadir=$data" "--port=$DB_PORT" \
    --bind-address=127.0.0.1 "--socket=$HOME_DIR/server.sock" "--user=$(id -un)" >/dev/null 2>&1 &
  SERVERS+=("$!")
  until sql 'DO 1' 2>/dev/null; do sleep 0.1; done
  printf 'geheim\n' >"$HOME_DIR/password"
  # What README.md tells an operator to grant.
  sql "CREATE USER chanyan@127.0.0.1 IDENTIFIED BY 'geheim'"
  sql "GRANT ALL PRIVILEGES ON \`chanyan\\_%\`.* TO chanyan@127.0.0.1"
  REDIS_PORT=$(free_port)
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir "$HOME_DIR" >/dev/null &
  SERVERS+=("$!")
  until redis-cli -p "$REDIS_PORT" ping >/dev/null 2>&1; do sleep 0.1; done
}

sql() {
  mariadb --no-defaults --socket="$HOME_DIR/server.sock" --user=root --skip-column-names --execute="$1"
}

# Everything a start may have written: which migrations ran when.
migrations() {
  local schema
  for schema in $(sql "SHOW DATABASES LIKE 'chanyan\_%'"); do
    echo "$schema"
    sql "SELECT * FROM $schema.schema_migration"
  done
}

# up_on_real_servers FILE: called from elsewhere, with the password's file as seen from there.
up_on_real_servers() {
  (cd "$HOME_DIR" && "$REPO/tools/up" "--http=$PORT" "--redis=127.0.0.1:$REDIS_PORT" \
    "--db=mysql://chanyan@127.0.0.1:$DB_PORT?password-file=$1&read-timeout=5s")
}

real_servers_are_used_as_they_are_given() {
  local before pids service command
  cp "$CHANYAN_MIGRATE" build/release/tools/chanyan-migrate
  (cd "$SOURCE" && cp -r --parents common/*/migrations services/*/migrations "$REPO/")
  start_real_servers
  refused 'no Redis there' '连不上 Redis' tools/up "--http=$PORT" --redis=127.0.0.1:1
  echo wrong >"$HOME_DIR/wrong"
  refused 'wrong password' '数据库结构升级失败' up_on_real_servers wrong
  refused 'no password file' '口令文件不存在' up_on_real_servers absent

  up_on_real_servers password >/dev/null
  expect 'services only' 5 "$(running)"
  expect 'schemas' 4 "$(sql "SHOW DATABASES LIKE 'chanyan\_%'" | wc -l)"
  for service in identity registry pairing cycle; do
    command=$(tr '\0' '\n' <"/proc/$(cut -d ' ' -f 1 "var/run/$service.pid")/cmdline")
    expect "$service: database" "--db=mysql://chanyan@127.0.0.1:$DB_PORT/chanyan_$service?password-file=$HOME_DIR/password&read-timeout=5s" "$command"
    expect "$service: Redis" "--redis=127.0.0.1:$REDIS_PORT" "$command"
    [[ $command != *geheim* ]] || expect "$service: password" 'not on the command line' "$command"
  done
  before=$(migrations)
  pids=$(cat var/run/*.pid)
  rm -f var/runs
  up_on_real_servers password >/dev/null
  expect 'real servers, again: same processes' "$pids" "$(cat var/run/*.pid)"
  expect 'real servers, again: same migrations' "$before" "$(migrations)"
  expect 'real servers, again: no quarter' no "$([[ -e var/runs ]] && echo yes || echo no)"
  tools/down >/dev/null
  expect 'real servers go on' PONG "$(redis-cli -p "$REDIS_PORT" ping)"
  sql 'DO 1'
}

make_repository
cd "$REPO"
bad_arguments_are_refused
a_taken_port_is_found_first
failures_leave_nothing
signals_leave_nothing
what_kill_9_left_is_taken_over
a_second_start_changes_nothing
down_stops_all_and_may_be_repeated
a_full_disk_is_named_and_leaves_nothing
real_servers_are_used_as_they_are_given
exit "$FAILED"

#!/usr/bin/env bash
# tools/up on a disk that fills up, and on a city's own MariaDB and Redis. CHANYAN_MIGRATE names the
# built chanyan-migrate, which works on the real server.
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/stand_ins.sh"

# full_at WHAT COMMAND…: the disk is full by then; one line says so, nothing runs, and with room again
# the same start goes through.
full_at() {
  local what=$1
  shift
  refused "full disk, $what" "磁盘已满：$REPO/var 所在分区只剩 3 MiB。请清理到至少 512 MiB 后重新运行 tools/up" "$@"
  expect "full disk, $what: half a database" no "$([[ -e $REPO/var/mariadb.new ]] && echo yes || echo no)"
}

room_again() {
  echo 99999 >"$HOME_DIR/free"
  tools/up "--http=$PORT" >/dev/null
  expect "$1: all run with room again" "$ALL" "$(running)"
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
  # And one that waits for room instead of ending, as the server does.
  program "$HOME_DIR/bin/mariadb-install-db" \
    "mkdir -p var/mariadb.new/mysql; $full; trap '' TERM; while :; do sleep 1; done"
  full_at 'waiting for room' bash -c "echo 99999 >'$HOME_DIR/free'; exec tools/up --http=$PORT"
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
  mariadb-install-db --no-defaults --force --datadir="$data" --auth-root-authentication-method=normal \
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
  printf 'geheim auch\n' >"$HOME_DIR/redis password"
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir "$HOME_DIR" \
    --requirepass 'geheim auch' >/dev/null &
  SERVERS+=("$!")
  until [[ $(redis_says) == PONG ]]; do sleep 0.1; done
}

redis_says() { REDISCLI_AUTH='geheim auch' redis-cli -p "$REDIS_PORT" ping 2>/dev/null; }

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

# up_on_real_servers FILE: called from elsewhere, with the passwords' files as seen from there.
up_on_real_servers() {
  (cd "$HOME_DIR" && "$REPO/tools/up" "--http=$PORT" \
    "--redis=127.0.0.1:$REDIS_PORT?password-file=redis%20password" \
    "--db=mysql://chanyan@127.0.0.1:$DB_PORT?password-file=$1&read-timeout=5s")
}

real_servers_are_used_as_they_are_given() {
  local before pids service command
  cp "$CHANYAN_MIGRATE" build/release/tools/chanyan-migrate
  (cd "$SOURCE" && cp -r --parents common/*/migrations services/*/migrations "$REPO/")
  start_real_servers
  refused 'no Redis there' '连不上 Redis' tools/up "--http=$PORT" --redis=127.0.0.1:1
  echo wrong >"$HOME_DIR/wrong"
  refused 'no password for Redis' '连不上 Redis' tools/up "--http=$PORT" \
    "--redis=127.0.0.1:$REDIS_PORT"
  refused 'wrong password for Redis' '连不上 Redis' tools/up "--http=$PORT" \
    "--redis=127.0.0.1:$REDIS_PORT?password-file=$HOME_DIR/wrong"
  refused 'no password file for Redis' "口令文件 $HOME_DIR/absent" tools/up "--http=$PORT" \
    "--redis=127.0.0.1:$REDIS_PORT?password-file=$HOME_DIR/absent"
  refused 'password in the address' 'password-file' tools/up "--redis=redis://:geheim@127.0.0.1:1"
  refused 'wrong password' '数据库结构升级失败' up_on_real_servers wrong
  refused 'no password file' '口令文件不存在' up_on_real_servers absent

  up_on_real_servers password >/dev/null
  expect 'services only' "${#SERVICE_NAMES[@]}" "$(running)"
  expect 'schemas' $((${#SERVICE_NAMES[@]} - 1)) "$(sql "SHOW DATABASES LIKE 'chanyan\_%'" | wc -l)"
  for service in "${SERVICE_NAMES[@]}"; do
    [[ $service != gateway ]] || continue
    command=$(tr '\0' '\n' <"/proc/$(cut -d ' ' -f 1 "var/run/$service.pid")/cmdline")
    expect "$service: database" "--db=mysql://chanyan@127.0.0.1:$DB_PORT/chanyan_$service?password-file=$HOME_DIR/password&read-timeout=5s" "$command"
    expect "$service: Redis" "--redis=127.0.0.1:$REDIS_PORT?password-file=$HOME_DIR/redis%20password" "$command"
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
  expect 'real servers go on' PONG "$(redis_says)"
  sql 'DO 1'
}

make_repository
cd "$REPO"
a_full_disk_is_named_and_leaves_nothing
real_servers_are_used_as_they_are_given
exit "$FAILED"

# shellcheck shell=bash
# The private MariaDB and Redis: unix sockets in var/run, no port, no password but the folder's
# permissions. Sourced after process.sh.

# A unix socket's path has 108 bytes with its end mark; "gateway.admin.sock" is our longest name.
MAX_SOCKET_PATH=107
SERVER_SECONDS=60

check_socket_path() {
  local longest=$RUN/gateway.admin.sock
  ((${#longest} <= MAX_SOCKET_PATH)) ||
    die "仓库路径太长（套接字路径 ${#longest} 字节，上限 $MAX_SOCKET_PATH）。请把仓库移到较短的目录。"
}

find_program() { command -v "$1" || die "找不到程序 $1。请安装：apt-get install $2"; }

mariadb_answers() {
  mariadb --no-defaults --socket="$RUN/mariadb.sock" --user=root --execute='DO 1'
}

# What an earlier start left of a database that it did not finish; it may be what fills the disk.
drop_half_database() { rm -rf "$VAR/mariadb.new"; }

# Built aside and moved, so that an interrupted start leaves no half database.
create_mariadb_files() {
  [[ -d $VAR/mariadb ]] && return 0
  step "建立私有 MariaDB 数据目录"
  drop_half_database
  # --force: a machine that cannot look up its own name needs no names, the server has a socket.
  quietly mariadb-install "MariaDB 数据目录建立失败。" unless_full mariadb-install-db --no-defaults --force \
    --datadir="$VAR/mariadb.new" --auth-root-authentication-method=normal --skip-test-db \
    --user="$(id -un)"
  mv "$VAR/mariadb.new" "$VAR/mariadb"
}

# More of them, for a server with a purpose of its own.
MARIADB_ARGUMENTS=()

start_mariadb() {
  local program command mark
  create_mariadb_files
  program=$(find_program mariadbd mariadb-server-core)
  # A server that starts empties its folder for temporary tables, whosever they are.
  mkdir -p "$VAR/mariadb.tmp"
  command=("$program" "--defaults-file=$ROOT/deploy/mariadb/chanyan.cnf" "--datadir=$VAR/mariadb"
    "--tmpdir=$VAR/mariadb.tmp"
    "--socket=$RUN/mariadb.sock" "--pid-file=$VAR/mariadb/mariadbd.pid" --skip-networking
    "--user=$(id -un)" --innodb-buffer-pool-size=256M --max-connections=400
    "${MARIADB_ARGUMENTS[@]}")
  mark=$(fingerprint "${command[@]}")
  if is_running mariadb && same_fingerprint mariadb "$mark" && mariadb_answers 2>/dev/null; then
    return 0
  fi
  step "启动私有 MariaDB"
  stop mariadb
  rm -f "$RUN/mariadb.sock"
  start mariadb "$mark" "${command[@]}"
  wait_until mariadb "$SERVER_SECONDS" mariadb_answers
}

redis_answers() { [[ $(redis-cli -s "$RUN/redis.sock" ping) == PONG ]]; }

start_redis() {
  local program command mark
  program=$(find_program redis-server redis-server)
  mkdir -p "$VAR/redis"
  command=("$program" --port 0 --unixsocket "$RUN/redis.sock" --unixsocketperm 600 --save ''
    --appendonly no --dir "$VAR/redis" --maxmemory 128mb --maxmemory-policy allkeys-lru)
  mark=$(fingerprint "${command[@]}")
  is_running redis && same_fingerprint redis "$mark" && redis_answers 2>/dev/null && return 0
  step "启动私有 Redis"
  stop redis
  start redis "$mark" "${command[@]}"
  wait_until redis "$SERVER_SECONDS" redis_answers
}

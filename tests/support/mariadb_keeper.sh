#!/bin/sh
# Runs one MariaDB for all test programs that hold DIR/users.lock, and ends it when nobody has held
# it for a while. Started by test_database.cc, which holds DIR/start.lock meanwhile.
#   mariadb_keeper.sh DIR
set -eu

dir=$1
idle_seconds=5
user=$(id -un)
cd "$dir"

# In memory if there is room: MariaDB syncs its log of table definitions at every CREATE and DROP,
# which no setting turns off and which costs a test on a disk a tenth of a second.
data=$dir/data
memory=/dev/shm/chanyan-test-$(id -u)-$(printf %s "$dir" | cksum | cut -d' ' -f1)
needed_kib=$((1024 * 1024))
if [ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -ge $needed_kib ] 2>/dev/null &&
  mkdir -p "$memory"; then
  data=$memory/data
fi

# A fresh data directory each time: what a killed test left is gone. The empty one is made once.
if [ ! -e pristine/done ]; then
  rm -rf pristine
  mariadb-install-db --no-defaults --force --user="$user" --datadir="$dir/pristine" \
    --auth-root-authentication-method=normal --skip-test-db \
    --innodb-log-file-size=16M --innodb-flush-method=nosync >install.log 2>&1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout key.pem -out ca.pem >>install.log 2>&1
  touch pristine/done
fi
# A server that starts empties its folder for temporary tables, whosever they are: each has its own.
temporary=$(dirname "$data")/tmp
rm -rf "$data" "$temporary" mariadb.sock
mkdir -p "$temporary"
cp -a pristine "$data"

# Speed before durability: the data lives no longer than the tests.
mariadbd --no-defaults --user="$user" --datadir="$data" --socket="$dir/mariadb.sock" \
  --tmpdir="$temporary" --pid-file="$dir/mariadb.pid" --skip-networking --skip-log-bin --skip-name-resolve \
  --innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 \
  --innodb-log-file-size=16M --innodb-file-per-table=0 --innodb-fast-shutdown=2 \
  --innodb-buffer-pool-size=256M --performance-schema=OFF --sync-frm=0 --max-connections=600 \
  --ssl-cert="$dir/ca.pem" --ssl-key="$dir/key.pem" \
  --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
  >server.log 2>&1 &
server=$!
trap 'kill -KILL $server 2>/dev/null || true; wait $server 2>/dev/null || true
  rm -rf "$data" "$temporary" "$memory" mariadb.sock' EXIT
trap 'exit 1' HUP INT TERM

idle=0
while kill -0 $server 2>/dev/null; do
  sleep 1
  if flock -n -x users.lock true; then
    idle=$((idle + 1))
  else
    idle=0
  fi
  if [ $idle -ge $idle_seconds ]; then
    # Nobody starts, and nobody uses, while it goes.
    exec 9>start.lock 8>users.lock
    flock 9
    if flock -n -x 8; then
      exit 0
    fi
    exec 9>&- 8>&-
    idle=0
  fi
done

#!/usr/bin/env bash
# tools/up --fresh on a real MariaDB: what goes, what stays, and what an unlucky one leaves.
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/stand_ins.sh"

sql() { mariadb --no-defaults --socket="$REPO/var/run/mariadb.sock" --user=root --skip-column-names --execute="$1"; }
kept() { sql "SHOW DATABASES LIKE 'kept'"; }
runs() { wc -l <"$REPO/var/runs"; }

fresh_starts_over() {
  local before
  rm -f var/runs var/demo/done
  tools/up "--http=$PORT" >/dev/null
  sql 'CREATE DATABASE kept'
  mkdir -p var/secrets
  echo k1 >var/secrets/cycle.keys
  echo old >var/secrets/cycle.secret
  echo '[]' >var/accounts.json
  before=$(cat var/run/*.pid)
  # What cannot be built takes nothing away.
  refused_beside_all 'fresh, build fails' '构建失败' env FAKE_NINJA=1 tools/up --fresh "--http=$PORT"
  expect 'fresh, build fails: data' kept "$(kept)"
  expect 'fresh, build fails: the same run' "$before" "$(cat var/run/*.pid)"

  tools/up --fresh "--http=$PORT" >/dev/null
  expect 'fresh: all run' "$ALL" "$(running)"
  [[ -z $(kept) ]] || expect 'fresh' 'no data' "$(kept)"
  expect 'fresh: the quarter once more' 2 "$(runs)"
  expect 'fresh: accounts' no "$([[ -e var/accounts.json ]] && echo yes || echo no)"
  expect 'fresh: secrets' no "$([[ -e var/secrets/cycle.secret ]] && echo yes || echo no)"
  expect 'fresh: data keys' k1 "$(<var/secrets/cycle.keys)"
  [[ $before != "$(cat var/run/*.pid)" ]] || expect 'fresh' 'other processes' 'the same'

  sql 'CREATE DATABASE kept'
  refused 'fresh, a service dies' 'cycle cannot' env FAKE_DIES=cycle tools/up --fresh "--http=$PORT"
  tools/up "--http=$PORT" >/dev/null
  expect 'after a fresh start that failed: all run' "$ALL" "$(running)"
  [[ -z $(kept) ]] || expect 'after a fresh start that failed' 'no data' "$(kept)"
  tools/down >/dev/null
}

# refused_beside_all: as refused, but what ran before runs on.
refused_beside_all() {
  local what=$1 words=$2 output result=0
  shift 2
  output=$("$@" 2>&1 >/dev/null) || result=$?
  expect "$what: exit code" 1 "$result"
  expect "$what: message" "$words" "$output"
  expect "$what: still running" "$ALL" "$(running)"
}

sizes_are_not_mixed() {
  tools/up "--http=$PORT" >/dev/null
  refused_beside_all 'another size' '换规模请同时加 --fresh' tools/up --size=city "--http=$PORT"
  refused_beside_all 'a size that is none' '不认识的参数 --size=huge' tools/up --size=huge "--http=$PORT"
  refused_beside_all 'another city of city size' '临沂演示只有一种规模' tools/up --city=linyi --size=city
  rm -f var/seeds
  tools/up --fresh --size=city "--http=$PORT" >/dev/null
  expect 'city size' '--size city' "$(<var/seeds)"
  rm -f var/demo/done
  tools/up "--http=$PORT" >/dev/null
  expect 'city size, again' 2 "$(grep -c -e '--size city' var/seeds)"
  refused_beside_all 'back to the small one' '换规模请同时加 --fresh' tools/up --size=demo "--http=$PORT"
  tools/down >/dev/null
}

make_repository
cd "$REPO"
fresh_starts_over
sizes_are_not_mixed
exit "$FAILED"

# shellcheck shell=bash
# The demonstrations: Qingdao's with the main job on it, Linyi's with its cooperation. Sourced after suite.sh.

QUARTER=2025q2
DEMO=$VAR/demo
ACCOUNTS=$VAR/accounts.json
# What --size asked for; empty: as it is, demo at first.
WANTED_SIZE=

# Data of one size stay so until --fresh: a quarter of the other would be walked over them.
choose_size() {
  SIZE=demo
  [[ ! -s $DEMO/size || $FRESH == 1 ]] || SIZE=$(<"$DEMO/size")
  [[ -n $WANTED_SIZE ]] || return 0
  [[ $CITY != linyi || $WANTED_SIZE == demo ]] || die "临沂演示只有一种规模。请去掉 --size。"
  [[ $WANTED_SIZE == "$SIZE" || ! -d $DEMO || $FRESH == 1 ]] ||
    die "var/ 下已是 $SIZE 规模的数据。换规模请同时加 --fresh，从头再来。"
  SIZE=$WANTED_SIZE
}

# What the demonstration was made of; if it is the same as last time there is nothing to do.
demo_mark() {
  {
    echo "$DB_URL $SIZE"
    stat -L -c '%n %s %Y' "$BUILD/tools/chanyan-seed" "$BUILD/tools/chanyan-quarter"
    find "$ROOT/deploy/demo" -type f -printf '%p %s %T@\n' | sort
  } | sha256sum
}

# No quarterly forms there: lists, intents, cooperation and the work list of units.
run_linyi() {
  step "生成演示数据（临沂；其中平台和企业为虚构并标注演示）"
  quietly seed "演示数据生成失败。" "$BUILD/tools/chanyan-seed" "--data=$ROOT/deploy/demo/linyi" --tables "--out=$DEMO/in"
  step "载入临沂演示数据（日志 ${LOG#"$ROOT"/}/records.log）"
  mkdir -p "$DEMO/out"
  unless_full "$BUILD/tools/chanyan-quarter" records "--gateway=http://$HTTP_ADDRESS" "--accounts=$ACCOUNTS" \
    "--in=$DEMO/in" "--out=$DEMO/out" 2>&1 >"$DEMO/summary.txt.new" | tee "$LOG/records.log" ||
    give_up "演示数据没有载入：$(last_line "$LOG/records.log")（见 ${LOG#"$ROOT"/}/records.log）。请按提示处理后重新运行 tools/up --city=linyi。"
  mv "$DEMO/summary.txt.new" "$DEMO/summary.txt"
}

run_demo() {
  local mark
  mark=$(demo_mark)
  [[ -f $DEMO/done && $(<"$DEMO/done") == "$mark" ]] && return 0
  mkdir -p "$DEMO"
  rm -f "$DEMO/done"
  printf '%s\n' "$SIZE" >"$DEMO/size"
  if [[ $CITY == linyi ]]; then
    run_linyi
    printf '%s\n' "$mark" >"$DEMO/done"
    return 0
  fi
  step "生成演示数据（青岛；其中企业为虚构并标注演示）"
  quietly seed "演示数据生成失败。" "$ROOT/tools/seed" --size "$SIZE" --out "$DEMO/in"
  step "跑完一个季度：$QUARTER（日志 var/log/quarter.log）"
  # Progress comes on stderr, what was made on stdout.
  unless_full "$ROOT/tools/quarter" "$QUARTER" --gateway "http://$HTTP_ADDRESS" --in "$DEMO/in" \
    --out "$DEMO/out" 2>&1 >"$DEMO/summary.txt.new" | tee "$LOG/quarter.log" ||
    give_up "季度流程没有完成：$(last_line "$LOG/quarter.log")（见 var/log/quarter.log）。请按提示处理后重新运行 tools/up。"
  mv "$DEMO/summary.txt.new" "$DEMO/summary.txt"
  printf '%s\n' "$mark" >"$DEMO/done"
}

print_accounts() {
  python3 - "$ACCOUNTS" "${ACCOUNTS#"$ROOT"/}" <<'PY'
import json, sys
accounts = json.load(open(sys.argv[1], encoding="utf-8"))
rows = accounts["accounts"] if isinstance(accounts, dict) else accounts
SHOWN = 12
for row in rows[:SHOWN]:
    print(f'    {row["login"]:<28} {row["password"]:<24} {row.get("title", "")}')
if len(rows) > SHOWN:
    print(f"    …… 共 {len(rows)} 个，全部在 {sys.argv[2]}")
PY
}

print_result() {
  say ''
  if [[ $CITY == linyi ]]; then say "临沂演示数据："; else say "本季度产出（var/demo/out）："; fi
  sed 's/^/    /' "$DEMO/summary.txt"
  say "网址：http://$HTTP_ADDRESS/"
  if [[ -s $ACCOUNTS ]]; then
    say "演示账号（登录名、口令；口令为本机随机生成）："
    print_accounts
  fi
  local again=tools/up
  [[ $CITY == qingdao ]] || again+=" --city=$CITY"
  say "停止：tools/down    从头再来：$again --fresh    日志：${LOG#"$ROOT"/}/"
}

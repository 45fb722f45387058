# shellcheck shell=bash
# Processes of ours: started apart from the terminal, found again by pid, start time and boot, so
# that a stale record never leads to a foreign process. Sourced after say.sh.
#
# Record var/run/NAME.pid: PID START_TICKS BOOT_ID FINGERPRINT

STOP_SECONDS=45

# Start time in ticks since boot; fails for a process that is gone or a zombie. The program's name,
# second field of stat, may hold blanks and brackets: cut up to the last bracket.
start_ticks() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -r -a fields <<<"${stat##*) }"
  [[ ${fields[0]} != Z ]] && echo "${fields[19]}"
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Prints the pid of NAME if it runs.
pid_of() {
  local pid ticks boot
  read -r pid ticks boot _ 2>/dev/null <"$RUN/$1.pid" || return 1
  [[ $boot == "$(boot_id)" && $(start_ticks "$pid") == "$ticks" ]] && echo "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# What NAME was started as: arguments, and size and time of the program and the files named after
# it. Another fingerprint means that a restart is due.
fingerprint() {
  {
    printf '%s\n' "$@"
    stat -L -c '%n %s %Y' "$1"
  } | sha256sum | cut -c 1-16
}

same_fingerprint() {
  local was
  read -r _ _ _ was 2>/dev/null <"$RUN/$1.pid" && [[ $was == "$2" ]]
}

# start NAME FINGERPRINT COMMAND…: the child writes its own record before it becomes the program, so
# there is no moment in which it runs unknown.
start() {
  local name=$1 mark=$2 child
  shift 2
  rm -f "$RUN/$name.pid"
  (
    pid=$BASHPID
    # Without a record nobody would find it again: then it does not start.
    { printf '%s %s %s %s\n' "$pid" "$(start_ticks "$pid")" "$(boot_id)" "$mark" >"$RUN/$name.new" &&
      mv "$RUN/$name.new" "$RUN/$name.pid"; } 2>/dev/null || exit 1
    exec setsid "$@" </dev/null >>"$LOG/$name.log" 2>&1 9>&- 7>&-
  ) &
  child=$!
  disown
  until [[ -e $RUN/$name.pid ]]; do
    kill -0 "$child" 2>/dev/null || [[ -e $RUN/$name.pid ]] ||
      give_up "$name 不能启动：写不了 var/run/$name.pid。请检查磁盘和权限后重新运行 tools/up。"
    sleep 0.01
  done
}

# Ends all of the named: SIGTERM, up to STOP_SECONDS for a graceful end, then SIGKILL.
stop() {
  local name pid deadline=$((SECONDS + STOP_SECONDS))
  for name in "$@"; do
    if pid=$(pid_of "$name"); then kill -TERM "$pid" 2>/dev/null || true; fi
  done
  for name in "$@"; do
    while is_running "$name" && ((SECONDS < deadline)); do sleep 0.1; done
    if pid=$(pid_of "$name"); then
      say "  $name 在 $STOP_SECONDS 秒内没有结束，强制终止。"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$RUN/$name.pid" "$RUN/$name.sock" "$RUN/$name.admin.sock"
  done
}

# wait_until NAME SECONDS COMMAND…: until COMMAND succeeds; ends if NAME dies or time runs out.
wait_until() {
  local name=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    is_running "$name" ||
      give_up "$name 启动后退出：$(last_line "$LOG/$name.log")（见 var/log/$name.log）。请按日志处理后重新运行 tools/up。"
    ((SECONDS < deadline)) ||
      give_up "$name 没有按时就绪：$(last_line "$LOG/$name.log")（见 var/log/$name.log）。请按日志处理后重新运行 tools/up。"
    sleep 0.1
  done
}

# shellcheck shell=bash
# Where things are, and how the tools speak to the person at the keyboard: sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VAR=$ROOT/var
RUN=$VAR/run
LOG=$VAR/log
# Chinese text is cut by characters, and servers are found for users without sbin in their path.
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*"; }

step() { printf '[%4d 秒] %s\n' "$SECONDS" "$*"; }

# One line that says what is wrong and what to do, then the end; the traps clean up.
die() {
  printf '错误：%s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in var/log/NAME.log; if it fails, says so with its last words.
quietly() {
  local name=$1 hint=$2
  shift 2
  if ! "$@" >"$LOG/$name.log" 2>&1; then
    die "${hint}输出末行：$(last_line "$LOG/$name.log")（全文见 var/log/$name.log）"
  fi
}

# The last words of a log; of a line in JSON without the time and the service, which say nothing new.
last_line() {
  local line
  line=$(grep -v '^[[:space:]]*$' "$1" 2>/dev/null | tail -n 1) || true
  [[ $line != *'"message":'* ]] || line=${line#*'"message":'} line=${line%\}}
  echo "${line:0:300}"
}

# The folders under var/; only their owner may look inside: sockets and secrets are there.
make_var() {
  if ! { mkdir -p "$VAR" && chmod 0700 "$VAR"; } 2>/dev/null; then
    die "不能写 $VAR。请把仓库放在当前用户可写的目录，或用 root 运行。"
  fi
  mkdir -p "$RUN" "$LOG" "$VAR/stamps"
}

# One tools/up or tools/down at a time; the lock goes with the process, however it ends.
lock_var() {
  exec 9>"$VAR/lock"
  flock -w "$1" 9 || die "另一个 tools/up 或 tools/down 正在运行。请等它结束，或在它的窗口按 Ctrl-C。"
}

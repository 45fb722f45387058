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

# What a start needs; and below this a disk is as good as full.
NEXT_START_MIB=512
LOW_DISK_MIB=64
# Below this nothing is written any more.
FULL_DISK_MIB=8
# Exit code after an error that was said. A script that says all others itself sets one of its own.
SAID=1

# One line that says what is wrong and what to do, then the end; the traps clean up.
die() {
  printf '错误：%s\n' "$*" >&2
  exit "$SAID"
}

# MiB free on the disk of a folder; nothing if that cannot be asked.
free_mib() { df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# As die, for work that did not come to its end: on a full disk that is the reason, whatever the
# log says, and the log may be cut short by it.
give_up() {
  local folder free
  for folder in "$VAR" "$ROOT"; do
    free=$(free_mib "$folder") || true
    [[ -z $free ]] || ((free >= LOW_DISK_MIB)) ||
      die "磁盘已满：$folder 所在分区只剩 $free MiB。请清理到至少 $NEXT_START_MIB MiB 后重新运行 tools/up，已完成的部分不会重做。"
  done
  die "$*"
}

# Runs a program, and ends it with all that it started on a full disk: there MariaDB waits without end
# for somebody to make room, and whoever waits for MariaDB waits with it.
unless_full() (
  # A signal between the start and the next line would find nothing to end.
  stopped=0
  trap 'stopped=1' INT TERM HUP
  setsid "$@" 9>&- 7>&- &
  program=$!
  # Whether the group is gone within three seconds.
  gone() {
    local _
    for _ in {1..30}; do
      kill -0 -- "-$program" || return 0
      sleep 0.1
    done
    return 1
  } 2>/dev/null
  end() {
    # Whoever asks may ask again.
    trap '' INT TERM HUP
    # Before setsid there is no group yet.
    kill -TERM -- "-$program" || kill -TERM "$program" || return 0
    gone || kill -KILL -- "-$program" || true
  } 2>/dev/null
  (
    until free=$(free_mib "$VAR") && ((free < FULL_DISK_MIB)); do sleep 1; done
    end
  ) </dev/null >/dev/null 2>&1 9>&- 7>&- &
  watcher=$!
  trap 'kill "$watcher" 2>/dev/null || true' EXIT
  trap 'end; exit 143' INT TERM HUP
  if ((stopped == 1)); then
    end
    exit 143
  fi
  result=0
  wait "$program" || result=$?
  # What waits for room does not end when it is asked to.
  gone || end
  exit "$result"
)

# Runs a command with its output in var/log/NAME.log; if it fails, says so with its last words.
quietly() {
  local name=$1 hint=$2
  shift 2
  # In a subshell, so that a trap that goes off meanwhile still speaks to the terminal; it lives as long
  # as the command does.
  if ! (
    trap : INT TERM HUP
    "$@"
  ) >"$LOG/$name.log" 2>&1; then
    give_up "${hint}输出末行：$(last_line "$LOG/$name.log")（全文见 var/log/$name.log）"
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
  mkdir -p "$RUN" "$LOG" "$VAR/stamps" 2>/dev/null ||
    give_up "不能在 $VAR 下建立目录。请检查磁盘和权限后重试。"
}

# One tools/up or tools/down at a time; the lock goes with the process, however it ends.
lock_var() {
  exec 9>"$VAR/lock"
  flock -w "$1" 9 || die "另一个 tools/up 或 tools/down 正在运行。请等它结束，或在它的窗口按 Ctrl-C。"
}

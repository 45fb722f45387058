#!/usr/bin/env bash
# tools/up on a disk of its own that is filled to the last byte, where one may be mounted.
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/stand_ins.sh"

MOUNTED=0
# shellcheck disable=SC2317  # called by the trap
unmount() {
  "$REPO/tools/down" >/dev/null 2>&1 || true
  ((MOUNTED == 0)) || umount -l "$REPO/var"
  clean
}
trap unmount EXIT

# var/ as a disk of its own, which is filled to the last byte.
a_disk_that_is_really_full_is_named() {
  local full="磁盘已满：$REPO/var 所在分区只剩" quarter=build/release/tools/chanyan-quarter
  rm -rf var && mkdir var
  if ! mount -t tmpfs -o size=900m chanyan-test var 2>/dev/null; then
    echo '略过：本机不允许挂载 tmpfs，没有在真正写满的磁盘上试'
    return 0
  fi
  MOUNTED=1
  rm "$HOME_DIR/bin/df"
  fallocate -l 500M var/filler
  refused 'real disk, no room to start' "磁盘空间不足：$REPO/var 所在分区剩余" tools/up "--http=$PORT"
  rm var/filler

  cp "$quarter" "$HOME_DIR/quarter"
  program "$quarter" "dd if=/dev/zero of=var/filler bs=1M 2>/dev/null; echo '系统内部错误' >&2; exit 1"
  refused 'real disk, filled in the quarter' "$full" tools/up "--http=$PORT"
  rm -f var/filler
  # One that waits for room, as whoever asks MariaDB for something does then.
  program "$quarter" 'dd if=/dev/zero of=var/filler bs=1M 2>/dev/null; sleep 600'
  refused 'real disk, waiting for room' "$full" tools/up "--http=$PORT"
  rm -f var/filler
  cp "$HOME_DIR/quarter" "$quarter"
  tools/up "--http=$PORT" >/dev/null || expect 'real disk, with room again' started 'refused'
  expect 'real disk, with room again: all run' "$ALL" "$(running)"
  tools/down >/dev/null
}

make_repository
cd "$REPO"
a_disk_that_is_really_full_is_named
exit "$FAILED"

#!/usr/bin/env bash
# tools/up where a package is missing and apt or sudo does not help.
set -euo pipefail
# shellcheck source=/dev/null
source "$(dirname "$0")/stand_ins.sh"

# One package looks absent as long as $HOME_DIR/missing is there; apt-get does what $HOME_DIR/apt says
# and writes down what it was asked.
stand_in_for_apt() {
  program "$HOME_DIR/bin/dpkg-query" "[ -e '$HOME_DIR/missing' ] || exec /usr/bin/dpkg-query \"\$@\"
    /usr/bin/dpkg-query \"\$@\" | grep -v ' ccache'"
  program "$HOME_DIR/bin/apt-get" "echo \"\$1 \$(test -e '$HOME_DIR/policy-rc.d' && echo quiet)\" >>'$HOME_DIR/asked'
    case \"\$1 \$(cat '$HOME_DIR/apt')\" in
      'update update fails') echo 'E: Failed to fetch http://deb.debian.org'; exit 100 ;;
      'install install fails') echo 'E: Unable to locate package ccache'; exit 100 ;;
      'install works') rm -f '$HOME_DIR/missing' ;;
    esac"
  # That of the machine is left alone.
  sed -i "s|/usr/sbin/policy-rc.d|$HOME_DIR/policy-rc.d|" "$REPO/tools/lib/setup.sh"
}

# shellcheck disable=SC2317  # called by `refused`
# As somebody who is not root; sudo is there if $HOME_DIR/bin has one.
as_nobody() {
  local path=$HOME_DIR/bin:/usr/bin result=0
  if [[ -x /usr/bin/sudo ]]; then
    mkdir -p "$HOME_DIR/no-sudo"
    ln -sf /usr/bin/* "$HOME_DIR/no-sudo/"
    rm "$HOME_DIR/no-sudo/sudo"
    path=$HOME_DIR/bin:$HOME_DIR/no-sudo
  fi
  if ((EUID != 0)); then
    PATH=$path "$@"
    return
  fi
  chmod 0755 "$HOME_DIR"
  chown -R nobody "$HOME_DIR"
  setpriv --reuid=nobody --regid=nogroup --clear-groups env "PATH=$path" "$@" || result=$?
  chown -R "$(id -un)" "$HOME_DIR"
  return "$result"
}

a_missing_package_is_named() {
  stand_in_for_apt
  : >"$HOME_DIR/missing"
  echo 'update fails' >"$HOME_DIR/apt"
  refused 'no network' 'apt-get update 失败，请检查软件源和网络。输出末行：E: Failed to fetch' \
    tools/up "--http=$PORT"
  echo 'install fails' >"$HOME_DIR/apt"
  refused 'not to be had' '软件包安装失败，请按日志处理后重新运行。输出末行：E: Unable to locate package ccache' \
    tools/up "--http=$PORT"
  expect 'not to be had: services stay off meanwhile' 'install quiet' "$(<"$HOME_DIR/asked")"
  expect 'not to be had: and may start again' no "$([[ -e $HOME_DIR/policy-rc.d ]] && echo yes || echo no)"
  echo 'does nothing' >"$HOME_DIR/apt"
  refused 'still absent' '软件包仍然缺少：ccache。请手工安装：apt-get install ccache' tools/up "--http=$PORT"
  rm "$HOME_DIR/asked"
  refused 'no sudo' '缺少软件包 ccache，安装需要 root 权限。请用 root 运行，或先安装并配置 sudo。' \
    as_nobody tools/up "--http=$PORT"
  expect 'no sudo: apt' no "$([[ -e $HOME_DIR/asked ]] && echo yes || echo no)"
  # shellcheck disable=SC2016  # expanded by the program
  program "$HOME_DIR/bin/sudo" 'echo "sudo: a password is required"; exit 1'
  refused 'sudo does not let in' 'apt-get update 失败，请检查软件源和网络。输出末行：sudo: a password is required' \
    as_nobody tools/up "--http=$PORT"
  rm "$HOME_DIR/bin/sudo"
  echo works >"$HOME_DIR/apt"
  tools/up "--http=$PORT" >/dev/null || expect 'a package that can be had' installed 'refused'
  expect 'a package that can be had: all run' "$ALL" "$(running)"
  tools/up "--http=$PORT" >/dev/null
  expect 'and is not asked for again' 1 "$(grep -c install "$HOME_DIR/asked")"
}

make_repository
cd "$REPO"
a_missing_package_is_named
exit "$FAILED"

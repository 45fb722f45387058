# shellcheck shell=bash
# From a bare Debian 12 to built programs: packages, npm, CMake. Each step looks first and does
# nothing if nothing is missing. Sourced after say.sh.

# What a first build with its packages needs.
FIRST_BUILD_MIB=6144

require_disk() {
  local folder=$1 need=$2 free
  free=$(free_mib "$folder")
  ((free >= need)) ||
    die "磁盘空间不足：$folder 所在分区剩余 $free MiB，至少需要 $need MiB。请清理后重试。"
}

# var/ may be a disk of its own.
check_disk() {
  local need=$NEXT_START_MIB
  [[ -x $ROOT/build/release/services/chanyan-gateway ]] || need=$FIRST_BUILD_MIB
  require_disk "$ROOT" "$need"
  require_disk "$VAR" "$NEXT_START_MIB"
}

# Lists of packages under tools/; tools/test adds to it.
PACKAGE_LISTS=(packages)

missing_packages() {
  local wanted installed
  wanted=$(cd "$ROOT/tools" && sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "${PACKAGE_LISTS[@]}")
  # Node.js from elsewhere replaces both of Debian's packages.
  if command -v node >/dev/null && command -v npm >/dev/null; then
    wanted=$(grep -vxE 'nodejs|npm' <<<"$wanted")
  fi
  # Beside the LibreOffice of a desktop the packages without one cannot be: its own are as good.
  if dpkg-query -W -f '${db:Status-Abbrev}' libreoffice-core 2>/dev/null | grep -q '^ii'; then
    wanted=$(sed -E 's/^(libreoffice-.*)-nogui$/\1/' <<<"$wanted")
  fi
  # shellcheck disable=SC2086  # one word a package
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' $wanted 2>/dev/null |
    sed -nE 's/^ii +([^:]+)(:.*)?$/\1/p') || true
  comm -23 <(sort -u <<<"$wanted") <(sort -u <<<"$installed")
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# Installed servers would start on their own ports; we want the programs only.
without_service_start() {
  local policy=/usr/sbin/policy-rc.d ours=0 result=0
  if [[ ! -e $policy ]]; then
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 0755 $policy" && ours=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive "$@" || result=$?
  ((ours == 0)) || as_root rm -f "$policy"
  return "$result"
}

install_packages() {
  local missing
  command -v dpkg-query >/dev/null || die "本工具只支持 Debian 12（bookworm）。请在 Debian 12 上运行。"
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  # Said here, for what is said while apt runs goes to its log.
  ((EUID == 0)) || command -v sudo >/dev/null ||
    die "缺少软件包 ${missing//$'\n'/ }，安装需要 root 权限。请用 root 运行，或先安装并配置 sudo。"
  step "安装 $(wc -l <<<"$missing") 个软件包（日志 var/log/apt.log）"
  quietly apt-update "apt-get update 失败，请检查软件源和网络。" as_root apt-get update
  # shellcheck disable=SC2086  # one word a package
  quietly apt "软件包安装失败，请按日志处理后重新运行。" without_service_start \
    apt-get install -y --no-install-recommends $missing
  missing=$(missing_packages)
  [[ -z $missing ]] || die "软件包仍然缺少：${missing//$'\n'/ }。请手工安装：apt-get install ${missing//$'\n'/ }"
}

# npm empties node_modules first, so the stamp is only there after a whole run.
install_node_modules() {
  local folder=$1 stamp sum
  stamp=$VAR/stamps/npm-$folder
  sum=$(sha256sum <"$ROOT/$folder/package-lock.json")
  [[ -d $ROOT/$folder/node_modules && -f $stamp && $(<"$stamp") == "$sum" ]] && return 0
  step "安装 $folder 的 npm 依赖"
  rm -f "$stamp"
  quietly "npm-$folder" "npm ci 失败，请检查网络或 npm 镜像设置（npm config set registry …）。" \
    npm ci --no-audit --no-fund --prefix "$ROOT/$folder"
  printf '%s\n' "$sum" >"$stamp"
}

# A cache of another folder (the repository was moved or copied) is of no use.
configure() {
  local preset=$1 build=$ROOT/build/$1
  if [[ -f $build/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$build/CMakeCache.txt"; then
    rm -rf "$build"
  fi
  [[ -f $build/build.ninja ]] && return 0
  step "配置构建（$preset；首次构建需要较长时间，之后只编译改动）"
  (cd "$ROOT" && quietly "cmake-$preset" "CMake 配置失败。" cmake --preset "$preset")
}

# Compilers of gRPC code want about 1.5 GiB each: as many at once as cores and memory allow.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 1024 / 1536) }' /proc/meminfo)
  ((memory > 0)) || memory=1
  echo $((cores < memory ? cores : memory))
}

# build PRESET [TARGET…]: ninja shows its own progress.
build() {
  local preset=$1
  shift
  configure "$preset"
  step "构建（$preset）"
  NINJA_STATUS='  [%f/%t] ' ninja -C "$ROOT/build/$preset" -j"$(build_jobs)" "$@" 9>&- 7>&- ||
    give_up "构建失败。请按上面的编译错误修改后重新运行。"
}

set_up() {
  make_var
  check_disk
  install_packages
  install_node_modules proto
}

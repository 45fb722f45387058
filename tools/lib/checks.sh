# shellcheck shell=bash
# The checks of tools/check, one function each: prints what is wrong and where, and fails. Run in the
# repository's root with `set -e` off. Sourced after setup.sh.

# Root in a container reads a clone of another owner.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$ROOT
BUF=$ROOT/proto/node_modules/@bufbuild/buf-linux-x64/bin/buf
# clang-tidy takes 5 to 20 s a file. It begins none later than so many seconds after the first: 12
# minutes in CI, whose whole run has 45; people wait as long as it takes, or as long as they say.
TIDY_SECONDS_IN_CI=720

in_ci() { [[ -n ${CI-} ]]; }

# Files of the project, also those not yet added, that are there and match.
files() {
  git ls-files --cached --others --exclude-standard --deduplicate -- "$@" |
    while read -r file; do [[ ! -f $file ]] || echo "$file"; done
}

# once NAME FOLDER COMMAND…: not again while the folder's files are as in the last clean run.
once() {
  local stamp=$VAR/stamps/$1 sum
  sum=$(files "$2" | git hash-object --stdin-paths | sha256sum)
  shift 2
  [[ -f $stamp && $(<"$stamp") == "$sum" ]] && return 0
  "$@" || return 1
  echo "$sum" >"$stamp"
}

# The commit to compare with: where we left origin/main, or the commit before; empty if there is
# none.
base_commit() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null)
  if [[ -z $base || ($base == "$(git rev-parse HEAD)" && -z $(git status --porcelain)) ]]; then
    base=$(git rev-parse --verify --quiet HEAD~1)
  fi
  echo "$base"
}

# Formats what has moved since the last clean run; then asks whether anything changed.
check_format() {
  local stamp=$VAR/stamps/format list before after
  list=$(files '*.cc' '*.h')
  if [[ -f $stamp && $stamp -nt .clang-format ]]; then
    list=$(while read -r file; do [[ $file -ot $stamp ]] || echo "$file"; done <<<"$list")
  fi
  [[ -n $list ]] || return 0
  before=$(tr '\n' '\0' <<<"$list" | xargs -0 sha256sum)
  tr '\n' '\0' <<<"$list" | xargs -0 -n 16 -P "$(nproc)" clang-format -i --style=file || return 1
  after=$(tr '\n' '\0' <<<"$list" | xargs -0 sha256sum)
  touch "$stamp"
  [[ $before != "$after" ]] || return 0
  echo '下列文件排版不合，已就地改好，请提交：'
  comm -13 <(sort <<<"$before") <(sort <<<"$after") | cut -c 67-
  ! in_ci
}

check_shell() {
  local list
  list=$(
    files '*.sh'
    files tools .ci deploy tests | while read -r file; do
      [[ $file == *.* && $file != .ci/* ]] || ! head -n 1 "$file" | grep -qa '^#!.*\bbash$' || echo "$file"
    done
  )
  tr '\n' '\0' <<<"$list" | xargs -0 shellcheck
}

# Brackets keep the pattern from finding itself.
check_paths() {
  ! git grep -nIE '(^|[^[:alnum:]_.])(/[w]ork/|/[f]arm/|/[r]oot/|/[h]ome/[a-z]|/tmp/[a-z_]*[j]obs)' -- \
    ':!*package-lock.json'
}

check_includes() {
  local rule failed=0
  for rule in includes hiding; do
    files '*.cc' '*.h' | xargs -d '\n' python3 "tools/lib/check_$rule.py" || failed=1
  done
  return "$failed"
}

buf_lint() { (cd proto && "$BUF" lint); }

check_proto_lint() { once lint proto buf_lint; }

# Builds the proto tree of a commit beside the imports of today.
check_breaking() {
  local base folder result=0 imports=proto/node_modules/google-proto-files/google
  base=$(base_commit)
  if [[ -z $base ]] || ! git cat-file -e "$base:proto/buf.yaml" 2>/dev/null; then
    echo '没有可比较的提交（首个提交或浅克隆），本项略过。'
    return 0
  fi
  [[ -n $(git diff --name-only "$base" -- 'proto/*.proto') ]] || return 0
  folder=$(mktemp -d)
  git archive "$base" proto | tar -x -C "$folder" || return 1
  mkdir -p "$folder/$imports"
  cp -r "$imports"/{api,rpc,type} "$folder/$imports/"
  cp proto/buf.yaml "$folder/proto/"
  (cd proto && "$BUF" breaking --against "$folder/proto") || result=1
  rm -rf "$folder"
  return "$result"
}

check_requirements() { python3 tools/lib/check_requirements.py tests/README.md; }

# The programs of the tests that compare tables with descriptors.
schema_tests() {
  files 'tests/unit/*_test.cc' 'tests/service/*_test.cc' |
    xargs -d '\n' grep -lE '^TEST(_F)?\([A-Za-z]*Schema[A-Za-z]*, [A-Za-z]*Descriptor' |
    sed -nE 's|^tests/([a-z]+)/([a-z_]+)/.*|\1_\2_test|p' | sort -u
}

# Says of the source as it is, so what it runs is built first: tools/test goes on from there.
check_schema() {
  local targets
  mapfile -t targets < <(schema_tests)
  if ((${#targets[@]} == 0)); then
    echo '没有找到比较表结构与描述的测试（…SchemaTest.…Descriptor）。'
    return 1
  fi
  # In a subshell, because build ends with the shell when it fails.
  if ! (build release "${targets[@]}") >"$LOG/schema-build.log" 2>&1; then
    tail -n 20 "$LOG/schema-build.log"
    return 1
  fi
  if ! ctest --test-dir "$ROOT/build/release" -R 'Schema.*Descriptor' --no-tests=error \
    --output-on-failure >"$LOG/schema.log" 2>&1; then
    tail -n 40 "$LOG/schema.log"
    return 1
  fi
}

# Of files that have changed: each .cc to be read, with the changed headers that it is read for. A
# header is read through the .cc of its name, else through a changed one that includes it, else through
# the first that does, or that includes a header that does.
tidy_sources() {
  local file source candidate level seen
  local -A headers=()
  for file in "$@"; do
    [[ $file != *.cc ]] || headers[$file]=''
  done
  for file in "$@"; do
    [[ $file == *.h ]] || continue
    source=${file%.h}.cc level=$file seen=' '
    [[ -f $source ]] || source=''
    while [[ -z $source && -n $level ]]; do
      seen+="$level "
      # shellcheck disable=SC2086  # names of ours have no spaces
      for candidate in $(includers '*.cc' $level); do
        source=${source:-$candidate}
        [[ -z ${headers[$candidate]+changed} ]] || { source=$candidate && break; }
      done
      # shellcheck disable=SC2086
      level=$(for candidate in $(includers '*.h' $level); do
        [[ ${seen//$'\n'/ } == *" $candidate "* ]] || echo "$candidate"
      done)
    done
    if [[ -n $source ]]; then
      headers[$source]+=" $file"
    else
      echo "没有 .cc 包含 $file，本项没有查看它。" >&2
    fi
  done
  for source in "${!headers[@]}"; do echo "$source${headers[$source]}"; done | sort
}

# includers PATTERN HEADER…: files of the pattern that include one of them.
includers() {
  local pattern=$1 header
  shift
  files "$pattern" | xargs -d '\n' grep -lF -- "$(for header in "$@"; do echo "#include \"$header\""; done)"
}

# Files that differ from the commit, those changed last first.
newest_changes() {
  local base=$1
  {
    git diff --name-only --diff-filter=d HEAD -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
  } | sort -u | xargs -r -d '\n' ls -t
  [[ -z $base ]] || git log --format= --name-only "$base..HEAD" -- '*.cc' '*.h'
}

# Lines of tidy_sources in the order of the newest change in each.
newest_first() {
  awk 'FILENAME != "-" { if (!($0 in rank)) rank[$0] = FNR; next }
    {
      best = 1000000
      for (i = 1; i <= NF; ++i) if ($i in rank && rank[$i] < best) best = rank[$i]
      print best, $0
    }' <(newest_changes "$1") - | sort -s -n -k 1,1 | cut -d ' ' -f 2-
}

# Files that were clean with the same text and settings are not looked at again; those for which
# there was no time are named, and are first in the next run as long as nothing newer comes.
check_tidy() {
  local base list sources todo='' file headers sum failed=0 unread=$VAR/tidy/unread
  local seconds=${CHANYAN_TIDY_SECONDS-}
  [[ -n $seconds ]] || ! in_ci || seconds=$TIDY_SECONDS_IN_CI
  base=$(base_commit)
  list=$({
    [[ -z $base ]] || git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
  } | sort -u)
  mkdir -p "$VAR/stamps/tidy"
  # shellcheck disable=SC2086  # names of ours have no spaces
  sources=$(tidy_sources $list | newest_first "$base")
  while read -r file headers; do
    [[ -n $file ]] || continue
    # shellcheck disable=SC2086
    sum=$(cat "$file" $headers .clang-tidy | sha256sum | cut -c 1-32)
    [[ -f $VAR/stamps/tidy/$sum ]] || todo+="$file $sum"$'\n'
  done <<<"$sources"
  [[ -n $todo ]] || return 0
  configure release >/dev/null || return 1
  if ! ninja -C build/release chanyan_proto_objects >"$LOG/tidy-build.log" 2>&1; then
    tail -n 20 "$LOG/tidy-build.log"
    return 1
  fi
  mkdir -p "$VAR/tidy"
  python3 tools/lib/tidy_commands.py build/release >"$VAR/tidy/compile_commands.json" || return 1
  : >"$unread"
  # shellcheck disable=SC2016  # expanded by the inner shell
  COMMANDS=$VAR/tidy UNTIL=${seconds:+$((EPOCHSECONDS + seconds))} UNREAD=$unread \
    xargs -P "$(nproc)" -L 1 bash -c '
    [[ -z $UNTIL ]] || ((EPOCHSECONDS < UNTIL)) || { echo "$1" >>"$UNREAD" && exit; }
    clang-tidy -p "$COMMANDS" --quiet --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null && touch "$0/$2"' "$VAR/stamps/tidy" <<<"${todo%$'\n'}" ||
    failed=1
  if [[ -s $unread ]]; then
    echo "$seconds 秒内没有来得及查看下列 $(wc -l <"$unread") 个文件，再运行时接着看："
    cat "$unread"
  fi
  return "$failed"
}

#!/usr/bin/env bash
# What tools/check reads when headers change: a header is seen though no .cc has changed; and in
# which order, and for how long.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
home=$(mktemp -d /tmp/chanyan-check.XXXX)
trap 'rm -rf "$home"' EXIT
failed=0

expect() {
  [[ $2 == "$3" ]] && return 0
  printf 'FAILED %s: wanted "%s", got "%s"\n' "$1" "$2" "$3"
  failed=1
}

contains() {
  [[ $3 == *"$2"* ]] && return 0
  printf 'FAILED %s: wanted "%s" in "%s"\n' "$1" "$2" "$3"
  failed=1
}

# A repository with headers that are read in each of the ways there are.
mkdir -p "$home/repo/common/a" "$home/repo/tools/lib" "$home/repo/build/release" "$home/var" "$home/bin"
cd "$home/repo"
cp "$source/.clang-tidy" .
cp "$source/tools/lib/tidy_commands.py" tools/lib/
include() { for header in "$@"; do echo "#include \"common/a/$header\""; done; }
echo '#pragma once' | tee common/a/{own,other,inner,unread,loop}.h >/dev/null
include inner.h >>common/a/outer.h
include loop.h >>common/a/loop.h
include own.h >common/a/own.cc
include own.h other.h >common/a/first.cc
include other.h outer.h >common/a/second.cc
git init -q . && git config user.email a@b && git config user.name a
git add -A && git commit -qm one

# shellcheck disable=SC2034  # for what is sourced
ROOT=$PWD VAR=$home/var LOG=$home/var
# shellcheck source=/dev/null
source "$source/tools/lib/checks.sh"
set +e

expect 'by its name' 'common/a/own.cc common/a/own.h' "$(tidy_sources common/a/own.h)"
expect 'by the first that includes it' 'common/a/first.cc common/a/other.h' \
  "$(tidy_sources common/a/other.h)"
expect 'by a changed one rather' 'common/a/second.cc common/a/other.h' \
  "$(tidy_sources common/a/other.h common/a/second.cc)"
expect 'through another header' 'common/a/second.cc common/a/inner.h' \
  "$(tidy_sources common/a/inner.h)"
expect 'two at once' 'common/a/own.cc common/a/own.h
common/a/second.cc common/a/inner.h common/a/outer.h' \
  "$(tidy_sources common/a/inner.h common/a/outer.h common/a/own.h)"
expect 'a .cc alone' 'common/a/own.cc' "$(tidy_sources common/a/own.cc)"
expect 'by nobody' '' "$(tidy_sources common/a/unread.h common/a/loop.h 2>/dev/null)"
contains 'by nobody: said' 'common/a/unread.h' "$(tidy_sources common/a/unread.h 2>&1)"
expect 'nothing' '' "$(tidy_sources)"

# The real program, and stand-ins for the build.
# shellcheck disable=SC2317  # called by check_tidy
configure() { :; }
printf '#!/bin/sh\nexit 0\n' >"$home/bin/ninja"
chmod +x "$home/bin/ninja"
PATH=$home/bin:$PATH
commands=''
for file in own first second; do
  commands+="${commands:+,}{\"directory\": \"$PWD\", \"file\": \"$PWD/common/a/$file.cc\",
    \"command\": \"c++ -std=c++20 -I$PWD -c $PWD/common/a/$file.cc\"}"
done
echo "[$commands]" >build/release/compile_commands.json
echo 'build/' >.gitignore
git add -A && git commit -qm two

check_tidy >"$home/out" 2>&1
expect 'clean' '0 ' "$? $(<"$home/out")"
echo 'struct Flaw { Flaw(int n) {} };' >>common/a/inner.h
check_tidy >"$home/out" 2>&1
expect 'a flaw in a header: fails' 1 "$?"
contains 'a flaw in a header: where and what' 'common/a/inner.h:2:15: error' "$(<"$home/out")"
contains 'a flaw in a header: the check' 'google-explicit-constructor' "$(<"$home/out")"
check_tidy >"$home/out" 2>&1
expect 'it is not forgotten' 1 "$?"
git checkout -q common/a/inner.h
echo '// Better.' >>common/a/inner.h
check_tidy >"$home/out" 2>&1
expect 'mended' '0 ' "$? $(<"$home/out")"

# Without an end to its time it reads all; with one it names the rest and has forgotten nothing.
git add -A && git commit -qm three
echo '// Older.' >>common/a/own.cc && git commit -qam four
echo '// Newer.' >>common/a/first.cc && git commit -qam five
echo '// Newest.' >>common/a/outer.h
compared=$(git rev-parse HEAD~2)
expect 'the newest first' 'common/a/second.cc common/a/outer.h
common/a/first.cc
common/a/own.cc' "$(tidy_sources common/a/{own,first}.cc common/a/outer.h | newest_first "$compared")"
# shellcheck disable=SC2317  # called by check_tidy
base_commit() { echo "$compared"; }
CHANYAN_TIDY_SECONDS=0 check_tidy >"$home/out" 2>&1
expect 'no time: is no failure' 0 "$?"
contains 'no time: says so' '下列 3 个文件' "$(<"$home/out")"
for file in own first second; do
  contains 'no time: names what is left' "common/a/$file.cc" "$(<"$home/out")"
done
CHANYAN_TIDY_SECONDS=600 check_tidy >"$home/out" 2>&1
expect 'time enough' '0 ' "$? $(<"$home/out")"
CHANYAN_TIDY_SECONDS=0 check_tidy >"$home/out" 2>&1
expect 'nothing is left' '0 ' "$? $(<"$home/out")"
exit "$failed"

#!/usr/bin/env bash
# tools/taxonomies as an operator meets it: on a copy of the shipped packs.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
program=${CHANYAN_TAXONOMIES:-$source/build/release/tools/chanyan-taxonomies}
home=$(mktemp -d /tmp/chanyan-taxonomies.XXXX)
trap 'rm -rf "$home"' EXIT
cp -r "$source/deploy/policies" "$home/policies"
failed=0

# expect WHAT EXIT-CODE WORDS ARGUMENTS…: ends so, and says so.
expect() {
  local what=$1 code=$2 words=$3 output result=0
  shift 3
  output=$("$program" "--policies=$home/policies" "$@" 2>&1) || result=$?
  [[ $result == "$code" && $output == *"$words"* ]] && return 0
  printf 'FAILED %s: wanted %s and "%s", got %s and "%s"\n' "$what" "$code" "$words" "$result" "$output"
  failed=1
}

# The cells of an .xlsx are inline strings in sheets of a .zip: enough to rename one industry.
rename() {
  python3 - "$@" <<'EOF'
import shutil, sys, zipfile
path, old, new = sys.argv[1:]
with zipfile.ZipFile(path) as book:
    parts = {name: book.read(name) for name in book.namelist()}
with zipfile.ZipFile(path + '.new', 'w', zipfile.ZIP_DEFLATED) as book:
    for name, data in parts.items():
        book.writestr(name, data.replace(old.encode(), new.encode()))
shutil.move(path + '.new', path)
EOF
}

expect 'no command' 2 '用法' import
expect 'unknown flag' 2 '--verison' import "$home/a.xlsx" --verison=2
expect 'help' 0 '用法' --help
expect 'no file' 1 '无法读取' import "$home/none.xlsx" --version=2
expect 'no workbook' 1 'xlsx' import "$source/README.md" --version=2
expect 'no city' 1 'nowhere' export "$home/a.xlsx" --city=nowhere
expect 'export' 0 '已导出 4 个产业体系' export "$home/a.xlsx"
expect 'unchanged' 0 '没有改动' import "$home/a.xlsx" --version=3000.1
diff -r "$source/deploy/policies" "$home/policies" || failed=1

rename "$home/a.xlsx" 深海开发 深海资源开发
expect 'no version' 1 '请给出新的版本号' import "$home/a.xlsx"
expect 'dry run' 0 '深海资源开发' import "$home/a.xlsx" --version=3000.1 --dry-run
diff -r "$source/deploy/policies" "$home/policies" || failed=1
expect 'import' 0 '已写入 qingdao/industries.textproto' import "$home/a.xlsx" --version=3000.1
expect 'again' 0 '没有改动' import "$home/a.xlsx" --version=3000.1
changed=$({ diff -rq "$source/deploy/policies" "$home/policies" || true; } | wc -l)
[[ $changed == 1 ]] || { echo "FAILED changed files: wanted 1, got $changed"; failed=1; }
expect 'the other cities' 0 '已导出 2 个产业体系' export "$home/b.xlsx" --city=shandong
exit "$failed"

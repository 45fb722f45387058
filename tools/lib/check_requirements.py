#!/usr/bin/env python3
"""The requirement map in tests/README.md: every id has a row, and every named test exists.

A row of the map is  | POL-1 | `PackTest.BadPackIsRefused` `calendar_test.py` … | words |
A name is Suite.Test as in TEST(Suite, Test), Suite.* for a whole suite, or a file under tests/.
"""
import re
import sys
from pathlib import Path

# Area and number of its requirements.
AREAS = {"POL": 4, "REG": 10, "PAIR": 8, "CYC": 10, "TRI": 10, "CON": 10, "IDN": 4, "GW": 3,
         "OPS": 5}
# Not built yet, so that no test can stand there: web dashboards, several machines, backup and export.
NOT_YET = {("GW", 2), ("OPS", 3), ("OPS", 4)}
ROW = re.compile(r"^\|\s*([A-Z]+)-(\d+)\s*\|(.*)$")
NAME = re.compile(r"`([^`]+)`")
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
KINDS = ("unit.", "service.", "e2e.", "fault.")


def written_tests() -> set:
    names = set()
    for source in Path("tests").rglob("*.cc"):
        for suite, test in TEST.findall(source.read_text(encoding="utf-8")):
            names |= {f"{suite}.{test}", f"{suite}.*"}
    return names


def exists(name: str, tests: set) -> bool:
    for kind in KINDS:
        name = name.removeprefix(kind)
    return name in tests or ("/" in name and (Path("tests") / name).exists())


def main() -> int:
    readme = Path(sys.argv[1])
    if not readme.is_file():
        print(f"没有 {readme}：需求与测试对照表写在那里")
        return 1
    tests = written_tests()
    problems, seen = [], set()
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        row = ROW.match(line)
        if not row:
            continue
        area, index, rest = row[1], int(row[2]), row[3]
        if not 1 <= index <= AREAS.get(area, 0):
            problems.append(f"{readme}:{number}: 没有编号 {area}-{index} 的需求")
        if (area, index) in seen:
            problems.append(f"{readme}:{number}: {area}-{index} 出现两次，请合并成一行")
        seen.add((area, index))
        names = NAME.findall(rest)
        if not names:
            problems.append(f"{readme}:{number}: {area}-{index} 没有写测试名")
        problems += [f"{readme}:{number}: 没有名为 {name} 的测试" for name in names
                     if not exists(name, tests)]
    wanted = {(area, index) for area, count in AREAS.items() for index in range(1, count + 1)}
    problems += [f"{readme}: {area}-{index} 没有一行：请写明证明它的测试"
                 for area, index in sorted(wanted - NOT_YET - seen)]
    problems += [f"{readme}: {area}-{index} 已有测试，请从 check_requirements.py 的 NOT_YET 中删去"
                 for area, index in sorted(NOT_YET & seen)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

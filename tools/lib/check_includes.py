#!/usr/bin/env python3
"""Who may include whom, read from #include lines; and calls that only common/db may make.

Usage: check_includes.py FILE...   (paths from the repository's root)
"""
import re
import sys
from pathlib import Path

# Lower folders never include higher ones.
COMMON_ORDER = ["status", "time", "log", "metrics", "config", "api", "policy", "db", "redis",
                "auth", "crypto", "journal", "search", "sheet", "document", "taxonomy",
                "attachment", "rpc", "objection", "operation"]
# What a *_rules or *_life file may include of common: it is a pure function over messages.
PURE_COMMON = {"status", "time", "policy"}
# … and what is a pure function over text.
PURE_HEADERS = {"common/api/digest.h", "common/api/normalize.h", "common/api/text.h",
                "common/search/quote.h", "common/search/rarity.h"}
PURE_FILE = re.compile(r"^services/[^/]+/.*_(rules|life)\.(h|cc)$")
# A driver's headers and the one place where they may be included; measuring the driver itself is
# the other.
DRIVERS = [
    (re.compile(r"^(mysql|mariadb|cppconn|jdbc)[/_.]|^mysql"),
     ("common/db/connection.cc", "tests/perf/")),
    (re.compile(r"^hiredis"), ("common/redis/", "tests/perf/")),
    (re.compile(r"^xapian"), ("common/search/", "tests/unit/search/")),
    (re.compile(r"^opencc"), ("common/api/normalize.cc",)),
]
# They hide failures of COMMIT and friends; execute("COMMIT") tells the truth.
FORBIDDEN_CALL = re.compile(r"->\s*(commit|rollback|setAutoCommit|reconnect)\s*\(")
FORBIDDEN_CALL_FREE = ("tests/perf/",)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def broken_rule(file: str, quoted: bool, target: str) -> str:
    """Why `file` may not include `target`; empty if it may."""
    for pattern, places in DRIVERS:
        if pattern.search(target) and not file.startswith(places):
            return f"驱动头文件只能在 {places[0]} 中包含"
    if not quoted:
        return ""
    to = target.split("/")
    if to[0] not in ("common", "services", "tools", "tests"):
        return generated_rule(target)
    if not Path(target).is_file():
        return "文件不存在（从仓库根目录写起）"
    if file.startswith("tests/"):
        return ""
    return house_rule(file, file.split("/"), to)


def generated_rule(target: str) -> str:
    """A header made from a .proto of ours must have that .proto."""
    if not target.startswith("chanyan/"):
        return ""
    proto = Path("proto") / re.sub(r"(\.grpc)?\.pb\.h$", ".proto", target)
    return "" if proto.is_file() else f"没有 {proto}"


def house_rule(file: str, source: list, to: list) -> str:
    if to[0] == "tests":
        return "只有 tests 可以包含 tests"
    if PURE_FILE.match(file):
        own = to[0] == "services" and to[1] == source[1] and PURE_FILE.match("/".join(to))
        pure = to[0] == "common" and (to[1] in PURE_COMMON or "/".join(to) in PURE_HEADERS)
        if not own and not pure:
            return "规则和生命周期只能包含消息与 common/{status,time,policy}"
    if to[0] == "tools" and source[0] != "tools":
        return "只有 tools 可以包含 tools"
    if to[0] == "services" and (source[0] != "services" or source[1] != to[1]):
        return "服务之间、common 和 tools 都不能包含服务的代码，只用它的 proto 和 stub"
    if to[0] == source[0] == "common":
        for folder in (source[1], to[1]):
            if folder not in COMMON_ORDER:
                return f"common/{folder} 不在层次表中"
        if COMMON_ORDER.index(to[1]) > COMMON_ORDER.index(source[1]):
            return f"common/{source[1]} 在 common/{to[1]} 之下，不能包含它"
    return ""


def check(file: str) -> list:
    problems = []
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line)
        if include:
            why = broken_rule(file, include[1] == '"', include[2])
            if why:
                problems.append(f"{file}:{number}: {include[2]}：{why}")
        elif FORBIDDEN_CALL.search(line) and not file.startswith(FORBIDDEN_CALL_FREE):
            problems.append(f"{file}:{number}: 禁用的调用（会隐瞒失败），请用 execute(\"COMMIT\") 等")
    return problems


def main() -> int:
    problems = [problem for file in sys.argv[1:] for problem in check(file)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

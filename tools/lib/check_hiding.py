#!/usr/bin/env python3
"""Files of a folder are compiled together, so a file's own constant would silently stand in for that
of a header of its namespace in the files behind it: names of such constants must differ.

Usage: check_hiding.py FILE...   (paths from the repository's root)
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

NAMESPACE = re.compile(r"^namespace (chanyan[\w:]*) \{", re.MULTILINE)
CONSTANT = re.compile(r"^(?:inline |static )*const(?:expr)? [^=(;]*?(k[A-Z]\w*)", re.MULTILINE)
OWN = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)


def main():
    shared = defaultdict(dict)
    own = []
    for name in sys.argv[1:]:
        text = Path(name).read_text()
        spaces = NAMESPACE.findall(text)
        if not spaces or name.startswith(("tests/perf/", "tests/fault/")):
            continue
        if name.endswith(".h"):
            for constant in CONSTANT.findall(text):
                shared[spaces[0]][constant] = name
        else:
            for part in OWN.findall(text):
                own += [(name, spaces[0], constant) for constant in CONSTANT.findall(part)]
    bad = 0
    for name, space, constant in own:
        parts = space.split("::")
        for depth in range(1, len(parts) + 1):
            header = shared["::".join(parts[:depth])].get(constant)
            seen = header and (not header.startswith("tests/") or
                               Path(header).parent == Path(name).parent)
            if seen:
                print(f"{name}: {constant} 与 {header} 中的常量同名，合并编译时会悄悄取代它，请改名")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

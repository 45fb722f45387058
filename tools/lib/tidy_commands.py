#!/usr/bin/env python3
"""The compile commands of a build for clang-tidy: one for each file, also where files of a folder
are compiled as one. Usage: tidy_commands.py BUILD_DIR >compile_commands.json"""
import json
import pathlib
import re
import sys


def members(entry):
    """The files that an entry compiles."""
    source = pathlib.Path(entry["file"])
    if source.parent.name != "Unity":
        return [entry["file"]]
    return re.findall(r'^#include "(.*)"$', source.read_text(), re.MULTILINE)


def main():
    build = pathlib.Path(sys.argv[1])
    commands = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        for file in members(entry):
            command = entry["command"].replace(entry["file"], file)
            commands.append({**entry, "file": file, "command": command})
    json.dump(commands, sys.stdout)


if __name__ == "__main__":
    main()

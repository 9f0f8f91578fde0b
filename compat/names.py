#!/usr/bin/env python3
"""The public names of rust-zmq, read from the source of the published package.

    names.py SOURCE            prints them, one a line, as Type::name
    names.py SOURCE PAGE       fails if one of them is not in the first column of a table on the page
"""

import pathlib
import re
import sys

# What is public in private modules, or by a macro, and cannot be reached from outside.
HIDDEN = {"msg_ptr", "get", "set", "get_bytes", "get_string", "Getter", "Setter"}


def names(source):
    """Yields each public name, with the type it belongs to."""
    for path in ("lib.rs", "message.rs"):
        owner, kind = None, None
        for line in (source / "src" / path).read_text().splitlines():
            line = line.rstrip("\r")
            if head := re.match(r"impl(?:<[^>]*>)? (\w+)(?:<[^>]*>)? \{", line):
                owner, kind = head[1], "impl"
            elif head := re.match(r"\s*pub (enum|struct|trait) (\w+)", line):
                owner, kind = head[2], head[1]
                yield owner
            elif line == "}":
                owner, kind = None, None
            elif item := re.match(r"\s*pub (?:unsafe )?(?:fn|static|const|type) (\w+)", line):
                if kind == "impl":
                    yield f"{owner}::{item[1]}"
                elif kind is None and not line.startswith(" "):
                    yield item[1]
            elif kind == "struct" and (flags := re.match(r"\s*const (\w+) =", line)):
                yield f"{owner}::{flags[1]}"
            elif kind == "struct" and (field := re.match(r"\s*pub (\w+):", line)):
                yield f"{owner}::{field[1]}"
            elif kind == "trait" and (item := re.match(r"\s*fn (\w+)", line)):
                yield f"{owner}::{item[1]}"
            elif kind == "enum" and (variant := re.match(r"    (\w+)(?:\(.*\)| = .*)?,$", line)):
                yield f"{owner}::{variant[1]}"
            elif kind == "impl" and (row := re.match(r"\s*\((\w+)(?:, (\w+))?\) => ZMQ_", line)):
                yield from (f"{owner}::{name}" for name in row.groups() if name not in (None, "_"))


def main():
    source = pathlib.Path(sys.argv[1])
    found = sorted({name for name in names(source) if name not in HIDDEN})
    if len(found) < 200:
        sys.exit(f"only {len(found)} names in {source}: it is read wrongly")
    if len(sys.argv) == 2:
        print("\n".join(found))
        return
    rows = [line.split("|")[1] for line in pathlib.Path(sys.argv[2]).read_text().splitlines() if line[:1] == "|"]
    code = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", " ".join(rows)))))
    missing = [name for name in found if name.split("::")[-1] not in code]
    if missing:
        sys.exit("not in a table: " + ", ".join(missing))
    print(f"{len(found)} public names of rust-zmq are in the tables")


main()

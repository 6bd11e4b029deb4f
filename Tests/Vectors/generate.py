#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Writes the golden vectors of Tests/Vectors with the expected result by name.

Only Python's standard library and, for `--check-openssl`, the `openssl` command: nothing of Atomic itself, because
vectors made by the code under test prove nothing. Every key and nonce is derived from a fixed seed, so the same bytes
come out on every machine.

    generate.py                 write every area beside this file
    generate.py --to DIR        write them to DIR instead
    generate.py --check         write to a temporary directory and compare with what is committed; exit 1 names the file
    generate.py --check-openssl ask `openssl` whether the pure Python signatures and keys are right
    generate.py AREA...         only these areas
"""
import argparse
import importlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from generator import output  # noqa: E402

AREAS = [
    name[:-3]
    for name in sorted(os.listdir(os.path.join(HERE, "generator", "areas")))
    if name.endswith(".py") and not name.startswith("_")
]


def write(areas, directory):
    for area in areas:
        module = importlib.import_module(f"generator.areas.{area}")
        files = module.files()
        folder = module.FOLDER
        for name, content in files.items():
            output.store(os.path.join(directory, folder, name), content)


def tree(directory, folders):
    found = {}
    for folder in folders:
        for root, _, names in os.walk(os.path.join(directory, folder)):
            for name in names:
                path = os.path.join(root, name)
                with open(path, "rb") as handle:
                    found[os.path.relpath(path, directory)] = handle.read()
    return found


def check(areas):
    folders = [importlib.import_module(f"generator.areas.{area}").FOLDER for area in areas]
    with tempfile.TemporaryDirectory() as directory:
        write(areas, directory)
        fresh, committed = tree(directory, folders), tree(HERE, folders)
    differing = sorted(
        name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name)
    )
    for name in differing:
        print(f"Tests/Vectors/{name} differs from what generate.py makes", file=sys.stderr)
    return 1 if differing else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help="one of: " + " ".join(AREAS))
    parser.add_argument("--to", default=HERE)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--check-openssl", action="store_true")
    arguments = parser.parse_args()
    areas = arguments.areas or AREAS
    unknown = [area for area in areas if area not in AREAS]
    if unknown:
        parser.error("unknown area " + ", ".join(unknown))
    if arguments.check_openssl:
        from generator import peer

        return peer.check()
    if arguments.check:
        return check(areas)
    write(areas, arguments.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())

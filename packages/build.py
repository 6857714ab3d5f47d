#!/usr/bin/env python3
"""The packages driver: toolchain, recipes, and what they make.

    build.py toolchain [--accept]       make or check the toolchain
    build.py run -- COMMAND             run a command in the toolchain
    build.py recipes --target wasm --prefix OUT
                                        build packages, fill a prefix
    build.py outputs --prefix P --modules NODE_MODULES --dist DIST
                                        write profiles.json, licences.json
    build.py browsers                   install what the page tests drive
    build.py status                     what is in the cache
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from driver import machine, outputs, toolchain
from driver.cache import Entry
from driver.plan import Plan
from driver.progress import BuildError, elapsed, fail, say
from driver.recipe import TARGETS, read_recipes

PACKAGES = Path(__file__).resolve().parent


def command_toolchain(arguments: argparse.Namespace) -> int:
    made = toolchain.ensure(arguments.accept)
    place = made.root or "the commands on PATH"
    say(f"toolchain {made.identity}: {place}")
    return 0


def command_run(arguments: argparse.Namespace) -> int:
    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        raise BuildError("run: which command?")
    return toolchain.ensure().pass_through(command, Path.cwd())


def command_recipes(arguments: argparse.Namespace) -> int:
    prefix = Path(arguments.prefix).resolve()
    plan = Plan(
        read_recipes(PACKAGES), arguments.target, toolchain.ensure()
    )
    plan.run()
    plan.install(prefix)
    say(f"{arguments.target}: {len(plan.recipes)} packages in {prefix}")
    return 0


def command_outputs(arguments: argparse.Namespace) -> int:
    prefix, dist = Path(arguments.prefix), Path(arguments.dist)
    outputs.write_if_changed(
        dist / "profiles.json", outputs.profiles(prefix)
    )
    outputs.write_if_changed(
        dist / "licences.json",
        outputs.licences(
            read_recipes(PACKAGES),
            prefix,
            toolchain.ensure(),
            Path(arguments.modules),
        ),
    )
    return 0


def command_browsers(_arguments: argparse.Namespace) -> int:
    machine.ensure_browsers()
    return 0


def command_status(_arguments: argparse.Namespace) -> int:
    made = toolchain.ensure()
    print(f"cache      {machine.cache_home()}")
    print(f"toolchain  {made.identity} {made.root or 'on PATH'}")
    recipes = read_recipes(PACKAGES)
    for target in TARGETS:
        plan = Plan(recipes, target, made)
        for recipe in plan.recipes:
            entry: Entry = plan.entries[recipe.name]
            state = "absent"
            if entry.path.exists():
                state = entry.fault() or "ready"
            print(f"{target:7} {recipe.name:14} {recipe.version:9} {state}")
    return 0


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build.py")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("toolchain", help="make or check the toolchain")
    one.add_argument("--accept", action="store_true", help="rewrite the lock")
    one.set_defaults(run=command_toolchain)

    one = commands.add_parser("run", help="run a command in the toolchain")
    one.add_argument("command", nargs=argparse.REMAINDER)
    one.set_defaults(run=command_run)

    one = commands.add_parser("recipes", help="build packages")
    one.add_argument("--target", choices=TARGETS, required=True)
    one.add_argument("--prefix", required=True)
    one.set_defaults(run=command_recipes)

    one = commands.add_parser("outputs", help="write profiles and licences")
    for name in ("prefix", "modules", "dist"):
        one.add_argument(f"--{name}", required=True)
    one.set_defaults(run=command_outputs)

    one = commands.add_parser("browsers", help="install the test browsers")
    one.set_defaults(run=command_browsers)

    one = commands.add_parser("status", help="what is in the cache")
    one.set_defaults(run=command_status)
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    arguments = parse(words)
    try:
        return arguments.run(arguments)
    except BuildError as error:
        return fail(error)
    except KeyboardInterrupt:
        print(f"\nstopped after {elapsed()}", file=sys.stderr)
        return 130


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))

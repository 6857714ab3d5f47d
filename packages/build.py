#!/usr/bin/env python3
"""The packages driver: toolchain, recipes, inner builds and what they make.

    build.py toolchain [--accept]       make or check the toolchain
    build.py run -- COMMAND             run a command in the toolchain
    build.py recipes --target wasm      build packages, fill build/prefix/wasm
    build.py recipes --target wasm NAME...    only these and their inputs
    build.py inner rel [TARGET...]      this repository's C: rel, san, wasm ...
    build.py page                       the page's bundles, build/plugin
    build.py dist                       assemble build/dist
    build.py report                     pack and play every example
    build.py npm DIRECTORY              the npm packages of a directory
    build.py ctest LABEL                C tests: unit, oom, golden, fuzz
    build.py fuzz [PATTERN]             long runs of the fuzzers
    build.py golden HOST                conversations: native, wasm, wasm-plain,
                                        restored (from a snapshot)
    build.py node DIRECTORY             node's tests of a directory
    build.py conformance [-- WORD...]   upstream's tests: tests/conformance
    build.py bench                      how long a reader waits
    build.py browsers                   install what the page tests drive
    build.py status                     what is in the cache

TINCTURE_TESTS=all in the environment also makes the kernels and images that
are for tests only (profiles.toml says which).

Everything is made under build/; packages/workflow.cmake calls these in order.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from driver import dist, fuzzing, inner, machine, outputs, page, profiles, suites
from driver import toolchain
from driver.plan import Plan, with_inputs
from driver.progress import BuildError, elapsed, fail, say
from driver.recipe import TARGETS, read_recipes

PACKAGES = Path(__file__).resolve().parent
BUILD = machine.REPOSITORY / "build"
INNER_BUILDS = {
    "rel": BUILD / "native" / "rel",
    "san": BUILD / "native" / "san",
    "fuzz": BUILD / "native" / "fuzz",
    "cover": BUILD / "native" / "cover",
    "wasm": BUILD / "wasm",
}


def prefix_of(target: str) -> Path:
    """Where a target's packages are put."""
    return BUILD / "prefix" / target


def command_toolchain(arguments: argparse.Namespace) -> int:
    made = toolchain.ensure(arguments.accept)
    place = made.root or "the commands on PATH"
    say(f"toolchain {made.identity}: {place}")
    return 0


def _behind_dashes(words: list[str]) -> list[str]:
    """The rest of a command line, which begins with `--` or not."""
    return words[1:] if words[:1] == ["--"] else words


def command_run(arguments: argparse.Namespace) -> int:
    command = _behind_dashes(arguments.command)
    if not command:
        raise BuildError("run: which command?")
    return toolchain.ensure().pass_through(command, Path.cwd())


def command_recipes(arguments: argparse.Namespace) -> int:
    prefix = Path(arguments.prefix or prefix_of(arguments.target)).resolve()
    recipes = read_recipes(PACKAGES)
    left_out = set()
    if arguments.names:
        recipes = with_inputs(recipes, arguments.names)
    else:
        left_out = profiles.unwanted_test_packages()
        recipes = {n: r for n, r in recipes.items() if n not in left_out}
    plan = Plan(recipes, arguments.target, toolchain.ensure())
    plan.run()
    plan.install(prefix, bool(arguments.names), left_out)
    say(f"{arguments.target}: {len(plan.recipes)} packages in {prefix}")
    return 0


def command_inner(arguments: argparse.Namespace) -> int:
    target = "wasm" if arguments.flavour == "wasm" else "native"
    made = toolchain.ensure()
    if target == "wasm":
        profiles.write_link(
            made, read_recipes(PACKAGES), prefix_of(target), inner.PROFILES
        )
    inner.build(
        made,
        arguments.flavour,
        INNER_BUILDS[arguments.flavour],
        prefix_of(target),
        arguments.targets,
    )
    return 0


def command_page(_arguments: argparse.Namespace) -> int:
    page.build(BUILD / "plugin")
    return 0


def command_dist(_arguments: argparse.Namespace) -> int:
    made = toolchain.ensure()
    builds = dist.Builds(
        native=INNER_BUILDS["rel"],
        wasm=INNER_BUILDS["wasm"],
        page=BUILD / "plugin",
        prefix=prefix_of("wasm"),
    )
    place = BUILD / "dist"
    dist.assemble(made, builds, place)
    recipes = read_recipes(PACKAGES)
    outputs.write_json(
        place / "profiles.json",
        outputs.profiles(recipes["cpython"].version, builds.prefix, place),
    )
    if profiles.wanted_test_images():
        outputs.write_json(
            place / profiles.TESTS_FILE,
            outputs.tests(recipes, builds.prefix, place),
        )
    outputs.write_json(
        BUILD / "packages.json", outputs.packages(recipes, builds.prefix)
    )
    outputs.write_json(
        place / "licences.json",
        outputs.licences(
            recipes,
            builds.prefix,
            made,
            machine.REPOSITORY / "plugin" / "node_modules",
        ),
    )
    dist.make_empty_report(place)
    return 0


def command_report(arguments: argparse.Namespace) -> int:
    reports = dist.make_reports(
        BUILD / "dist", prefix_of("data"), BUILD / "report"
    )
    status = dist.play_reports(reports, arguments.again)
    say("the reports:")
    for report in reports:
        size_mb = report.stat().st_size / 1e6
        print(f"  {report.relative_to(machine.REPOSITORY)} ({size_mb:.1f} MB)")
    return status


def command_npm(arguments: argparse.Namespace) -> int:
    page.install(Path(arguments.directory).resolve())
    return 0


def command_ctest(arguments: argparse.Namespace) -> int:
    return suites.run_ctest(toolchain.ensure(), arguments.label)


def command_fuzz(arguments: argparse.Namespace) -> int:
    made = toolchain.ensure()
    for flavour, targets in fuzzing.BUILDS.items():
        inner.build(
            made,
            flavour,
            INNER_BUILDS[flavour],
            prefix_of("native"),
            targets,
        )
    return fuzzing.run(made, arguments.runs, arguments.pattern)


def command_golden(arguments: argparse.Namespace) -> int:
    return suites.run_golden(toolchain.ensure(), arguments.host)


def command_node(arguments: argparse.Namespace) -> int:
    made = toolchain.ensure() if arguments.suspend else None
    return suites.run_node(Path(arguments.directory).resolve(), made)


def command_conformance(arguments: argparse.Namespace) -> int:
    words = _behind_dashes(arguments.words)
    return suites.run_conformance(toolchain.ensure(), words)


def command_bench(_arguments: argparse.Namespace) -> int:
    return suites.run_bench(toolchain.ensure())


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
            state = "waits for its inputs"
            if plan.entries.keys() >= set(recipe.inputs):
                state = plan.state_of(recipe)
            print(f"{target:7} {recipe.name:14} {recipe.version:9} {state}")
    return 0


def add_tests(commands: argparse._SubParsersAction) -> None:
    """The commands that test and measure."""
    one = commands.add_parser("ctest", help="run C tests by label")
    one.add_argument("label")
    one.set_defaults(run=command_ctest)

    one = commands.add_parser("fuzz", help="run fuzzers for long")
    one.add_argument("--runs", type=int, default=1_000_000)
    one.add_argument("pattern", nargs="?", default="")
    one.set_defaults(run=command_fuzz)

    one = commands.add_parser("golden", help="play the conversations")
    hosts = ("native", "wasm", "wasm-plain", "restored")
    one.add_argument("host", choices=hosts)
    one.set_defaults(run=command_golden)

    one = commands.add_parser("node", help="run node's tests")
    one.add_argument("directory")
    one.add_argument(
        "--suspend",
        action="store_true",
        help="with the toolchain's node, which can suspend WebAssembly",
    )
    one.set_defaults(run=command_node)

    one = commands.add_parser("conformance", help="run upstream's tests")
    one.add_argument("words", nargs=argparse.REMAINDER, help="for run.mjs")
    one.set_defaults(run=command_conformance)

    one = commands.add_parser("bench", help="measure how long a reader waits")
    one.set_defaults(run=command_bench)


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
    one.add_argument("--prefix", help="instead of build/prefix/TARGET")
    one.add_argument("names", nargs="*", help="only these and their inputs")
    one.set_defaults(run=command_recipes)

    one = commands.add_parser("inner", help="build this repository's C")
    one.add_argument("flavour", choices=sorted(INNER_BUILDS))
    one.add_argument("targets", nargs="*")
    one.set_defaults(run=command_inner)

    one = commands.add_parser("page", help="bundle the page")
    one.set_defaults(run=command_page)

    one = commands.add_parser("dist", help="assemble build/dist")
    one.set_defaults(run=command_dist)

    one = commands.add_parser("report", help="pack and play the examples")
    one.add_argument("--again", action="store_true", help="play all again")
    one.set_defaults(run=command_report)

    one = commands.add_parser("npm", help="install a directory's packages")
    one.add_argument("directory")
    one.set_defaults(run=command_npm)

    one = commands.add_parser("browsers", help="install the test browsers")
    one.set_defaults(run=command_browsers)

    one = commands.add_parser("status", help="what is in the cache")
    one.set_defaults(run=command_status)
    add_tests(commands)
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

"""The order of work: which recipes, two at once, one heavy one at a time."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from . import systems
from .cache import Entry, sha256_file
from .machine import cache_home, exclusive
from .progress import BuildError, say
from .recipe import Recipe
from .source import unpack
from .systems.common import Job
from .toolchain import LAYOUT_VERSION, Toolchain

JOB_COUNT = 2

# What an installed package holds for the kernel alone: no recipe that needs
# the package sees it.  An extension module finds CPython's functions when the
# kernel is linked, so a patch to CPython's sources rebuilds no package.
NOT_FOR_OTHERS = ("lib/python/", "share/", "lib/libpython", "lib/libmpdec")


def entry_key(
    recipe: Recipe,
    target: str,
    toolchain_identity: str,
    driver: str,
    inputs: Iterable[str],
) -> str:
    """What has to be equal for a stored result to be this one."""
    # Data is only unpacked: no compiler has a say in it.
    compiler = "" if target == "data" else toolchain_identity
    material = [
        recipe.fingerprint(),
        target,
        compiler,
        driver,
        sorted(inputs),
    ]
    return hashlib.sha256(json.dumps(material).encode()).hexdigest()


def content_hash(entry: Entry) -> str:
    """What of an entry other recipes can see: its headers and archives.

    An input that was made anew and came out the same changes nothing.
    """
    files = {
        path: facts["sha256"]
        for path, facts in entry.manifest()["files"].items()
        if not path.startswith(NOT_FOR_OTHERS)
    }
    material = json.dumps(files, sort_keys=True)
    return hashlib.sha256(material.encode()).hexdigest()


def in_order(recipes: Mapping[str, Recipe], target: str) -> list[Recipe]:
    """The target's recipes, inputs first; BuildError for a circle."""
    ordered: list[Recipe] = []
    visiting: set[str] = set()

    def visit(recipe: Recipe) -> None:
        if recipe in ordered:
            return
        if recipe.name in visiting:
            raise BuildError(f"{recipe.name} needs itself through its inputs")
        visiting.add(recipe.name)
        for name in recipe.inputs:
            visit(recipes[name])
        ordered.append(recipe)

    wanted = [r for r in recipes.values() if target in r.targets]
    # What a heavy recipe needs comes first: it is the longest road.
    for recipe in sorted(wanted, key=lambda r: (not r.heavy, r.name)):
        visit(recipe)
    return ordered


def with_inputs(
    recipes: Mapping[str, Recipe], names: Iterable[str]
) -> dict[str, Recipe]:
    """The named recipes and everything that they need."""
    found: dict[str, Recipe] = {}
    for name in names:
        if name not in recipes:
            raise BuildError(f"there is no recipe {name}")
        found.update(with_inputs(recipes, recipes[name].inputs))
        found[name] = recipes[name]
    return found


class Plan:
    """Everything that is needed to bring one target's recipes up to date."""

    def __init__(
        self,
        recipes: Mapping[str, Recipe],
        target: str,
        toolchain: Toolchain,
    ) -> None:
        self.target = target
        self.toolchain = toolchain
        self.recipes = in_order(recipes, target)
        self.entries: dict[str, Entry] = {}  # of recipes that are ready
        self.heavy = threading.Lock()

    def entry_of(self, recipe: Recipe) -> Entry:
        """Where the recipe's result is or will be; its inputs are ready."""
        key = entry_key(
            recipe,
            self.target,
            self.toolchain.identity,
            f"{LAYOUT_VERSION} {systems.source_hash(recipe.system)}",
            [content_hash(self.entries[name]) for name in recipe.inputs],
        )
        return Entry(f"{recipe.name}-{self.target}", key)

    def state_of(self, recipe: Recipe) -> str:
        """For people; a sound entry counts as ready for what follows."""
        entry = self.entry_of(recipe)
        if not entry.path.exists():
            return "absent"
        fault = entry.fault()
        if fault is None:
            self.entries[recipe.name] = entry
        return fault or "ready"

    def run(self) -> None:
        """Make what is not in the cache."""
        waiting = list(self.recipes)
        running: dict[Future[Entry], Recipe] = {}
        with ThreadPoolExecutor(JOB_COUNT) as pool:
            while waiting or running:
                self._start_jobs(waiting, running, pool)
                if not running:
                    continue
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    recipe = running.pop(future)
                    try:
                        self.entries[recipe.name] = future.result()
                    except BaseException:
                        waiting.clear()
                        raise
                    count = f"{len(self.entries)} of {len(self.recipes)}"
                    say(f"{recipe.name} ({self.target}) is ready, {count}")

    def _start_jobs(
        self,
        waiting: list[Recipe],
        running: dict[Future[Entry], Recipe],
        pool: ThreadPoolExecutor,
    ) -> None:
        """Take what is ready from the cache, and start as many others as
        there is room for."""
        for recipe in list(waiting):
            if not self.entries.keys() >= set(recipe.inputs):
                continue
            entry = self.entry_of(recipe)
            if entry.is_usable():
                waiting.remove(recipe)
                self.entries[recipe.name] = entry
            elif len(running) < JOB_COUNT:
                waiting.remove(recipe)
                say(f"building {recipe.name} {recipe.version} ({self.target})")
                running[pool.submit(self._build, recipe, entry)] = recipe

    def _build(self, recipe: Recipe, entry: Entry) -> Entry:
        with exclusive(entry.path.name):
            if not entry.is_usable():
                if recipe.heavy:
                    with self.heavy:
                        self._build_locked(recipe, entry)
                else:
                    self._build_locked(recipe, entry)
        return entry

    def _build_locked(self, recipe: Recipe, entry: Entry) -> None:
        # One place for a package on every machine: paths get into outputs.
        work = cache_home() / "work" / entry.name
        with exclusive(f"work-{entry.name}"):
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            log = cache_home() / "logs" / f"{entry.name}.log"
            log.parent.mkdir(exist_ok=True)
            log.write_bytes(b"")
            job = Job(
                recipe=recipe,
                target=self.target,
                toolchain=self.toolchain,
                source=work / "source",
                inputs=work / "inputs",
                out=work / "out",
                log=log,
            )
            unpack(recipe, self.toolchain, job.source)
            for name in self._inputs_of(recipe):
                copy_visible(self.entries[name], job.inputs)
            job.out.mkdir()
            systems.build(job)
            self._install_licences(job)
            entry.store(job.out)
            shutil.rmtree(work)

    def _inputs_of(self, recipe: Recipe) -> list[str]:
        """Inputs and their inputs."""
        names: list[str] = []
        for name in recipe.inputs:
            input_recipe = next(r for r in self.recipes if r.name == name)
            for inner in [*self._inputs_of(input_recipe), name]:
                if inner not in names:
                    names.append(inner)
        return names

    @staticmethod
    def _install_licences(job: Job) -> None:
        place = job.out / "share" / "tincture" / "licences" / job.recipe.name
        place.mkdir(parents=True)
        names = [Path(file.path).name for file in job.recipe.licence_files]
        for licence, name in zip(job.recipe.licence_files, names):
            if names.count(name) > 1:
                name = licence.path.replace("/", "-")
            (place / name).write_bytes(licence.text(job.source))

    def install(
        self,
        prefix: Path,
        keep_others: bool = False,
        keep: Iterable[str] = (),
    ) -> None:
        """Bring a prefix to exactly the entries' files.

        A file that is right already is left alone, date and all, so that
        nothing that depends on it is made again.  So is what the recipes
        named in `keep` brought, or with `keep_others` all others.
        """
        path = listing_of(prefix)
        before = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept = {
            name: files
            for name, files in before.items()
            if keep_others or name in keep
        }
        wanted: dict[str, tuple[Path, dict]] = {}
        for entry in self.entries.values():
            for path, facts in entry.manifest()["files"].items():
                if path in wanted:
                    raise BuildError(
                        f"{path} comes from two recipes,"
                        f" one of them {entry.name}"
                    )
                wanted[path] = (entry.files / path, facts)
        held = {file for files in kept.values() for file in files}
        count = sync_tree(wanted, prefix, held)
        if count:
            say(f"{self.target}: {count} files brought to {prefix}")
        self._write_listing(prefix, kept)
        self._check_budgets()

    def _check_budgets(self) -> None:
        """What a package adds to the kernel is a decision, not an accident."""
        lines = []
        for recipe in self.recipes:
            if recipe.name not in self.entries:
                continue
            sizes = sizes_of(self.entries[recipe.name].manifest())
            for what, limit in recipe.budget.items():
                if sizes[what] > limit:
                    lines.append(
                        f"  {recipe.name}: {sizes[what]} bytes of {what},"
                        f" its budget is {limit}"
                    )
        if lines:
            raise BuildError(
                "Packages are larger than their recipes allow:\n"
                + "\n".join(lines)
                + "\n  Find out why, then write the new size into budget."
            )

    def _write_listing(
        self, prefix: Path, kept: Mapping[str, list[str]]
    ) -> None:
        """Beside the prefix: which recipe each of its files is from."""
        path = listing_of(prefix)
        listing = dict(kept)
        for name, entry in self.entries.items():
            listing[name] = sorted(entry.manifest()["files"])
        text = json.dumps(listing, indent=1, sort_keys=True)
        path.write_text(text + "\n", "utf-8")


def listing_of(prefix: Path) -> Path:
    """The file beside a prefix that says what it holds, by recipe."""
    return prefix.with_suffix(".json")


def sizes_of(manifest: Mapping) -> dict[str, int]:
    """Bytes of an entry's extension modules and of its files for an image."""
    starts = {
        "objects": "lib/python/",
        "files": ("share/tincture/site/", "share/tincture/stdlib/"),
    }
    return {
        what: sum(
            facts["size"]
            for path, facts in manifest["files"].items()
            if path.startswith(start)
        )
        for what, start in starts.items()
    }


def copy_visible(entry: Entry, inputs: Path) -> None:
    """Copy what content_hash() counts, and nothing else."""
    for path in entry.manifest()["files"]:
        if not path.startswith(NOT_FOR_OTHERS):
            target = inputs / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(entry.files / path, target)


def sync_tree(
    wanted: Mapping[str, tuple[Path, dict]],
    prefix: Path,
    kept: Collection[str] = (),
) -> int:
    """Make `prefix` hold exactly these files, and `kept` as they are; how
    many had to change."""
    count = 0
    prefix.mkdir(parents=True, exist_ok=True)
    for path in sorted(prefix.rglob("*"), reverse=True):
        name = str(path.relative_to(prefix))
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in wanted and name not in kept:
            path.unlink()
            count += 1
    for name, (source, facts) in wanted.items():
        target = prefix / name
        if target.exists() and target.stat().st_size == facts["size"]:
            if sha256_file(target) == facts["sha256"]:
                continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if facts["executable"] else 0o644)
        count += 1
    return count

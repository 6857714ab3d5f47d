"""No build at all: some files of a package, as they are."""

from __future__ import annotations

from .common import Job, install_files


def build(job: Job) -> None:
    """Copy what the recipe lists."""
    install_files(job, job.source, job.recipe.build["files"])

"""Pure Python packages: a wheel is laid out like site-packages already."""

from __future__ import annotations

from . import python
from .common import Job


def build(job: Job) -> None:
    """Compile and copy what the wheel holds."""
    python.install_site(job, job.source)

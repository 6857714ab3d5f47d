"""Comms: two-way messages between kernel and page.

The interface is that of Jupyter's package of the same name, which widget
libraries build on.
"""

from __future__ import annotations

from typing import Any

from comm.base_comm import BaseComm, CommManager

__all__ = ["BaseComm", "CommManager", "create_comm", "get_comm_manager"]

_manager = CommManager()


def create_comm(*args: Any, **options: Any) -> BaseComm:
    """A new comm, opened on the page."""
    return BaseComm(*args, **options)


def get_comm_manager() -> CommManager:
    """The one manager of this kernel."""
    return _manager

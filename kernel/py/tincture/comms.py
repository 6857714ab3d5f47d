"""Comm messages, for the `comm` package that is frozen beside this one."""

from __future__ import annotations

from typing import Any

import _tincture


def handle(message_type: str, message: dict[str, Any]) -> None:
    """Pass a message from the page to its comm."""
    import comm

    manager = comm.get_comm_manager()
    content = message["content"]
    if message_type == "comm_open":
        if content["target_name"] not in manager.targets:
            _tincture.publish(
                "comm_close", {"comm_id": content["comm_id"], "data": {}}
            )
            return
        manager.comm_open(None, None, message)
    elif message_type == "comm_msg":
        manager.comm_msg(None, None, message)
    else:
        manager.comm_close(None, None, message)


def list_comms(content: dict[str, Any]) -> dict[str, Any]:
    """The open comms, of one target if the request names one."""
    import sys

    if "comm" not in sys.modules:
        return {}
    wanted = content.get("target_name")
    return {
        comm_id: {"target_name": comm.target_name}
        for comm_id, comm in sys.modules["comm"].get_comm_manager().comms.items()
        if wanted is None or comm.target_name == wanted
    }

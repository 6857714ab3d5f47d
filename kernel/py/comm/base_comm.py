"""A comm, and the manager that finds comms and their targets."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import _tincture

Message = dict[str, Any]
MessageCallback = Callable[[Message], None]
TargetCallback = Callable[["BaseComm", Message], None]


class BaseComm:
    """One end of a two-way conversation; the page has the other."""

    def __init__(
        self,
        target_name: str = "comm",
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[Any] | None = None,
        comm_id: str | None = None,
        primary: bool = True,
        target_module: str | None = None,
        topic: bytes | None = None,
        _open_data: dict[str, Any] | None = None,
        _close_data: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.comm_id = comm_id or os.urandom(16).hex()
        self.target_name = target_name
        self.target_module = target_module
        # False where the page opened the comm.
        self.primary = primary
        self.topic = topic or f"comm-{self.comm_id}".encode()
        self._open_data = _open_data or {}
        self._close_data = _close_data or {}
        self._message_callback: MessageCallback | None = None
        self._close_callback: MessageCallback | None = None
        self._closed = True
        if primary:
            self.open(data=data, metadata=metadata, buffers=buffers)
        else:
            self._closed = False

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[Any] | None = None,
        **members: Any,
    ) -> None:
        """Send one comm message."""
        content = {"comm_id": self.comm_id, "data": data or {}}
        content.update(
            (key, value) for key, value in members.items() if value is not None
        )
        _tincture.publish(msg_type, content, metadata, buffers)

    def open(
        self,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[Any] | None = None,
    ) -> None:
        """Open the other end, on the page."""
        from comm import get_comm_manager

        manager = get_comm_manager()
        manager.register_comm(self)
        try:
            self.publish_msg(
                "comm_open",
                data=self._open_data if data is None else data,
                metadata=metadata,
                buffers=buffers,
                target_name=self.target_name,
                target_module=self.target_module,
            )
        except BaseException:
            manager.unregister_comm(self)
            raise
        self._closed = False

    def close(
        self,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[Any] | None = None,
        deleting: bool = False,
    ) -> None:
        """Close both ends; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self.publish_msg(
            "comm_close",
            data=self._close_data if data is None else data,
            metadata=metadata,
            buffers=buffers,
        )
        if not deleting:
            from comm import get_comm_manager

            get_comm_manager().unregister_comm(self)

    def send(
        self,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[Any] | None = None,
    ) -> None:
        """Send data, and binary buffers beside it, to the page."""
        self.publish_msg(
            "comm_msg", data=data, metadata=metadata, buffers=buffers
        )

    def on_close(self, callback: MessageCallback | None) -> None:
        """Call `callback(message)` when the page closes the comm."""
        self._close_callback = callback

    def on_msg(self, callback: MessageCallback | None) -> None:
        """Call `callback(message)` for every message of the page."""
        self._message_callback = callback

    def handle_close(self, msg: Message) -> None:
        """The page closed its end."""
        if self._close_callback is not None:
            self._close_callback(msg)

    def handle_msg(self, msg: Message) -> None:
        """The page sent a message."""
        if self._message_callback is not None:
            self._message_callback(msg)


class CommManager:
    """The comms that are open, and the targets that the page may open."""

    def __init__(self) -> None:
        self.comms: dict[str, BaseComm] = {}
        self.targets: dict[str, TargetCallback] = {}

    def register_target(
        self, target_name: str, f: TargetCallback | str
    ) -> None:
        """Call `f(comm, message)` when the page opens a comm of this name;
        `f` may be the dotted name of a function."""
        if isinstance(f, str):
            from importlib import import_module

            module, _, name = f.rpartition(".")
            f = getattr(import_module(module), name)
        self.targets[target_name] = f

    def unregister_target(self, target_name: str, f: Any = None) -> Any:
        """Forget a target."""
        return self.targets.pop(target_name)

    def register_comm(self, comm: BaseComm) -> str:
        """Let messages find a comm."""
        self.comms[comm.comm_id] = comm
        return comm.comm_id

    def unregister_comm(self, comm: BaseComm) -> None:
        """Forget a comm."""
        self.comms.pop(comm.comm_id, None)

    def get_comm(self, comm_id: str) -> BaseComm | None:
        """The open comm of this id."""
        return self.comms.get(comm_id)

    def comm_open(self, stream: Any, ident: Any, msg: Message) -> None:
        """The page opens a comm."""
        from comm import create_comm

        content = msg["content"]
        target = self.targets.get(content["target_name"])
        comm = create_comm(
            comm_id=content["comm_id"],
            primary=False,
            target_name=content["target_name"],
        )
        self.register_comm(comm)
        if target is None:
            comm.close()
            return
        try:
            target(comm, msg)
        except BaseException:
            comm.close()
            raise

    def comm_msg(self, stream: Any, ident: Any, msg: Message) -> None:
        """The page sent a message; to a comm that is gone it goes nowhere."""
        comm = self.get_comm(msg["content"]["comm_id"])
        if comm is not None:
            comm.handle_msg(msg)

    def comm_close(self, stream: Any, ident: Any, msg: Message) -> None:
        """The page closed a comm."""
        comm = self.get_comm(msg["content"]["comm_id"])
        if comm is None:
            return
        self.unregister_comm(comm)
        comm._closed = True
        comm.handle_close(msg)

# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""How long an answer may take as a whole.

The time-out of a socket is for the next few bytes. A server that sends one now and then could keep a task waiting for
ever: in the header, between the chunks of a body, or in what is packed.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from typing import Any

try:
    from requests.adapters import HTTPAdapter

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False


LONGEST_LINE = 64 * 1024 + 1  # bytes; what http.client asks for


class Deadline(threading.local):
    """The time by which the answer that a thread waits for has to be there: for each thread its own."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout  # seconds
        self.renew()

    def renew(self) -> None:
        """Start anew: something that was waited for is there."""
        self._end = time.monotonic() + self.timeout

    def rest(self) -> float:
        """The seconds that are left. If there are none, the error that a socket has for this."""
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise socket.timeout("timed out")
        return rest


class _Reader(io.RawIOBase):
    """What arrives at a socket, as long as the deadline has not passed."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.rest())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if self._sock.fileno() >= 0:
            self._sock.settimeout(self._deadline.timeout)  # it may go on, after the answer of a proxy for example
        self._raw.close()
        super().close()


class _Buffer(io.BufferedReader):
    """The same by lines, which may not be of any length: urllib3 1.26 asks for one without saying how long."""

    def readline(self, size: int | None = -1) -> bytes:
        return super().readline(LONGEST_LINE if size is None or size < 0 else size)


class _Answer(http.client.HTTPResponse):
    """An answer that is read by the deadline, its header included."""

    deadline: Deadline

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.deadline.renew()  # a connection, for example, has a time-out of its own
        self.fp = _Buffer(_Reader(self.fp.detach(), sock, self.deadline))


def _equipped(pool: Any, deadline: Deadline) -> Any:
    """A class of connection pools of urllib3, with answers that keep to the deadline."""
    kind = getattr(pool.ConnectionCls, "response_class", _Answer)  # without ssl there are no such connections
    if issubclass(kind, _Answer):
        return pool
    answer = type("Answer", (_Answer,), {"deadline": deadline})
    connection = type("Connection", (pool.ConnectionCls,), {"response_class": answer})
    return type("Pool", (pool,), {"ConnectionCls": connection})


if HAS_REQUESTS:

    class DeadlineAdapter(HTTPAdapter):
        """An adapter of requests with a deadline for its answers."""

        def __init__(self, timeout: float, **settings: Any) -> None:
            self.deadline = Deadline(timeout)
            super().__init__(**settings)

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self._equip(self.poolmanager)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            return self._equip(super().proxy_manager_for(*args, **kwargs))

        def _equip(self, manager: Any) -> Any:
            pools = manager.pool_classes_by_scheme
            manager.pool_classes_by_scheme = {scheme: _equipped(pools[scheme], self.deadline) for scheme in pools}
            return manager

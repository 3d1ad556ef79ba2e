# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""An adapter of requests with stricter connections: a deadline for each answer, no stray bytes, no outdated TLS.

The time-out of a socket covers only the next few bytes. A server that sends a byte now and then could keep a task
waiting for ever.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._foreign_errors import OutdatedTlsError

try:
    from requests.adapters import HTTPAdapter
    from requests.models import Response

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False


LONGEST_LINE = 64 * 1024 + 1  # bytes; as http.client limits it
OUTDATED_TLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")


class Deadline(threading.local):
    """The time by which the answer that a thread waits for has to be complete. Each thread has its own."""

    sock: socket.socket | None = None  # of the last answer
    on_arrival: Callable[[], None] | None = None

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout  # seconds
        self.renew()

    @contextlib.contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Shorten the time-out of this thread."""
        timeout, self.timeout = self.timeout, min(self.timeout, seconds)
        try:
            yield
        finally:
            self.timeout = timeout

    @contextlib.contextmanager
    def watched_by(self, on_arrival: Callable[[], None]) -> Iterator[None]:
        """Call this function whenever a part of an answer has arrived for this thread. It may raise an error."""
        self.on_arrival = on_arrival
        try:
            yield
        finally:
            self.on_arrival = None

    def renew(self) -> None:
        """Start the time-out again, because a part has arrived."""
        self._end = time.monotonic() + self.timeout

    def rest(self) -> float:
        """Return the seconds that are left. Raise socket.timeout if there are none."""
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise socket.timeout
        return rest


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.complete = False  # if it is true, nothing more is read from the socket
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.complete:
            return 0
        rest = self._deadline.rest()
        if not 0 <= (self.sock.gettimeout() or 0) - rest < 0.01 * rest:  # setting it takes long with many threads
            self.sock.settimeout(rest)
        count = self._raw.readinto(buffer)
        if self._deadline.on_arrival:
            self._deadline.on_arrival()
        return count

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            self.sock.settimeout(self._deadline.timeout)  # the connection may be used again
        self._raw.close()
        super().close()


class _Buffer(io.BufferedReader):
    """Bounds the length of lines, for which urllib3 1.26 sets no limit, and notices bytes behind the answer."""

    raw: _Reader

    def readline(self, size: int | None = LONGEST_LINE) -> bytes:
        return super().readline(size)

    def close(self) -> None:
        if not self.closed:
            self.raw.complete = True
            if self.peek():  # the next request would take these bytes for its answer
                hang_up(self.raw.sock)
        super().close()


def hang_up(sock: socket.socket) -> None:
    """End a connection for both sides, so that its pool sees that it cannot be used again."""
    with contextlib.suppress(OSError):  # it has ended already
        sock.shutdown(socket.SHUT_RDWR)


class _Answer(http.client.HTTPResponse):
    """An answer that has to be complete by the deadline, header included."""

    deadline: Deadline

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.deadline.sock = sock
        self.deadline.renew()  # connecting had a time-out of its own
        self.fp = _Buffer(_Reader(self.fp.detach(), sock, self.deadline))

    def _read_status(self) -> tuple[str, int, str]:
        """Skip interim answers (1xx), of which http.client itself skips only 100 (RFC 9110, 15.2)."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed leaves it out
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.BadStatusLine(f"{version} {status} without a request for it")
            if status // 100 != 1:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Secure:
    """Mixin for connections: refuses TLS older than 1.2, even if the library and OpenSSL allow it."""

    sock: Any
    close: Any

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # the other base class has it
        version = self.sock.version() if hasattr(self.sock, "version") else None
        if version in OUTDATED_TLS:
            self.close()
            raise OutdatedTlsError(1, f"version {version}")


def _equipped(pool: Any, deadline: Deadline) -> Any:
    """Return a class of connection pools whose connections use `_Secure` and `_Answer`."""
    connection = pool.ConnectionCls
    if issubclass(connection, _Secure):  # it is done already
        return pool
    answer = type(_Answer.__name__, (_Answer,), {"deadline": deadline})
    secure = type(connection.__name__, (_Secure, connection), {"response_class": answer})
    return type(pool.__name__, (pool,), {"ConnectionCls": secure})


if HAS_REQUESTS:

    class DeadlineAdapter(HTTPAdapter):
        """An adapter of requests with a deadline for its answers. All its requests go to one address the same way."""

        def __init__(self, timeout: float, **settings: Any) -> None:
            self.deadline = Deadline(timeout)
            self._pool: Any = None
            super().__init__(**settings)

        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            """Look up the pool of connections once, not for each request (requests 2.32 and newer)."""
            if self._pool is None:
                self._pool = super().get_connection_with_tls_context(*args, **kwargs)
            return self._pool

        def request_url(self, request: Any, proxies: Any) -> Any:
            """Look for the proxy of a request only if there are proxies at all."""
            return super().request_url(request, proxies) if proxies else f"/{request.url.split('/', 3)[3]}"

        def hang_up(self) -> None:
            """End the connection that gave this thread its last answer."""
            if self.deadline.sock:
                hang_up(self.deadline.sock)

        def build_response(self, req: Any, resp: Any) -> Response:
            """Make an answer without cookies and encoding, which nobody looks at and which take long to find."""
            response = Response()
            response.request, response.raw = req, resp
            response.status_code, response.headers = resp.status, resp.headers
            return response

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self._equip(self.poolmanager)

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            return self._equip(super().proxy_manager_for(*args, **kwargs))

        def _equip(self, manager: Any) -> Any:
            pools = manager.pool_classes_by_scheme
            manager.pool_classes_by_scheme = {scheme: _equipped(pools[scheme], self.deadline) for scheme in pools}
            return manager

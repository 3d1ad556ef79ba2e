# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that answers with any bytes at all: for what no web framework would send."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Sequence

HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


class RawServer:
    """Answers every request with the same pieces, but for the ``first`` ones; keeps the requests.

    With a ``context`` it speaks TLS.
    """

    def __init__(
        self, pieces: Iterable[bytes], first: Sequence[bytes] = (), context: ssl.SSLContext | None = None
    ) -> None:
        self._pieces = pieces
        self._first = first
        self._context = context
        self._socket = self._connection = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.address: tuple[str, int] = self._socket.getsockname()
        self.api_url = f"http{'s' if context else ''}://127.0.0.1:{self.address[1]}/api/v2"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections, and end one that is still open."""
        for each in (self._socket, self._connection):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _secured(self, bare: socket.socket) -> socket.socket:
        return self._context.wrap_socket(bare, server_side=True) if self._context else bare

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                bare, _address = self._socket.accept()
                with bare, contextlib.suppress(OSError), self._secured(bare) as connection:
                    self._connection = connection
                    self.requests.append(connection.recv(65536))
                    turn = len(self.requests)
                    for piece in self._pieces if turn > len(self._first) else [self._first[turn - 1]]:
                        connection.sendall(piece)


class ConnectionServer:
    """Keeps connections open, and answers by a function of the request, its connection and its place there.

    The function gets the request line as text and both counted from 1, and returns what is sent, or None for a reset.
    """

    def __init__(self, answer: Callable[[str, int, int], bytes | None]) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.requests: list[tuple[str, int]] = []  # request line, connection
        self.api_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/api/v2"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """End everything."""
        for each in (self._socket, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection, len(self._connections)), daemon=True).start()

    def _serve(self, connection: socket.socket, place: int) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as incoming:
            turn = 0
            while line := incoming.readline().decode().strip():
                while incoming.readline().strip():
                    pass
                turn += 1
                self.requests.append((line, place))
                answer = self._answer(line, place, turn)
                if answer is None:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                connection.sendall(answer)

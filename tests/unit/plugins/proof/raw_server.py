# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that answers with any bytes at all: for what no web framework would send."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterable, Sequence

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
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.address: tuple[str, int] = self._socket.getsockname()
        self.api_url = f"http{'s' if context else ''}://127.0.0.1:{self.address[1]}/api/v2"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                if self._context:
                    connection = self._context.wrap_socket(connection, server_side=True)
                with connection, contextlib.suppress(OSError):
                    self.requests.append(connection.recv(65536))
                    turn = len(self.requests)
                    for piece in self._pieces if turn > len(self._first) else [self._first[turn - 1]]:
                        connection.sendall(piece)

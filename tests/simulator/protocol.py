# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uvicorn's HTTP protocol, opened up: the app gets the connection and the request target, byte for byte."""

from __future__ import annotations

import os
import socket
import struct
from asyncio import Transport
from typing import Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Keys of the ASGI scope.
TRANSPORT = "simulator.transport"
TARGET = "simulator.target"


class RecordsRefused(Protocol):
    """What the protocol needs of the app."""

    def record_refused(self, method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Note a request that is not HTTP and never reaches the app."""


class SimulatorProtocol(HttpToolsProtocol):
    """Hands transport and raw target over in the scope, and has the app log what the parser refuses."""

    recorder: RecordsRefused

    def on_headers_complete(self) -> None:
        """Add to the scope, which the app sees only once the loop gets to its task."""
        super().on_headers_complete()
        scope = cast("dict[str, object]", self.scope)  # uvicorn's type knows only the keys of ASGI
        scope[TRANSPORT] = self.transport
        scope[TARGET] = self.url
        self.url = b""  # so that send_400_response() does not take the last request's for its own

    def send_400_response(self, msg: str) -> None:
        """Log the request that cannot be parsed: a client that sends rubbish must not look as if it kept quiet."""
        self.recorder.record_refused("", getattr(self, "url", b""), self.headers or [])
        super().send_400_response(msg)


def abort(transport: Transport) -> None:
    """Cut the connection so that the client sees a TCP reset, not an orderly end."""
    if transport.is_closing():
        return  # the client has hung up already
    # uvloop's socket object cannot set options, but they belong to the open socket, which a duplicate shares.
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as duplicate:
        duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()

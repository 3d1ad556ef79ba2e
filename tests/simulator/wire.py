# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request as the simulator works on it, with short ways to answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from .log import Entry
from .protocol import TRANSPORT, abort

ENTRY = "simulator.entry"
JSON = b"application/json"

Headers = Iterable[tuple[bytes, bytes]]


class Wire:
    """The connection of one request: sends whole answers, pieces of them, or cuts it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entry: Entry = scope[ENTRY]
        self._transport: asyncio.Transport = scope[TRANSPORT]
        self._receive = receive
        self._send = send

    @property
    def gone(self) -> bool:
        """Tell whether the client has hung up."""
        return self._transport.is_closing()

    async def json(self, status: int, payload: Any, headers: Headers = ()) -> None:
        """Send a complete JSON answer."""
        await self.answer(status, orjson.dumps(payload), JSON, headers)

    async def orders(self, status: int, lists: Iterator[list[Any]]) -> None:
        """Send lists of orders as one JSON array, in chunks; other requests have their turn in between."""
        await self.start(status, JSON)
        before = b"["
        for some in lists:
            if self.gone:
                return
            if some:
                await self.piece(before + orjson.dumps(some)[1:-1])
                before = b","
            await asyncio.sleep(0)
        await self.piece(b"]" if before == b"," else b"[]", last=True)

    async def answer(self, status: int, body: bytes, content_type: bytes, headers: Headers = ()) -> None:
        """Send a complete answer."""
        await self.start(status, content_type, [(b"content-length", str(len(body)).encode()), *headers])
        await self.piece(body, last=True)

    async def start(self, status: int, content_type: bytes, headers: Headers = ()) -> None:
        """Send the header; without a content-length among the headers the body goes out in chunks."""
        sent = [(b"content-type", content_type), *headers]
        await self._send({"type": "http.response.start", "status": status, "headers": sent})

    async def piece(self, body: bytes, last: bool = False) -> None:
        """Send a piece of the body; waits while the client is slow to read."""
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    async def reset(self) -> None:
        """Cut the connection with a TCP reset."""
        abort(self._transport)
        await self._ended()

    async def close(self) -> None:
        """End the connection in good order after what was sent."""
        self._transport.close()
        await self._ended()

    async def _ended(self) -> None:
        # uvicorn complains of an unfinished answer unless it knows that the connection is lost.
        while (await self._receive())["type"] != "http.disconnect":
            pass

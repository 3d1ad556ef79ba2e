# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that are too much: the normal JSON answer with a field ``padding`` that makes it as big as wanted.

All sizes are bytes of the unpacked body.
"""

from __future__ import annotations

import asyncio
import functools
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson

_BLOCK = b"x" * 65536


def length(payload: Any, size: int) -> int:
    """Return how long the body is: size, or a little more where the answer alone is longer."""
    return len(b"".join(_frame(payload))) + _fill(payload, size)


def pieces(payload: Any, size: int) -> Iterator[bytes]:
    """Yield the body in pieces."""
    head, tail = _frame(payload)
    blocks, rest = divmod(_fill(payload, size), len(_BLOCK))
    yield head
    for _index in range(blocks):
        yield _BLOCK
    yield _BLOCK[:rest] + tail


async def trickle(payload: Any, size: int, interval: float) -> AsyncIterator[bytes]:
    """Yield the beginning of the body, and then this many bytes of padding every interval, for ever (seconds)."""
    yield _frame(payload)[0]
    while True:
        await asyncio.sleep(interval)
        yield b"x" * size


async def gzipped(payload: Any, size: int) -> bytes:
    """Return the body packed with gzip, about a thousandth of its size. Packing does not hold up other requests."""
    return await asyncio.to_thread(_gzipped, orjson.dumps(payload), size)


@functools.lru_cache(maxsize=8)
def _gzipped(payload: bytes, size: int) -> bytes:
    packer = zlib.compressobj(level=9, wbits=31)
    return b"".join(map(packer.compress, pieces(orjson.loads(payload), size))) + packer.flush()


def _frame(payload: Any) -> tuple[bytes, bytes]:
    """Return what comes before and after the padding: inside the order, in a list inside the first one."""
    if not isinstance(payload, list):
        return orjson.dumps(payload)[:-1] + b',"padding":"', b'"}'
    if not payload:
        return b'[{"padding":"', b'"}]'
    rest = b"".join(b"," + orjson.dumps(order) for order in payload[1:])
    return b"[" + orjson.dumps(payload[0])[:-1] + b',"padding":"', b'"}' + rest + b"]"


def _fill(payload: Any, size: int) -> int:
    return max(0, size - len(b"".join(_frame(payload))))

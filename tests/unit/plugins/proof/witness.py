# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A witness: what a request that meets a fault looks like to somebody who only knows HTTP and the API's documentation.

It shares no code with the plugins, so what it saw may be held against what they say.
"""

from __future__ import annotations

import gzip
import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass
from enum import Enum
from typing import Any

LARGEST_ORDER = 1 << 20  # bytes; more is not taken for an order
LARGEST_LIST = 64 << 20  # bytes; more is not taken for a list
LONGEST_WAIT = 60  # seconds; the default of retry_max_wait


class Nature(Enum):
    """What an answer is, and so what is known of its request."""

    GOOD = "the answer that is due"
    OTHER_ORDER = "about another order"
    OTHER_STATUS = "about the order, but with another payment status than it should have"
    REDIRECTED = "a redirect"
    KEY_REFUSED = "401 or 403"
    NOT_FOUND = "404"
    REFUSED = "another refusal: nothing was done, and will not be"
    BUSY = "429, or 503 with a time: nothing was done, but may be in a moment"
    TOO_LARGE = "too large for what was asked for, or a list without end"
    LOST = "no answer, or none that says whether the request took effect"

    @property
    def transient(self) -> bool:
        """Tell whether the same request may do better in a moment."""
        return self in (Nature.BUSY, Nature.LOST)

    @property
    def says_nothing_was_done(self) -> bool:
        """Tell whether the answer leaves no doubt: the change was not made."""
        return self in (Nature.BUSY, Nature.KEY_REFUSED, Nature.NOT_FOUND, Nature.REFUSED)


@dataclass(frozen=True)
class Sight:
    """What the witness saw: ``words`` of the API, ``wait`` in seconds that it asked for, if any.

    listed: the number and the payment status of each order in a list.
    """

    nature: Nature
    status: int | None = None
    words: str = ""
    wait: float = 0
    listed: frozenset[tuple[Any, Any]] = frozenset()

    @property
    def too_long(self) -> bool:
        """Tell whether the API asks for more budget than there is."""
        return self.nature.transient and self.wait > LONGEST_WAIT


def watch(
    simulator: Any,
    method: str,
    path: str,
    number: str | None = None,
    status: str | None = None,
    *,
    timeout: float = 30.0,
) -> Sight:
    """Send one request and say what came back. number, status: the order that is due; without them a list is."""
    url = urllib.parse.urlsplit(simulator.api_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)
    largest, answer = LARGEST_ORDER if number else LARGEST_LIST, None
    try:
        connection.request(method, url.path + path, headers={"X-Komfortkasse-API-Key": simulator.api_key})
        answer = connection.getresponse()
        body = _read(answer, timeout, largest)
    except TimeoutError:
        return Sight(Nature.LOST if number or answer is None else Nature.TOO_LARGE)
    except (OSError, http.client.HTTPException):
        return Sight(Nature.LOST)
    finally:
        connection.close()
    wait = answer.headers.get("Retry-After")
    value = _parse(body) if len(body) <= largest else None
    if len(body) > largest:
        return Sight(Nature.TOO_LARGE)
    if 200 <= answer.status < 300:
        orders = value if isinstance(value, list) else []
        listed = frozenset((order.get("number"), order.get("paymentStatus")) for order in orders)
        return Sight(_nature_of(value, number, status), listed=listed)
    error = value.get("error") if isinstance(value, dict) else None
    return Sight(_nature_of_status(answer.status, wait), answer.status, error or "", float(wait or 0))


def _read(answer: http.client.HTTPResponse, timeout: float, largest: int) -> bytes:
    end = time.monotonic() + timeout
    body = b""
    while (piece := answer.read1(65536)) and len(body) <= largest:
        body += piece
        if time.monotonic() > end:
            raise TimeoutError
    if not piece and answer.length:
        raise http.client.IncompleteRead(body)
    return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _nature_of(value: Any, number: str | None, status: str | None) -> Nature:
    if number is None:
        return Nature.GOOD if isinstance(value, list) else Nature.LOST
    shown = [value.get(name) for name in ("number", "paymentStatus")] if isinstance(value, dict) else [None]
    if not all(isinstance(field, str) for field in shown):
        return Nature.LOST
    if shown == [number, status]:
        return Nature.GOOD
    return Nature.OTHER_ORDER if shown[0] != number else Nature.OTHER_STATUS


def _nature_of_status(status: int, wait: str | None) -> Nature:
    if status == 429 or (status == 503 and wait is not None):
        return Nature.BUSY
    if status >= 500 or status == 408:
        return Nature.LOST
    known = {401: Nature.KEY_REFUSED, 403: Nature.KEY_REFUSED, 404: Nature.NOT_FOUND}
    return known.get(status, Nature.REFUSED if status >= 400 else Nature.REDIRECTED)

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: every request outside /_control, in the order of arrival, exactly as it came over the wire."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEY_HEADER = "x-komfortkasse-api-key"

# Enough for any benchmark (10 requests for each of 20,000 orders), and a bound on memory when one runs for hours.
KEPT = 200_000


@dataclass
class Entry:
    """One request and its answer. time in seconds since the epoch; status None: no answer went out."""

    n: int
    method: str
    raw_path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    time: float = field(default_factory=time.time)
    operation: str | None = None
    order_number: str | None = None
    shop: str | None = None
    status: int | None = None
    fault: int | None = None
    changed: bool = False
    before: str | None = None
    after: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the entry for the control interface; the API key's value is left out."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name = raw_name.decode("latin-1").lower()
            value = "<key>" if name == KEY_HEADER else raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return {
            "n": self.n,
            "time": self.time,
            "method": self.method,
            "raw_path": self.raw_path,
            "query": self.query,
            "operation": self.operation,
            "order_number": self.order_number,
            "shop": self.shop,
            "status": self.status,
            "fault": self.fault,
            "changed": self.changed,
            "from": self.before,
            "to": self.after,
            "headers": headers,
            "body": self.body.decode("utf-8", "replace"),
        }


class Log:
    """The entries since the last clear(); ``n`` counts from 1 and shows it if old ones had to go."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> Entry:
        """Note a request that has just come in. target: the request target, byte for byte."""
        self._count += 1
        raw_path, _mark, query = target.decode("latin-1").partition("?")
        entry = Entry(self._count, method, raw_path, query, headers)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything. Requests that are under way stay forgotten."""
        self._entries.clear()
        self._count = 0

    def as_json(self, method: str | None = None) -> list[dict[str, Any]]:
        """Return the entries, all of them or those of one HTTP method."""
        return [entry.as_json() for entry in self._entries if method in (None, entry.method)]

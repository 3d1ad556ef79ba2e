# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The API key taken out of what somebody else says, who may have spelt it in another way than we did. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

MASK = "********"
SHORTEST = 8  # characters; anything shorter that is derived from a key could be met by chance


class Redactor:
    """Knows one key and its usual spellings: plain, URL-encoded, hexadecimal, in JSON escapes, and in base64, also
    as a part of more."""

    def __init__(self, key: str) -> None:
        self._spellings = sorted({key, *(s for s in _spellings(key) if len(s) >= SHORTEST)}, key=len, reverse=True)
        signs = (rf"(?:{re.escape(sign)}|\\u00{ord(sign):02x})" for sign in key)
        self._escaped = re.compile("".join(signs), re.IGNORECASE)

    def text(self, text: str) -> str:
        """A text without the key."""
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, MASK)
        return self._escaped.sub(MASK, text) if "\\u00" in text else text

    def body(self, body: bytes) -> bytes:
        """The same for the bytes of an answer, in any character set that ASCII is a part of."""
        return self.text(body.decode("latin-1")).encode("latin-1")

    def value(self, value: Any) -> Any:
        """The same for what came out of JSON. Raises RecursionError if it is nested too deeply."""
        told = json.dumps(value)
        return value if self.text(told) == told else self._masked(value)

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self._masked(item) for name, item in value.items()}
        return value


def _spellings(key: str) -> Iterator[str]:
    quoted = json.dumps(key)[1:-1]  # as it stands inside a JSON text
    yield from (quoted, quoted.replace("/", "\\/"))
    codes = "".join(f"%{ord(sign):02X}" for sign in key)
    for encoded in (quote(key), quote(key, safe=""), codes):
        yield from (encoded, re.sub("%..", lambda code: code[0].lower(), encoded))
    yield from (key.encode().hex(), key.encode().hex().upper())
    for shift in range(3):  # where it begins within three bytes; letters that are only in part the key's are left
        packed = base64.b64encode(b"\0" * shift + key.encode()).decode().rstrip("=")
        inner = packed[(0, 2, 3)[shift] : None if (shift + len(key)) % 3 == 0 else -1]
        for encoded in (packed, inner) if shift == 0 else (inner,):
            yield from (encoded, encoded.replace("+", "-").replace("/", "_"))

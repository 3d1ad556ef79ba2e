# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Makes text fit to leave the collection: valid UTF-8, and without the API key, plain or escaped. Pure."""

from __future__ import annotations

import html.entities
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

MASK = "********"
SHORTEST = 8  # characters; a shorter key may be a part of our own names
_WRITER = json.JSONEncoder(ensure_ascii=False, default=repr)
EXCERPT = 200  # characters of foreign text that a message may quote
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can spell it, UTF-8 cannot
REPLACEMENT = "\ufffd"


class Redactor:
    """Replaces one API key in text. Without a key, only makes text valid UTF-8.

    Each character of the key may be spelled plainly, as a JSON escape, as an HTML reference, or URL-encoded.
    """

    def __init__(self, key: str = "") -> None:
        self._spelled = re.compile("".join(f"(?:{'|'.join(_spellings(character))})" for character in key) or "(?!)")
        self._names_too = len(key) >= SHORTEST

    def text(self, text: str) -> str:
        """Return a text without the key and without lone surrogates."""
        return self._spelled.sub(MASK, valid(text))

    def value(self, value: Any) -> Any:
        """Return the same for all text in a value as JSON has it. Numbers stay numbers."""
        written = _WRITER.encode(value)
        return value if self.text(written) == written else self._walk(value)

    def _walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (list, tuple)):
            return [self._walk(item) for item in value]
        if isinstance(value, dict):
            clean = self.text if self._names_too else valid
            return {clean(name): self._walk(item) for name, item in value.items()}
        return value


def valid(text: str) -> str:
    """Return a text that UTF-8 can express."""
    return LONE_SURROGATE.sub(REPLACEMENT, text)


def excerpt(text: str, longest: int = EXCERPT) -> str:
    """Return foreign text fit for a message: one line, no control or invisible characters, not too long.

    Redact it first: a key that is cut in half is no longer found.
    """
    line = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[:longest]}..."


def _spellings(character: str) -> Iterator[str]:
    """Patterns for one character, itself last: %25 is % as well. Each begins with a literal, so the search is fast."""
    code = _any_case(f"{ord(character):02x}")
    yield rf"\\u00{code}"
    if character in '"\\/':
        yield re.escape(f"\\{character}")
    yield f"%{code}"
    yield f"&#0*{ord(character)};"
    yield f"&#[xX]0*{code};"
    names = (name for name, meaning in html.entities.html5.items() if meaning == character)
    yield from (f"&{name}" for name in sorted(names, reverse=True))  # &lt; before &lt, which HTML has too
    yield re.escape(character)


def _any_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)

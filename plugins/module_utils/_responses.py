# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What came back from the API: from bytes to orders, or to an error that says what is wrong with them. Pure."""

from __future__ import annotations

import codecs
import datetime
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    TooLargeAnswerError,
    UnreadableAnswerError,
    WrongAnswerError,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order

Number = TypeVar("Number", int, float)

EXCERPT = 200  # characters of somebody else's text that may stand in a message
FLOAT_MAX = sys.float_info.max
DEEPEST_ORDER = 50  # levels; a real one has three. Ansible fails to return what has a few hundred
LONGEST_ORDER = 8 * 1024 * 1024  # characters or bytes of one order; a real one has about a thousand


def order_about(body: bytes, number: str) -> Order:
    """The order in an answer; an error if the answer is anything else, or another order."""
    order = _check_order(_load(body))
    if order["number"] != number:
        raise WrongAnswerError(f"the API answered for another order: {excerpt(order['number'])}")
    return order


def orders_in(chunks: Iterable[bytes]) -> Iterator[Order]:
    """The orders of a JSON array, one by one as they arrive: never more than one order is held."""
    decoder = json.JSONDecoder(**_READING)
    text = _Text(chunks)
    if text.next_sign() != "[":
        raise UnreadableAnswerError("the API answered with something else than a list of orders")
    closing = text.skip_sign(1) == "]"
    while not closing:
        while True:
            try:
                value, end = decoder.raw_decode(text.held)
                break
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not text.twice():
                    raise UnreadableAnswerError(f"the API's list of orders is not proper JSON ({error})") from None
        yield _check_order(value)
        sign = text.skip_sign(end)
        if sign not in (",", "]"):
            raise UnreadableAnswerError("the API's list of orders is not proper JSON (a comma is missing)")
        closing = sign == "]"
        if not closing:
            text.skip_sign(1)
    if text.skip_sign(1):
        raise UnreadableAnswerError("the API's list of orders continues after its end")


class _Text:
    """Text that arrives in chunks; what was used is dropped."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(codecs.iterdecode(chunks, "utf-8-sig"))
        self.held = ""

    def twice(self) -> bool:
        """Take in as much again as is held: to try with each chunk anew takes for ever. False if there is no more."""
        before = len(self.held)
        while len(self.held) < 2 * before and self.more():
            pass
        return len(self.held) > before

    def more(self) -> bool:
        """Take in one more chunk; False at the end of the text."""
        try:
            chunk = next(self._chunks, None)
        except UnicodeDecodeError:
            raise UnreadableAnswerError("the API's list of orders is not UTF-8 text") from None
        if chunk is None:
            return False
        self.held += chunk
        if len(self.held) > LONGEST_ORDER:
            raise TooLargeAnswerError("the API's list holds an order of more than 8 MiB")
        return True

    def next_sign(self) -> str:
        """The next character that is not white space, which then begins ``held``; '' at the end."""
        while not (held := self.held.lstrip(" \t\r\n")) and self.more():
            pass
        self.held = held or self.held.lstrip(" \t\r\n")
        return self.held[:1]

    def skip_sign(self, length: int) -> str:
        """Drop so many characters and look at the next sign."""
        self.held = self.held[length:]
        return self.next_sign()


def error_text(body: bytes) -> str:
    """The API's own words in an error's body, or the beginning of whatever else it is; '' if it is empty."""
    try:
        value = _load(body)
    except UnreadableAnswerError:
        return excerpt(body.decode("utf-8", "replace"))
    if isinstance(value, dict) and isinstance(value.get("error"), str):
        return excerpt(value["error"])
    return excerpt(body.decode("utf-8", "replace"))


def redirect_host(location: str) -> str:
    """The host that a Location header points to, fit to show."""
    try:
        host = urlsplit(location).netloc
    except ValueError:
        host = ""
    return excerpt(host.rpartition("@")[2]) or "another path of the same host"


def seconds_to_wait(header: str | None) -> float | None:
    """What a Retry-After header (seconds or an HTTP date) asks for; None without one, or if it can't be read.

    urllib3 has such a function, but it makes six hours of everything longer.
    """
    if header is None:
        return None
    if re.fullmatch("[0-9]{1,9}", header):
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError):  # TypeError: Python 3.9
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    return max(0.0, (when - datetime.datetime.now(datetime.timezone.utc)).total_seconds())


def excerpt(text: str) -> str:
    """Somebody else's text made safe to show: one line, no control characters, not too long."""
    line = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 4 * EXCERPT]).split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT]}..."


def _check_order(value: object) -> Order:
    if not isinstance(value, dict):
        raise UnreadableAnswerError(f"the API answered with {_kind(value)} where an order was due")
    for name in ("number", "paymentStatus"):
        if not isinstance(value.get(name), str) or not value[name]:
            raise UnreadableAnswerError(f"the API answered with an order that has no {name}")
    if excerpt(value["paymentStatus"]) != value["paymentStatus"]:
        raise UnreadableAnswerError("the API answered with an order whose paymentStatus is no word")
    if not _is_shallow(value):
        raise UnreadableAnswerError(
            f"the API answered with an order that is nested more than {DEEPEST_ORDER} levels deep"
        )
    order: Order = value
    return order


def _is_shallow(value: object) -> bool:
    """Tell whether it has no more than so many levels; level by level, for recursion would have its own limit."""
    level: list[object] = [value]
    for _depth in range(DEEPEST_ORDER):
        nested = [item for item in level if isinstance(item, (dict, list))]
        if not nested:
            return True
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
    return not any(isinstance(item, (dict, list)) for item in level)


def _load(body: bytes) -> Any:
    try:
        return json.loads(body, **_READING)
    except (ValueError, RecursionError) as error:
        what = "an empty body" if not body.strip() else f'something that is not JSON: "{_begin(body)}"'
        if body.lstrip()[:1] in (b"{", b"["):
            what = f"JSON that is broken or cut off ({str(error)[:EXCERPT]})"
        raise UnreadableAnswerError(f"the API answered with {what}") from None


def _begin(body: bytes) -> str:
    return excerpt(body[:EXCERPT].decode("utf-8", "replace"))[:80]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a field is given twice")
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _finite_float(digits: str) -> float:
    return _finite(float(digits), digits)


def _finite_int(digits: str) -> int:
    return _finite(int(digits), digits)


def _finite(number: Number, digits: str) -> Number:
    """Refuse what would be infinite as a float: no JSON can tell of it, and no amount of money is of that size."""
    if not -FLOAT_MAX <= number <= FLOAT_MAX:
        raise ValueError(f"{digits if len(digits) <= 20 else digits[:6] + '...'} is too large for a number")
    return number


_READING: dict[str, Any] = {
    "object_pairs_hook": _unique,
    "parse_constant": _no_constant,
    "parse_float": _finite_float,
    "parse_int": _finite_int,
}
"""How JSON is read: more strictly than by default."""


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")

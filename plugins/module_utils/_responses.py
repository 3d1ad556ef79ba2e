# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What the API answered: from bytes to orders, or to an error that says what is wrong with them. Pure."""

from __future__ import annotations

import codecs
import datetime
import json
import re
import sys
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Optional, TypeVar
from urllib.parse import urlsplit

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    UnreadableAnswerError,
    WrongAnswerError,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor, excerpt

Pick = Callable[[Order], Optional[Order]]
Number = TypeVar("Number", int, float)

FLOAT_MAX = sys.float_info.max
DEEPEST_ORDER = 50  # levels; a real order has three. Ansible fails to return what has a few hundred
SEARCHED = 16 * 1024  # bytes or characters that are searched for the key, before a message quotes 200 of them
BLANKS = " \t\n\r"  # of JSON
_SKIPPED = re.compile(f"[{BLANKS}]*")
_UNWANTED = object()


def order_about(body: bytearray, number: str, redactor: Redactor) -> Order:
    """Return the order in an answer. Raise an error if the answer is anything else, or another order."""
    value = _load(body, redactor)
    order = _check_order(value, redactor)
    if order["number"] != number:
        other = excerpt(redactor.text(order["number"]))
        how = "" if isinstance(value["number"], str) else ", as a number instead of text"
        raise WrongAnswerError(f"the API answered for another order: {other}{how}")
    redacted: Order = redactor.value(order)
    return redacted


def orders_in(pieces: Iterator[bytes], pick: Pick | None, redactor: Redactor) -> list[Order]:
    """Return the orders of a JSON array, or what ``pick`` makes of each. It is parsed as it arrives to save memory.

    With ``pick``, an order of which it makes None is dropped, and so is one whose number or payment status is not text.
    ``pick`` may be shown an order twice.
    """

    def keep(pairs: list[tuple[str, Any]]) -> Any:
        order = _unique(pairs)
        if pick is None or not ("number" in order and "paymentStatus" in order):
            return order
        is_order = isinstance(order["number"], str) and isinstance(order["paymentStatus"], str)
        return (pick(order) if is_order else None) or _UNWANTED

    head = b""
    while len(begin := head.removeprefix(codecs.BOM_UTF8).lstrip(BLANKS.encode())) < 4 and (piece := next(pieces, b"")):
        head += piece
    if not begin.startswith(b"["):
        value = _load(bytearray(head + b"".join(pieces)), redactor)
        raise UnreadableAnswerError(f"the API answered with {_kind(value, redactor)} instead of a list of orders")
    texts = codecs.iterdecode(chain([begin], pieces), "utf-8")
    values = _elements(texts, json.JSONDecoder(object_pairs_hook=keep, **_READING))
    try:
        return [redactor.value(_check_order(value, redactor)) for value in values if value is not _UNWANTED]
    except UnicodeDecodeError:
        raise UnreadableAnswerError("the API answered with a list that is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError(
            f"the API answered with JSON that is broken or cut off ({excerpt(str(error))})"
        ) from None


def _elements(texts: Iterator[str], decoder: json.JSONDecoder) -> Iterator[Any]:
    """Yield the elements of a JSON array, which begins with ``[``. Raise ValueError if it is broken or cut off."""
    rest, enough, problem = "", 0, ""  # rest begins with what stands before an element: [ or a comma
    texts = chain(texts, [""])
    for text in texts:
        rest += text
        if text and len(rest) < enough:
            continue  # to try again for each piece of a large element would take too long
        at = 0
        while at < len(rest):
            start = _skip(rest, at + 1)
            end = start
            if rest[at] != "[" or rest[start : start + 1] != "]":
                try:
                    value, end = decoder.raw_decode(rest, start)
                except json.JSONDecodeError as error:  # it may go on
                    problem = error.msg
                    break
                end = _skip(rest, end)
                if end == len(rest):
                    break
                yield value
            if rest[end] == "]":
                if (rest[end + 1 :] + "".join(texts)).strip(BLANKS):
                    raise ValueError("Extra data")
                return
            if rest[end] != ",":
                raise ValueError("Expecting ',' delimiter")
            at = end
        rest = rest[at:]
        enough = 2 * len(rest)
    raise ValueError(problem or "Unterminated list")


def _skip(text: str, start: int) -> int:
    """Return where the next character that is not blank is."""
    match = _SKIPPED.match(text, start)
    return match.end() if match else start


def error_text(body: bytearray, redactor: Redactor) -> str:
    """Return the API's own words from the body of an error, else the beginning of the body; '' if it is empty."""
    try:
        value = _load(body, redactor)
    except UnreadableAnswerError:
        return _begin(body, redactor)
    return _error_in(value, redactor) or _begin(body, redactor)


def redirect_host(location: str) -> str:
    """Return the host that a Location header points to, fit for a message."""
    try:
        host = urlsplit(location).netloc
    except ValueError:
        host = ""
    return excerpt(host.rpartition("@")[2]) or "another path of the same host"


def seconds_to_wait(header: str | None) -> float | None:
    """Return the wait that a Retry-After header (seconds or an HTTP date) asks for; None if it asks for none.

    urllib3 has such a function, but it cuts everything longer to six hours.
    """
    if header is None:
        return None
    if re.fullmatch("[0-9]{1,9}", header):
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError, IndexError):  # whatever a malformed date makes it raise
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    return max(0.0, (when - datetime.datetime.now(datetime.timezone.utc)).total_seconds())


def _check_order(value: Any, redactor: Redactor) -> Order:
    """Return the order with its number as text, or raise an error that says what is wrong with it."""
    if not isinstance(value, dict):
        raise UnreadableAnswerError(f"the API answered with {_kind(value, redactor)} instead of an order")
    number = value.get("number")
    if isinstance(number, int) and not isinstance(number, bool):
        value = {**value, "number": str(number)}
    for name in ("number", "paymentStatus"):
        if not isinstance(value.get(name), str) or not value[name]:
            error = _error_in(value, redactor)
            if error:
                raise WrongAnswerError(f"the API answered with an error instead of an order: {error}")
            raise UnreadableAnswerError(f"the API answered with an order that has no {name}")
    if not _is_word(value["paymentStatus"]):
        raise UnreadableAnswerError("the API answered with an order whose paymentStatus is invalid")
    if not _is_shallow(value):
        raise UnreadableAnswerError(
            f"the API answered with an order that is nested more than {DEEPEST_ORDER} levels deep"
        )
    order: Order = value
    return order


@lru_cache(maxsize=64)  # there are nine
def _is_word(status: str) -> bool:
    return excerpt(status) == status


def _is_shallow(value: object) -> bool:
    """Tell whether a value has at most DEEPEST_ORDER levels. No recursion, which has a limit of its own."""
    level: list[object] = [value]
    for _depth in range(DEEPEST_ORDER):
        nested = [item for item in level if isinstance(item, (dict, list))]
        if not nested:
            return True
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
    return not any(isinstance(item, (dict, list)) for item in level)


def _load(body: bytearray, redactor: Redactor) -> Any:
    """Parse the JSON of a body."""
    head = body[:SEARCHED]
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        begin = _begin(head, redactor)
        raise UnreadableAnswerError(f'the API answered with something that is not UTF-8 text: "{begin}"') from None
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        what = f'something that is not JSON: "{_begin(head, redactor)}"' if text.strip() else "an empty body"
        if text.lstrip()[:1] in ("{", "["):
            what = f"JSON that is broken or cut off ({excerpt(str(error))})"
        raise UnreadableAnswerError(f"the API answered with {what}") from None


def _begin(body: bytearray, redactor: Redactor) -> str:
    return excerpt(redactor.text(body[:SEARCHED].decode("utf-8", "replace")))


def _error_in(value: Any, redactor: Redactor) -> str:
    """Return the API's own words if this is its error object, else ''."""
    if isinstance(value, dict) and isinstance(value.get("error"), str):
        return excerpt(redactor.text(value["error"][:SEARCHED]))
    return ""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a field is given twice")
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _finite(number: Number, digits: str) -> Number:
    """Refuse what would be infinite as a float: JSON cannot express it, and no amount of money is that large."""
    if not -FLOAT_MAX <= number <= FLOAT_MAX:
        raise ValueError(f"{digits if len(digits) <= 20 else digits[:6] + '...'} is too large for a number")
    return number


_READING: dict[str, Any] = {
    "parse_constant": _no_constant,
    "parse_float": lambda digits: _finite(float(digits), digits),
    "parse_int": lambda digits: _finite(int(digits), digits),
}
"""How JSON is read: more strictly than by default."""
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, **_READING)


def _kind(value: Any, redactor: Redactor) -> str:
    error = _error_in(value, redactor)
    if error:
        return f"an error ({error})"
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""Order numbers from what people have: pasted text, a table, a list. What is not certain is refused. Pure.

A wrong guess changes somebody else's order, and a message may reach people who must not see customers: it never shows
more than the one cell that should hold the order number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import shown
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _order_cells, _order_table
from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import unguarded
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import (
    ADVICE_ROUNDED,
    ORDINARY,
    ROUNDED_IN_LINE,
    OrderListError,
    number_from_text,
    trimmed,
)

SEPARATORS = ",;"
BLANKS = " \u00a0\u2007\u202f\u3000"
# An entry in quotes, maybe as a formula; in it a separator is nothing special, and a doubled quote is one.
QUOTED = re.compile(
    r"""
    \s* (?: (?P<formula> ="(?:[^"]*"")*[^"]*")
         | "(?P<double> (?:[^"]*"")*[^"]* )"
         | '(?P<single> (?:[^']*'')*[^']* )' )
    \s* (?: [,;] | \Z )
    """,
    re.VERBOSE,
)
PLAIN = re.compile(r"([^,;]*)(?:[,;]|\Z)")
QUOTES = ('"', "'", '="')
TYPOGRAPHIC_QUOTES = tuple("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a")
NOT_SPLIT_AT_ONCE = re.compile(r"[eE\t]")  # 1,23E11 is one number, and a tab makes a table
SEP_LINE = re.compile(r'"?sep=\D?"?', re.IGNORECASE)
USE_COLUMN = (
    "Name the column that holds the order numbers in the option column (komfortkasse_order_column of the playbooks),"
    " or put each order number on a line of its own."
)
Value = tuple[str, bool]  # what stands there, and whether in quotes


def order_numbers_from(value: object, column: str | None = None) -> list[str]:
    """Return the order numbers in text or a list, in the order given, each once.

    With ``column`` the text is a table. Raises OrderListError, and nothing else, for what is not certain.
    """
    if column not in (None, "") and not (isinstance(column, str) and isinstance(value, str)):
        raise OrderListError("column is the name of a column, and needs the text of a table.")
    if isinstance(value, str):
        _refuse_markup(value)
        numbers = _order_table.numbers_in_column(value, column) if column else _numbers_in_text(value)
    elif isinstance(value, Iterable) and not isinstance(value, (Mapping, bytes, bytearray)):
        numbers = _numbers_in_list(value)
    else:
        numbers = _numbers_in_list([value])
    return list(dict.fromkeys(numbers))


def _refuse_markup(text: str) -> None:
    if trimmed(text[:1000]).startswith("<"):
        raise OrderListError("this is HTML or XML. Open it in a spreadsheet program and save it as CSV.")


def _numbers_in_list(values: Iterable[object]) -> Iterator[str]:
    for place, value in enumerate(values, start=1):
        try:
            yield _order_cells.number_from_value(value)
        except OrderListError as error:
            raise OrderListError(f"entry {place}: {error}") from None


def _numbers_in_text(text: str) -> Iterable[str]:
    """Return what is in a list written as text: a number on each line, or several on the only line."""
    if trimmed(text[:1000]).startswith("[") and trimmed(text[-1000:]).endswith("]"):
        return _numbers_in_list(_list_written_as_text(text))
    ordinary = _ordinary_numbers(text)
    if ordinary is not None:
        return ordinary
    numbered = enumerate(_order_table.lines_of(text), start=1)
    lines = [(number, trimmed(line), "\t" in line) for number, line in numbered if line.strip(BLANKS + SEPARATORS)]
    for number, line, has_tab in lines:
        if has_tab and line:
            raise OrderListError(f"line {number}: a tab makes a table. {USE_COLUMN}")
    return _numbers_in_lines([(number, line) for number, line, _has_tab in lines if line])


def _ordinary_numbers(text: str) -> list[str] | None:
    """Return the entries of a long list in a tenth of the time, if there is nothing but ordinary order numbers."""
    entries = [line for line in _order_table.lines_of(text) if line]
    if len(entries) == 1 and not NOT_SPLIT_AT_ONCE.search(text):
        parts = entries[0].replace(";", ",").split(",")
        entries = [part for part in map(str.strip, parts) if part]
    return entries if all(map(ORDINARY.fullmatch, entries)) else None


def _list_written_as_text(text: str) -> list[object]:
    try:
        found = json.loads(trimmed(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise OrderListError(
            'line 1: this looks like a list in brackets, but it is not JSON such as ["1001", "0123"]. Write it so, or'
            " put each order number on a line of its own."
        )
    return found


def _numbers_in_lines(lines: list[tuple[int, str]]) -> Iterator[str]:
    if lines and SEP_LINE.fullmatch(lines[0][1]):
        raise OrderListError(f"line {lines[0][0]}: a line with sep= begins a table. {USE_COLUMN}")
    entries = [(number, line) for number, line in lines if not _is_comment(line)]
    # A comment that holds a separator may be the header of a table.
    comments = [line for _number, line in lines if _is_comment(line) and ("," in line or ";" in line)]
    if len(entries) + len(comments) > 1:
        for number, line in entries:
            if _holds_several_values(line):
                raise OrderListError(f"line {number}: several values on this line make a table. {USE_COLUMN}")
    for number, line in entries:
        try:
            yield from _numbers_in_line(line)
        except OrderListError as error:
            raise OrderListError(f"line {number}{error}") from None


def _is_comment(line: str) -> bool:
    return line.startswith("#") and not line[1:2].strip()


def _holds_several_values(line: str) -> bool:
    line = line.rstrip(BLANKS + SEPARATORS)
    if "," not in line and ";" not in line:
        return False
    try:
        return len(list(_values(line))) > 1
    except OrderListError:
        return True  # a quote is not as expected, and there is a separator


def _numbers_in_line(line: str) -> Iterable[str]:
    """Return the order numbers of a line; errors go on from "line 7"."""
    rounded = ROUNDED_IN_LINE.search(line) if "," in line else None
    if rounded:
        raise OrderListError(f": {shown(rounded.group())}: {ADVICE_ROUNDED}")
    values = list(_values(line.rstrip(BLANKS + SEPARATORS)))
    return [_number_from_value(value, values) for value in dict.fromkeys(values) if value != ("", False)]


def _number_from_value(value: Value, values: list[Value]) -> str:
    text, in_quotes = value
    try:
        if not in_quotes:
            _refuse_uncertain(text)
        return number_from_text(text)
    except OrderListError as error:
        place = f", value {values.index(value) + 1}" if len(values) > 1 else ""
        raise OrderListError(f"{place}: {error}") from None


def _refuse_uncertain(text: str) -> None:
    if ORDINARY.fullmatch(text):
        return
    if "|" in text:
        raise OrderListError(f"a | makes a table. {USE_COLUMN}")
    if text.startswith(TYPOGRAPHIC_QUOTES):
        raise OrderListError("the entry is in typographic quotes. Use plain quotes, or none.")
    if len(text.split()) > 1:
        raise OrderListError(
            "there is a blank inside the entry. Put several order numbers on a line each, remove other words, or put an"
            ' order number that holds a blank in double quotes: "A 1001".'
        )


def _values(line: str) -> Iterator[Value]:
    """Split a line at commas and semicolons that are not in quotes."""
    if '"' not in line and "'" not in line:
        strip = str.strip if line.isascii() else trimmed
        yield from ((strip(part), False) for part in line.replace(";", ",").split(","))
        return
    position = 0
    while position < len(line):
        quoted = QUOTED.match(line, position)
        entry = quoted or cast("re.Match[str]", PLAIN.match(line, position))  # the plain form matches anything
        position = entry.end()
        yield _unquoted(quoted) if quoted else (_plain(entry.group(1)), False)


def _unquoted(entry: re.Match[str]) -> Value:
    formula, double, single = entry.group("formula", "double", "single")
    if formula is not None:
        return formula, True
    return (double.replace('""', '"') if double is not None else single.replace("''", "'")), True


def _plain(text: str) -> str:
    text = trimmed(text)
    if text.startswith(QUOTES) and unguarded(text) == text:
        raise OrderListError(
            ": a quote is not closed, or text follows it. Put the whole order number in double quotes, and double a"
            " quote in it."
        )
    return text

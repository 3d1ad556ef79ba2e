# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""Order numbers from what people have: pasted text, a table, or a list. What is not certain is refused. Pure.

A wrong guess changes somebody else's order. Messages may reach people who must not see customers, so they show no more
than the one cell that should hold the order number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import unguarded
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import (
    OrderListError,
    not_ordinary,
    number_from_text,
    number_from_value,
    numbers_in,
    trimmed,
)
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_table import lines_of, numbers_in_column

BLANKS_AND_SEPARATORS = " \u00a0\u2007\u202f\u3000,;"
# In quotes, a separator is an ordinary character and a doubled quote stands for one.
QUOTED = re.compile(r"""=?"(?:[^"]*"")*[^"]*"|'(?:[^']*'')*[^']*'""")
ROUNDED_WITH_COMMA = r"[+-]?\d,\d+[eE][+-]?\d{1,3}"
VALUE = re.compile(rf"(\s*(?:{QUOTED.pattern}|{ROUNDED_WITH_COMMA})\s*|[^,;]*)([,;])")
MAY_BE_ROUNDED = re.compile(r",(?<=\b\d,)\d+[eE]")  # written so that the search is fast
OPENING_QUOTES = ('"', "'", '="')
TYPOGRAPHIC_QUOTES = tuple("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a")
SEP_LINE = re.compile(r'"?sep=\D?"?', re.IGNORECASE)
USE_COLUMN = (
    "Name the column that holds the order numbers in the option column (komfortkasse_order_column of the playbooks),"
    " or put each order number on a line of its own."
)


def order_numbers_from(value: object, column: str | None = None) -> list[str]:
    """Return the order numbers in text or a list, in the order given, each once.

    With ``column`` the text is a table. Raises OrderListError, and nothing else, for what is not certain.
    """
    if column not in (None, "") and not (isinstance(column, str) and isinstance(value, str)):
        raise OrderListError("column is the name of a column, and needs the text of a table.")
    if isinstance(value, str):
        numbers = _numbers_in_text(value, column)
    elif isinstance(value, Iterable) and not isinstance(value, (Mapping, bytes, bytearray)):
        numbers = _numbers_in_list(value)
    else:
        numbers = _numbers_in_list([value])
    found = list(numbers)
    # Comparing lengths first takes half the time of making the dictionary.
    return found if len(set(found)) == len(found) else list(dict.fromkeys(found))


def _numbers_in_list(values: Iterable[object]) -> Iterator[str]:
    for place, value in enumerate(values, start=1):
        try:
            yield number_from_value(value)
        except OrderListError as error:
            raise OrderListError(f"entry {place}: {error}") from None


def _numbers_in_text(text: str, column: str | None) -> Iterable[str]:
    start = trimmed(text[:1000])
    if start.startswith("<"):
        raise OrderListError("this is HTML or XML. Open it in a spreadsheet program and save it as CSV.")
    if column:
        return numbers_in_column(text, column)
    if start.startswith(("[", "{")):
        return _numbers_in_list(_list_written_as_text(text))
    return _numbers_in_lines(lines_of(text))


def _list_written_as_text(text: str) -> list[object]:
    try:
        found = json.loads(trimmed(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise OrderListError(
            'line 1: this looks like JSON or YAML, but it is not a JSON list such as ["1001", "0123"]. Write it so, or'
            " put each order number on a line of its own."
        )
    return found


def _numbers_in_lines(lines: list[str]) -> Iterable[str]:
    """Return the order numbers in lines that hold one each, or in the only line, which may hold several."""
    entries = []  # the lines that are not ordinary, with their numbers
    several = {}  # the values in those that hold more than one
    headers = 0  # how many comments hold a separator: each may be the header of a table
    for number, line in not_ordinary(lines):
        entry = trimmed(line).rstrip(BLANKS_AND_SEPARATORS)
        if "\t" in line and trimmed(line):
            raise OrderListError(f"line {number}: a tab makes a table. {USE_COLUMN}")
        if SEP_LINE.fullmatch(entry):
            raise OrderListError(f"line {number}: a line with sep= begins a table. {USE_COLUMN}")
        values = _values(entry)
        if entry.startswith("#") and not entry[1:2].strip():
            headers += len(values) > 1
            entry = ""
        elif len(values) > 1:
            several[number] = values
        lines[number - 1] = entry
        entries.append((number, entry))
    if not several:
        return numbers_in(lines, entries, _number_from_entry, "line")
    number, values = next(iter(several.items()))
    if len(lines) - lines.count("") + headers > 1:
        raise OrderListError(f"line {number}: several values on this line make a table. {USE_COLUMN}")
    if _mixes_separators(lines[number - 1]):
        raise OrderListError(
            f"line {number}: commas and semicolons separate the values on this line, so one of them may be part of a"
            " value. Put each order number on a line of its own, or separate them all by the same."
        )
    values = list(filter(None, map(str.strip, values)))
    return numbers_in(values, not_ordinary(values), _number_from_entry, f"line {number}, value")


def _values(line: str) -> list[str]:
    """Split a line at its separators, but not in quotes or in a rounded number such as 1,23457E+11."""
    if '"' in line or "'" in line or MAY_BE_ROUNDED.search(line):
        return [value for value, _separator in VALUE.findall(f"{line},")]
    return line.replace(";", ",").split(",")


def _mixes_separators(line: str) -> bool:
    if "," not in line or ";" not in line:
        return False
    return len({separator for _value, separator in VALUE.findall(f"{line},")[:-1]}) > 1


def _number_from_entry(entry: str) -> str:
    """Return the order number in a line or in a value of the only line, "" if it is blank."""
    entry = trimmed(entry)
    if not entry:
        return ""
    if QUOTED.fullmatch(entry):
        quote = entry[0]
        return number_from_text(entry if quote == "=" else entry[1:-1].replace(quote * 2, quote))
    if "|" in entry:
        raise OrderListError(f"a | makes a table. {USE_COLUMN}")
    if entry.startswith(OPENING_QUOTES) and unguarded(entry) == entry:
        raise OrderListError(
            "a quote is not closed, or text follows it. Put the whole order number in double quotes, and double a"
            " quote in it."
        )
    if entry.startswith(TYPOGRAPHIC_QUOTES):
        raise OrderListError("the entry is in typographic quotes. Use plain quotes, or none.")
    if len(entry.split()) > 1:
        raise OrderListError(
            "there is a blank inside the entry. Put several order numbers on a line each, remove other words, or put an"
            ' order number that holds a blank in double quotes: "A 1001".'
        )
    return number_from_text(entry)

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number

SEPARATORS = ",;\t"
# An entry is in quotes, in which a separator is nothing special and a doubled quote is one, or it ends at a separator.
ENTRY = re.compile(
    rf"""
    \s*
    (?: (?P<quote>["']) (?P<quoted> (?: (?!(?P=quote)). | (?P=quote){{2}} )* ) (?P=quote) \s*
      | (?!["'\s]) (?P<plain> [^{SEPARATORS}]* )
    )
    (?: [{SEPARATORS}] | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)
EXCEL_HINT = re.compile(rf"\s*sep=([{SEPARATORS}])\s*")  # a first line that tells Excel the delimiter
Entry = tuple[str, object]  # where it stands, for a message, and what stands there


def order_numbers(
    value: object, column: str | None = None, split: bool = True, refuse_tables: bool = False
) -> list[str]:
    """Make a clean list of order numbers of what people paste, read from files or write as a list."""
    try:
        if refuse_tables and not column and isinstance(value, str):
            _check_that_it_is_no_table(value)
        numbers = {}
        for place, entry in _in_csv(value, column) if column else _entries(value, split):
            try:
                numbers[check_order_number(_plain(entry))] = True
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None
    except ValueError as error:
        raise AnsibleFilterError(f"community.komfortkasse.order_numbers: {error}") from None
    return list(numbers)


def _plain(entry: object) -> object:
    """The same as one of Python's own types, which a message can name: Ansible has subclasses of them."""
    kinds: tuple[type[Any], ...] = (str, float, list, dict)
    return next((kind(entry) for kind in kinds if isinstance(entry, kind)), entry)


def _entries(value: object, split: bool) -> Iterator[Entry]:
    if isinstance(value, str):
        yield from _in_text(value, "line")
    elif isinstance(value, Iterable) and not isinstance(value, (dict, bytes)):
        for place, item in enumerate(value, start=1):
            if not isinstance(item, str):
                yield f"entry {place}", item
            elif not split:
                yield f"entry {place}", item.strip()
            elif item.lstrip().startswith("#"):
                yield f"entry {place}", _hash_number(item.strip(), place)
            else:
                yield from _in_text(item, f"entry {place}, line")
    else:
        yield "the value", value


def _check_that_it_is_no_table(text: str) -> None:
    """Refuse text whose lines all have the same number of a separator: some of its cells are no order numbers."""
    lines = [line for line in _lines(text) if line.strip() and not line.lstrip().startswith("#")]
    for separator in SEPARATORS:
        counts = {re.sub(r'"[^"]*"', "", line).count(separator) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            raise ValueError(
                f"this looks like a table, as each line has as many {separator!r} as the first. Set column (of the"
                " playbooks, komfortkasse_order_column) to the name of the column that holds the order numbers, or put"
                " each order number on a line of its own."
            )


def _hash_number(item: str, place: int) -> str:
    """In a list nobody writes comments, so this is a number like #1001, unless it looks like a comment after all."""
    if re.search(rf"[{SEPARATORS}\r\n]", item):
        raise ValueError(
            f"entry {place}: {item!r} begins with # and holds a separator, so it may be a comment or several order"
            " numbers. Make each order number an entry of its own, and leave out comments."
        )
    return item


def _in_text(text: str, place: str) -> Iterator[Entry]:
    for number, line in enumerate(_lines(text), start=1):
        if line.lstrip().startswith("#") or (number == 1 and EXCEL_HINT.fullmatch(line)):
            continue
        position = 0
        while position < len(line):
            entry = ENTRY.match(line, position)
            if entry is None:
                raise ValueError(
                    f"{place} {number}: a quote is not closed, or there is text behind it, in {line[position:]!r}."
                    " Separate order numbers by commas, semicolons, tabs or line breaks."
                )
            position = entry.end()
            quote, quoted, plain = entry.group("quote", "quoted", "plain")
            content = (quoted.replace(quote * 2, quote) if quote else plain).strip()
            if content:
                yield f"{place} {number}", content


def _in_csv(text: object, column: str) -> Iterator[Entry]:
    if not isinstance(text, str):
        raise ValueError(f"column needs the text of a CSV file, not {text!r}.")
    lines = _lines(text)
    hint = EXCEL_HINT.fullmatch(lines[0])
    if hint:
        lines[0] = ""
    delimiter = hint.group(1) if hint else _delimiter(lines)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True, skipinitialspace=True)
    filled = ((line, row) for line, row in _rows(reader) if any(row))
    header = next(filled, (0, []))[1]
    if header.count(column) != 1:
        names = ", ".join(map(repr, header)) or "nothing"
        raise ValueError(f"the header must name the column {column!r} exactly once, and it names {names}.")
    place = header.index(column)
    for line, row in filled:
        if any(row[len(header) :]):
            raise ValueError(
                f"line {line}: {row!r} has more cells than the header, so which one is {column!r} is not sure."
                " Put cells that hold the delimiter in double quotes."
            )
        if any(row[place : place + 1]):
            yield f"line {line}", row[place]


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a csv.reader, each with the line that it begins in."""
    line = 1
    try:
        for row in reader:
            yield line, [cell.strip() for cell in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {line}: this is not proper CSV: {error}.") from None


def _delimiter(lines: list[str]) -> str:
    """The separator that the header has most of, outside of quotes."""
    bare = re.sub(r'"[^"]*"', '""', "\n".join(lines))
    header = next((line for line in bare.split("\n") if line.strip()), "")
    return max(SEPARATORS, key=header.count)


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text.replace("\ufeff", ""))


class FilterModule:
    """The collection's filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"order_numbers": order_numbers}

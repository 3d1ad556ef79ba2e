# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The order numbers in one column of a table that is text. Pure.

Commas, semicolons and | separate as the csv module reads them. Tabs mostly come from marketplaces, which do not quote:
a quote there is a character, unless only quoting makes sense of the table.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import shown
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import (
    OrderListError,
    number_from_text,
    trimmed,
)

DELIMITERS = (";", ",", "\t", "|")
SEP_LINE = re.compile(r'"?sep=(.)\1*"?', re.IGNORECASE)
IN_QUOTES = re.compile(r'"((?:[^"]*"")*[^"]*)"')
ROUNDED_OVER_TWO_CELLS = re.compile(r"[+-]?\d,\d+[eE]\+\d+")
Row = tuple[int, list[str]]  # the line that it begins in, and its cells
Reader = Callable[[list[str], int, str], Iterator[Row]]  # all lines, the first to read (from 0), the delimiter
Cell = tuple[int, str]


def numbers_in_column(text: str, column: str) -> Iterator[str]:
    """Return the order numbers in a column, which the header names; case and Unicode form do not matter."""
    for line, cell in _cells(lines_of(text), column):
        try:
            yield number_from_text(cell)
        except OrderListError as error:
            raise OrderListError(f"line {line}, column {shown(column)}: {error}") from None


def lines_of(text: str) -> list[str]:
    """Split text at line ends of any kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _cells(lines: list[str], column: str) -> list[Cell]:
    filled = (place for place, line in enumerate(lines) if trimmed(line.strip(" ;,\t|")))
    first = next(filled, 0)
    hint = SEP_LINE.fullmatch(lines[first].strip(" \ufeff"))
    if hint and hint.group(1) not in DELIMITERS:
        raise OrderListError(f"line {first + 1}: sep= must name a semicolon, a comma, a tab, or |.")
    header = next(filled, first + 1) if hint else first
    delimiters = (hint.group(1),) if hint else DELIMITERS
    found = {delimiter: _names(lines, header, delimiter) for delimiter in delimiters}
    counts = {delimiter: names.count(_name(column)) for delimiter, names in found.items()}
    if 1 not in counts.values():
        times = f"{max(counts.values())} times" if any(counts.values()) else "nowhere"
        raise OrderListError(
            f"line {header + 1}: the header must name the column {shown(column)} once, and names it {times}. The header"
            " is the first line that is not blank: remove lines above it, and check the name of the column."
        )
    delimiter = max((delimiter for delimiter in found if counts[delimiter] == 1), key=lambda it: len(found[it]))
    if len(found[delimiter]) == 1 and not hint:
        return _column(_one_cell_a_line(lines, header, delimiter), column, delimiter)
    if delimiter == "\t":
        return _tab_separated(lines, header, column)
    return _column(_as_csv(lines, header, delimiter), column, delimiter)


def _tab_separated(lines: list[str], header: int, column: str) -> list[Cell]:
    """Read a table in which quotes are characters; only if it is none then, one in which they quote."""
    try:
        return _column(_unquoted(lines, header, "\t"), column, "\t")
    except OrderListError as error:
        try:
            rows = list(_as_csv(lines, header, "\t"))
            cells = _column(iter(rows), column, "\t")
        except OrderListError:
            raise error from None
        if any("\n" in cell and "\t" in cell for _line, row in rows for cell in row):
            raise
        return cells


def _column(rows: Iterator[Row], column: str, delimiter: str) -> list[Cell]:
    """Return the column's cells; a row that is not like the header is refused, as its cells may have moved."""
    names = _named(next(rows)[1])
    place, width = names.index(_name(column)), len(names)
    cells = []
    for line, row in rows:
        cell = trimmed(row[place]) if place < len(row) else ""
        if not cell and not any(map(trimmed, row)):
            continue
        if len(row) < width or any(map(trimmed, row[width:])):
            last = max(number for number, text in enumerate(row, start=1) if trimmed(text))
            found = max(last, min(len(row), width))
            raise OrderListError(
                f"line {line}: cells in the row: {found}, in the header: {width}. Put a cell that holds the separator"
                " in double quotes, and remove lines that are not rows, such as a total."
            )
        if not cell:
            raise OrderListError(
                f"line {line}, column {shown(column)}: the order number is missing, but other cells are filled. Fill it"
                " in, or remove the row."
            )
        if delimiter == "," and _rounded_over_two_cells(row, place):
            raise OrderListError(
                f"line {line}, column {shown(column)}: a spreadsheet program has rounded a number. Format the column as"
                " text in the source and export it again."
            )
        cells.append((line, cell))
    return cells


def _rounded_over_two_cells(row: list[str], place: int) -> bool:
    """Tell whether 1,23457E+11 was taken for two cells."""
    pairs = (row[place : place + 2], row[max(place - 1, 0) : place + 1])
    return any(ROUNDED_OVER_TWO_CELLS.fullmatch(",".join(pair)) for pair in pairs)


def _as_csv(lines: list[str], first: int, delimiter: str) -> Iterator[Row]:
    line = first + 1
    ended = (f"{text}\n" for text in islice(lines, first, None))
    reader = csv.reader(ended, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            yield line, row
            line = first + reader.line_num + 1
    except csv.Error as error:
        raise OrderListError(
            f"line {line}: this is not proper CSV ({error}). Put the whole cell in double quotes, and double a quote in"
            " it."
        ) from None


def _unquoted(lines: list[str], first: int, delimiter: str) -> Iterator[Row]:
    for line, text in enumerate(islice(lines, first, None), start=first + 1):
        cells = text.split(delimiter)
        yield line, [_without_quotes(trimmed(cell)) for cell in cells] if '"' in text else cells


def _one_cell_a_line(lines: list[str], first: int, _delimiter: str) -> Iterator[Row]:
    """Read a table of one column, whose delimiter nothing tells: a line that holds any has more cells."""
    for line, text in enumerate(islice(lines, first, None), start=first + 1):
        cell = trimmed(text.rstrip(" ;,\t|"))
        plain = _without_quotes(cell)
        if plain == cell and (cell.startswith('"') or any(map(cell.__contains__, DELIMITERS))):
            cells = re.split(r"[;,\t|]", cell)
            yield line, cells if len(cells) > 1 else [cell, cell]
        else:
            yield line, [plain]


def _without_quotes(cell: str) -> str:
    quoted = IN_QUOTES.fullmatch(cell)
    return quoted.group(1).replace('""', '"') if quoted else cell


def _names(lines: list[str], header: int, delimiter: str) -> list[str]:
    """Return the names in the header, none if it cannot be read with this delimiter."""
    read = _unquoted if delimiter == "\t" else _as_csv
    try:
        return _named(next(read(lines, header, delimiter), (0, []))[1])
    except OrderListError:
        return []


def _named(header: list[str]) -> list[str]:
    names = [_name(cell) for cell in header]
    while names and not names[-1]:
        names.pop()
    return names


def _name(text: str) -> str:
    text = " ".join(trimmed(text).split())
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())

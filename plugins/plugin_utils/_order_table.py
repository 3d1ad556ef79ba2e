# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The order numbers in one column of a table that is text. Pure.

Tables with commas, semicolons or | are CSV. Tables with tabs mostly come from marketplaces, which do not quote: a quote
there is a character, unless the table makes sense only with quoting.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import shown
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import (
    ADVICE_ROUNDED,
    OrderListError,
    not_ordinary,
    number_from_text,
    numbers_in,
    trimmed,
)

DELIMITERS = (";", ",", "\t", "|")
SEP_LINE = re.compile(r'"?sep=(.)\1*"?', re.IGNORECASE)
DELIMITER_OR_OPEN_QUOTE = re.compile(r'[;,\t|]|\A"')
IN_QUOTES = re.compile(r'"((?:[^"]*"")*[^"]*)"')
ROUNDED_OVER_TWO_CELLS = re.compile(r"[+-]?\d,\d+[eE]\+\d+")
Row = tuple[int, list[str]]  # the line that it begins in, and its cells


def numbers_in_column(text: str, column: str) -> Iterable[str]:
    """Return the order numbers in a column, which the header names; case and Unicode form do not matter."""
    cells = _cells(lines_of(text), column)
    return numbers_in(cells, not_ordinary(cells), number_from_text, "line", f", column {shown(column)}")


def lines_of(text: str) -> list[str]:
    """Split text at line ends of any kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _cells(lines: list[str], column: str) -> list[str]:
    """Return the cells of a column, each at the place of the line in which its row begins."""
    filled = (place for place, line in enumerate(lines) if trimmed(line.strip(" ;,\t|")))
    first = next(filled, 0)
    hint = SEP_LINE.fullmatch(lines[first].strip(" \ufeff"))
    if hint and hint.group(1) not in DELIMITERS:
        raise OrderListError(f"line {first + 1}: sep= must name a semicolon, a comma, a tab, or |.")
    header = next(filled, first + 1) if hint else first
    delimiters = (hint.group(1),) if hint else DELIMITERS
    found = {delimiter: _header_names(lines, header, delimiter) for delimiter in delimiters}
    counts = {delimiter: names.count(_comparable(column)) for delimiter, names in found.items()}
    if 1 not in counts.values():
        times = f"{max(counts.values())} times" if any(counts.values()) else "nowhere"
        raise OrderListError(
            f"line {header + 1}: the header must name the column {shown(column)} once, and names it {times}. The header"
            " is the first line that is not blank: remove lines above it, and check the name of the column."
        )
    delimiter = max((delimiter for delimiter in found if counts[delimiter] == 1), key=lambda it: len(found[it]))
    if len(found[delimiter]) == 1 and not hint:
        return _only_column(lines, header)
    if delimiter == "\t":
        return _tab_separated(lines, header, column)
    return _column(_as_csv(lines, header, delimiter), column)


def _only_column(lines: list[str], header: int) -> list[str]:
    """Read a table of one column. Its delimiter is unknown, so no row may hold any."""
    cells = [""] * (header + 1)
    for line, text in enumerate(islice(lines, header + 1, None), start=header + 2):
        cell = trimmed(text.rstrip(" ;,\t|"))
        cells.append(_without_quotes(cell))
        if cells[-1] == cell and DELIMITER_OR_OPEN_QUOTE.search(cell):
            raise _ragged(line, len(DELIMITER_OR_OPEN_QUOTE.split(cell)), 1)
    return cells


def _tab_separated(lines: list[str], header: int, column: str) -> list[str]:
    """Read quotes as characters. If the rows then do not fit the header, read them as quoting."""
    try:
        return _column(_unquoted(lines, header), column)
    except OrderListError as error:
        try:
            rows = list(_as_csv(lines, header, "\t"))
            cells = _column(iter(rows), column)
        except OrderListError:
            raise error from None
        if any("\n" in cell and "\t" in cell for _line, row in rows for cell in row):
            raise
        return cells


def _column(rows: Iterator[Row], column: str) -> list[str]:
    """Return the column's cells. A row that does not fit the header is refused, because its cells may have moved."""
    names = _names_of(next(rows)[1])
    place, width = names.index(_comparable(column)), len(names)
    cells: list[str] = []
    for line, row in rows:
        cell = trimmed(row[place]) if place < len(row) else ""
        if not cell and not any(map(trimmed, row)):
            continue
        if len(row) != width and (len(row) < width or any(map(trimmed, row[width:]))):
            last = max(number for number, text in enumerate(row, start=1) if trimmed(text))
            raise _ragged(line, max(last, min(len(row), width)), width)
        if not cell:
            raise OrderListError(
                f"line {line}, column {shown(column)}: the order number is missing, but other cells are filled. Fill it"
                " in, or remove the row."
            )
        if ROUNDED_OVER_TWO_CELLS.fullmatch(",".join(row[place : place + 2])):
            raise OrderListError(f"line {line}, column {shown(column)}: {ADVICE_ROUNDED}")
        cells += [""] * (line - 1 - len(cells))
        cells.append(cell)
    return cells


def _ragged(line: int, found: int, width: int) -> OrderListError:
    return OrderListError(
        f"line {line}: cells in the row: {found}, in the header: {width}. Put a cell that holds the separator in double"
        " quotes, and remove lines that are not rows, such as a total."
    )


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


def _unquoted(lines: list[str], first: int) -> Iterator[Row]:
    for line, text in enumerate(islice(lines, first, None), start=first + 1):
        cells = text.split("\t")
        yield line, [_without_quotes(trimmed(cell)) for cell in cells] if '"' in text else cells


def _without_quotes(cell: str) -> str:
    quoted = IN_QUOTES.fullmatch(cell)
    return quoted.group(1).replace('""', '"') if quoted else cell


def _header_names(lines: list[str], header: int, delimiter: str) -> list[str]:
    """Return the names in the header, none if it cannot be read with this delimiter."""
    rows = _unquoted(lines, header) if delimiter == "\t" else _as_csv(lines, header, delimiter)
    try:
        return _names_of(next(rows, (0, []))[1])
    except OrderListError:
        return []


def _names_of(header: list[str]) -> list[str]:
    names = [_comparable(cell) for cell in header]
    while names and not names[-1]:
        names.pop()
    return names


def _comparable(text: str) -> str:
    text = " ".join(trimmed(text).split())
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())

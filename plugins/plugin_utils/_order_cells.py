# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The order number in one cell, line or list entry. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import compress
from operator import not_

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number, kind_of, shown
from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import unguarded

LONGEST = 1000  # characters; longer text is not an order number, and slow to examine
ORDINARY = re.compile(r"(?:[A-Za-z_/#-]{0,100}[0-9][0-9A-Za-z_/#-]{0,100})?")  # needs no closer look
FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')  # how spreadsheet programs are made to keep a leading zero
# Without a sign and a decimal separator it may be an order number, such as 12E34.
ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d+[eE][+-]?|[eE]\+)\d+")
ADVICE_ROUNDED = (
    "a spreadsheet program has rounded the number and its last digits are lost. Format the column as text in the"
    " source and export it again."
)


class OrderListError(ValueError):
    """A sentence that says what is wrong with an order list, where, and what to do."""


def trimmed(text: str) -> str:
    """Return the text without the blanks and the invisible characters at its ends."""
    text = text.strip()
    return text if text.isascii() else text.strip(_blanks_and_invisible())


@cache
def _blanks_and_invisible() -> str:
    """Return all characters of these kinds; those of the category Cf are in two parts of Unicode."""
    every = map(chr, (*range(0x20000), *range(0xE0000, 0xE0100)))
    return "".join(character for character in every if character.isspace() or unicodedata.category(character) == "Cf")


def not_ordinary(entries: list[str]) -> Iterator[tuple[int, str]]:
    """Return the entries that need a closer look, with their places from 1. Runs in C: there may be a million."""
    return compress(enumerate(entries, start=1), map(not_, map(ORDINARY.fullmatch, entries)))


def numbers_in(
    entries: list[str], odd: Iterable[tuple[int, str]], read: Callable[[str], str], before: str, after: str = ""
) -> Iterable[str]:
    """Return the order numbers in entries, after ``read`` was applied to the ``odd`` ones. Blank ones are left out."""
    for place, entry in odd:
        try:
            entries[place - 1] = read(entry)
        except OrderListError as error:
            raise OrderListError(f"{before} {place}{after}: {error}") from None
    return filter(None, entries)


def number_from_text(text: str, *, word_allowed: bool = False) -> str:
    """Return the order number in a text, without what spreadsheet programs put around it.

    A text without any digit is a heading or a word, and refused unless ``word_allowed``.
    """
    entry = trimmed(text)
    plain = unguarded(entry)
    if plain == entry:
        formula = FORMULA_TEXT.fullmatch(entry)
        plain = formula.group(1).replace('""', '"') if formula else entry
    number = trimmed(plain)
    if not number:
        raise OrderListError("there is no order number. Fill it in, or remove the entry.")
    if len(number) > LONGEST:
        raise OrderListError(f"{shown(number[:LONGEST])} is too long for an order number. Is a line end missing?")
    characters = () if number.isascii() else number
    invisible = next((character for character in characters if unicodedata.category(character) == "Cf"), None)
    if invisible:
        name = unicodedata.name(invisible, "no name")
        raise OrderListError(
            f"{shown(number)} holds an invisible character, {name} (U+{ord(invisible):04X})."
            " Type the order number again by hand."
        )
    if ROUNDED.fullmatch(number):
        raise OrderListError(f"{shown(number)}: {ADVICE_ROUNDED}")
    try:
        check_order_number(number)
    except ValueError as error:
        raise OrderListError(str(error)) from None
    if not word_allowed and not any(map(str.isdigit, number)):
        raise OrderListError(
            "there is no digit in the entry, so it is a heading or a word. Remove it. Only a list in YAML or JSON may"
            " hold such an order number."
        )
    return number


def number_from_value(value: object) -> str:
    """Return the order number in an entry of a list of any types. What is not text is refused, as YAML alters numbers.

    Without quotes, 0123 is the number 83 for YAML, and 12.10 the number 12.1.
    """
    if isinstance(value, str):
        return number_from_text(value, word_allowed=True)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise OrderListError(
            f"{shown(value)} is a number, not text, and YAML may have altered it. Put it in quotes where it is written."
            " For a value that comes from JSON, add '| string' (before ansible-core 2.19 this needs jinja2_native to be"
            " off)."
        )
    raise OrderListError(f"an order number must be text, not {kind_of(value)}.")

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds of order lists for any order numbers, and for any text at all."""

from __future__ import annotations

import contextlib
import csv
import io
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number, shown
from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import guarded
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import (
    FORMULA_TEXT,
    ROUNDED,
    OrderListError,
)
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_list import order_numbers_from
from ansible_collections.community.komfortkasse.plugins.plugin_utils._text_file import text_of

DELIMITERS = [";", ",", "\t", "|"]


def once(numbers):
    return list(dict.fromkeys(numbers))


def is_order_number(text):
    """Tell whether a text is an order number that people can write down: with a digit, nothing invisible, unaltered."""
    try:
        check_order_number(text)
    except ValueError:
        return False
    visible = all(unicodedata.category(character) not in ("Cf", "Cs") for character in text)
    return visible and any(map(str.isdigit, text)) and not ROUNDED.fullmatch(text) and not FORMULA_TEXT.fullmatch(text)


ORDINARY = st.from_regex(r"[A-Z#/_-]{0,3}[0-9]{1,6}(-[0-9]{1,3})?", fullmatch=True)
VISIBLE = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
AROUND = st.text(alphabet="012#,;|'\"=-+ e\u00e4", max_size=4) | st.text(alphabet=VISIBLE, max_size=4)
ODD = st.builds("{}{}{}".format, AROUND, st.integers(0, 9), AROUND).map(str.strip).filter(is_order_number)
UNDISGUISED = ODD.filter(lambda number: not number.startswith("'"))
NUMBERS = st.lists(ORDINARY.filter(is_order_number), min_size=1, max_size=12)
BLANKS = st.sampled_from(["", "", " ", "\u00a0", "\ufeff", "\u200b "])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n# 99, not this one\r\n"])


def in_quotes(number, quote='"'):
    return quote + number.replace(quote, quote * 2) + quote


@given(st.data(), NUMBERS)
def test_lines_read_back(data, numbers):
    lines = [data.draw(BLANKS) + number + data.draw(st.sampled_from(["", ",", " ; "])) for number in numbers]
    assert order_numbers_from("".join(line + data.draw(LINE_ENDS) for line in lines)) == once(numbers)


@given(st.data(), NUMBERS)
def test_one_line_reads_back(data, numbers):
    separator = st.sampled_from(data.draw(st.sampled_from([[",", ", "], [";", " ;"]])))
    text = "".join(data.draw(BLANKS) + number + data.draw(separator) for number in numbers)
    assert order_numbers_from(data.draw(st.sampled_from(["", "# today\n", "\n\n"])) + text) == once(numbers)


@given(st.data(), st.lists(UNDISGUISED, min_size=1))
def test_any_order_number_in_quotes_reads_back(data, numbers):
    quoted = [in_quotes(number, data.draw(st.sampled_from(["'", '"']))) for number in numbers]
    assert order_numbers_from(data.draw(st.sampled_from([",", ";", "\n", "\r\n"])).join(quoted)) == once(numbers)


@given(st.lists(UNDISGUISED))
def test_a_list_reads_back(numbers):
    assert order_numbers_from(numbers) == once(numbers)


@st.composite
def tables(draw, numbers):
    """Draw the rows of a table with at least one more column, the place of the order numbers, and their column."""
    width = draw(st.integers(2, 4))
    place = draw(st.integers(0, width - 1))
    other = st.text(alphabet="ab1 ,;|\"'\u00e4", max_size=5).filter(str.strip)
    header = [f"column {number}" for number in range(width)]
    rows = [[draw(other) for _cell in header] for _number in numbers]
    for row, number in zip(rows, numbers):
        row[place] = number
    return [header, *rows], header[place]


@given(
    st.data(),
    st.lists(UNDISGUISED, min_size=1, max_size=5),
    st.sampled_from(DELIMITERS),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.booleans(),
)
def test_a_table_reads_back_with_its_column_only(data, numbers, delimiter, quoting, encoding, hint):
    rows, column = data.draw(tables(numbers))
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(rows)
    text = f"sep={delimiter}\r\n" * hint + file.getvalue()
    decoded = text_of(text.encode(encoding))
    assert order_numbers_from(decoded, column.upper()) == once(numbers)
    with pytest.raises(OrderListError, match="column"):
        order_numbers_from(decoded)


@given(st.lists(ODD | st.text(alphabet="'=-+@1", min_size=1).filter(is_order_number)))
@example(["'-1", "''1", "'1", "=1", "-1,2"])
def test_what_the_csv_report_writes_reads_back(numbers):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([["shop", "order_number"], *(["a", guarded(number)] for number in numbers)])
    assert order_numbers_from("\ufeff" + file.getvalue(), "order_number") == once(numbers)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
    | st.text(alphabet="1a,;\t|\"'=[]#<\r\n \u200b")
    | st.lists(st.text(alphabet="1a\"'=# \u200b\n")),
    st.none() | st.text(max_size=2) | st.sampled_from(["a", "1"]),
)
@example("\ud800", None)
@example("[" * 100_000 + "]" * 100_000, None)
@example("[1e999999, NaN, " + "1" * 5000 + "]", None)
@example("\0;a\n1;2", "a")
def test_any_input_gives_order_numbers_or_a_sentence(value, column):
    try:
        numbers = order_numbers_from(value, column)
    except OrderListError as error:
        assert str(error).endswith(".")
        return
    assert numbers == once(numbers) == [check_order_number(number) for number in numbers]


SECRET = "Mustermann"


@given(
    st.data(),
    st.lists(st.lists(st.sampled_from(["1", "", "x", '"', "2\t", "\n", "10\u200b1", "a;b", "1,5E+7"]), min_size=1)),
    st.sampled_from(DELIMITERS),
    st.sampled_from([None, "Nr", "Kunde"]),
)
def test_a_refusal_never_shows_another_cell(data, rows, delimiter, column):
    rows = [["Nr", "Ort"], *rows]
    text = "\n".join(delimiter.join([row[0], SECRET, *row[1:], SECRET]) for row in rows)
    try:
        order_numbers_from(text, column)
    except OrderListError as error:
        assert SECRET not in str(error)


@given(st.text() | st.text(alphabet="'\"\\\u200b\x00\n"))
@example("x" * 100)
@example("\u200b" * 100)
def test_what_a_message_shows_is_short_and_printable(text):
    assert len(shown(text)) <= 60
    assert shown(text).isprintable()


MB = 1_000_000
NUMBERS_IN_10_MB = list(map("{:07}".format, range(10 * MB // 8)))
SLOW = {
    "a long line": lambda: (",".join(NUMBERS_IN_10_MB), None),
    "a long entry": lambda: ("1" * 10 * MB, None),
    "blank lines": lambda: ("\n" * 100_000, None),
    "blank lines of a table": lambda: ("Nr;x\n" + "\r\n" * 100_000, "Nr"),
    "blanks": lambda: (" " * 60_000, None),
    "blanks in an entry": lambda: ("1" + " " * 60_000 + "2", None),
    "blanks in a quote": lambda: ('"' + " " * 60_000 + "'", None),
    "blanks before a quote": lambda: ("1," + " " * 60_000 + "2'", None),
    "separators": lambda: ("1" + "," * MB + "1", None),
    "quotes": lambda: ('"' * (MB + 1), None),
    "numbers that may be rounded": lambda: ("1,1E" * MB, None),
    "invisible characters": lambda: ("\u200b" * MB + "1", None),
    "a long row": lambda: ("Nr\tx\n1" + "\t" * MB, "Nr"),
}


@pytest.mark.parametrize("name", SLOW)
def test_no_input_is_slow(name):
    """Compare with splitting 10 MB into lines, in processor time, which a busy machine does not stretch."""
    text, column = SLOW[name]()
    lines = "0123456\n" * (10 * MB // 8)
    attempts = (seconds(lambda: read(text, column)) / seconds(lines.splitlines) for _attempt in range(5))
    assert any(ratio < 30 for ratio in attempts)


def seconds(function):
    tracer = sys.gettrace()
    sys.settrace(None)  # counting lines for coverage takes far longer than the lines themselves
    started = time.process_time()
    function()
    took = time.process_time() - started
    sys.settrace(tracer)
    return max(took, 0.001)


def read(text, column):
    with contextlib.suppress(OrderListError):
        order_numbers_from(text, column)

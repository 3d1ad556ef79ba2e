# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter order_numbers: what comes out is what went in, once, in order, or a sentence says where it is wrong."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.order_numbers import FilterModule
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number

order_numbers = FilterModule().filters()["order_numbers"]


def once(numbers):
    return list(dict.fromkeys(numbers))


def is_taken(number):
    try:
        return check_order_number(number) == number and "\ufeff" not in number
    except ValueError:
        return False


NUMBERS = (st.text(alphabet="01,;#'\"= sep\u00e4", max_size=6) | st.text(max_size=8)).filter(is_taken)
SEPARATORS = st.sampled_from(
    [",", ";", "\t", "\n", "\r\n", "\r", ", ", " ;\t", ",\n\n", "\n# no order, 99\n", "\n \t#'\n"]
)
BLANKS = st.sampled_from(["", "", " ", "  ", "\u00a0"])


def in_quotes(number, quote):
    return quote + number.replace(quote, quote * 2) + quote


@st.composite
def spellings(draw, number):
    """An order number as it may be written in a text: plain only if nothing in it means something else."""
    ways = [in_quotes(number, '"'), in_quotes(number, "'")]
    if not set(number) & set(",;\t") and number[0] not in "#'\"" and number != "sep=":
        ways.append(number)
    return draw(BLANKS) + draw(st.sampled_from(ways)) + draw(BLANKS)


@st.composite
def texts(draw, numbers):
    parts = [draw(st.sampled_from(["", "\ufeff", "# 99\n", "\n\n,;", "\ufeffsep=;\r\n", "sep=\t\n"]))]
    for number in numbers:
        parts += [draw(spellings(number)), draw(SEPARATORS)]
    return "".join(parts[: draw(st.sampled_from([-1, None]))] if numbers else parts)


@given(st.data(), st.lists(NUMBERS))
def test_what_comes_out_of_text_is_what_went_in(data, numbers):
    assert order_numbers(data.draw(texts(numbers))) == once(numbers)


@given(st.data(), st.lists(st.lists(NUMBERS, max_size=3) | st.integers()))
def test_what_comes_out_of_a_list_is_what_went_in(data, groups):
    items = [group if isinstance(group, int) else data.draw(texts(group)) for group in groups]
    items = [item.lstrip("# 9\n") if isinstance(item, str) and item.startswith("#") else item for item in items]
    expected = once(number for group in groups for number in ([str(group)] if isinstance(group, int) else group))
    assert order_numbers(items) == expected
    assert order_numbers(iter(items)) == expected


@given(
    rows=st.lists(st.tuples(st.text(), NUMBERS | st.just(""), st.text())),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    begin=st.sampled_from(["", "\ufeff", "\r\n", "sep", "\ufeffsep"]),
)
def test_what_comes_out_of_csv_is_what_went_in(rows, delimiter, quoting, begin):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
    writer.writerows([("Name, of\nthe; customer;", "Nummer", "Betrag \u20ac"), *rows])
    text = begin.replace("sep", f"sep={delimiter}\r\n") + file.getvalue()
    assert order_numbers(text, "Nummer") == once(number for dummy, number, dummy in rows if number)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(), st.lists),
    st.none() | st.text(max_size=2),
)
@example("\ud800", None)
@example('"' + " " * 5000 + "'", None)
def test_whatever_comes_in_good_numbers_or_a_sentence_come_out(value, column):
    try:
        numbers = order_numbers(value, column)
    except AnsibleFilterError as error:
        assert str(error).startswith("community.komfortkasse.order_numbers: ")
        assert str(error).endswith(".")
        return
    assert numbers == once(numbers) == [check_order_number(number) for number in numbers]
    assert order_numbers([in_quotes(number, '"') for number in numbers]) == numbers


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("", []),
        (" \n# nothing\n;,\t", []),
        ([], []),
        (1001, ["1001"]),
        ("0123, 0123; 00123", ["0123", "00123"]),
        ("#1001\n1002 #1003, #1004\n'#1005'", ["1002 #1003", "#1004", "#1005"]),
        (["#1001", " #1002\n", 7, "", "8\n# 9"], ["#1001", "#1002", "7", "8"]),
        ("2026/0815, A b, it's, 5\"", ["2026/0815", "A b", "it's", '5"']),
        ("sep=;\n1;2\nsep=;", ["1", "2", "sep="]),
    ],
)
def test_examples(value, numbers):
    assert order_numbers(value) == numbers
    assert order_numbers(value, column="") == numbers


@given(st.lists(st.tuples(BLANKS, NUMBERS | st.integers(0).map(str), BLANKS)))
def test_without_splitting_an_entry_is_an_order_number_whatever_is_in_it(entries):
    assert order_numbers(list(map("".join, entries)), split=False) == once(number for _b, number, _e in entries)


@given(st.lists(st.none() | st.floats() | st.booleans() | st.text(max_size=3) | st.integers(), max_size=3))
def test_without_splitting_what_the_module_refuses_is_refused_with_its_place(entries):
    wrong = None
    for place, entry in enumerate(entries, start=1):
        try:
            check_order_number(entry.strip() if isinstance(entry, str) else entry)
        except ValueError:
            wrong = wrong or place
    if wrong:
        with pytest.raises(AnsibleFilterError, match=f"entry {wrong}: "):
            order_numbers(entries, split=False)
    else:
        assert order_numbers(entries, split=False) == once(str(entry).strip() for entry in entries)


@pytest.mark.parametrize("text", ["1;Ulm\n2;Köln", "# old\nNr,Ort\r\n\r\n1,Ulm\r\n", '\ufeff1\t"a;b"\t\n2\t3\t4'])
def test_what_looks_like_a_table_is_refused_if_that_is_wanted(text):
    with pytest.raises(AnsibleFilterError, match=r"looks like a table.* komfortkasse_order_column"):
        order_numbers(text, refuse_tables=True)
    assert order_numbers(text)


@pytest.mark.parametrize("text", ["", "1,2,3", "1\n2\n", "1,2\n3", "1,2\n# a, b\n", "1;2\n3,4", '"1,2"\n"3,4"'])
def test_other_text_is_no_table(text):
    assert order_numbers(text, refuse_tables=True) == order_numbers(text)
    assert order_numbers("a,b\n1,2", column="a", refuse_tables=True) == ["1"]
    assert order_numbers(["a,b\n1,2"], refuse_tables=True) == ["a", "b", "1", "2"]


@pytest.mark.parametrize("begin", ["", "\ufeff", "\ufeffsep=;\r\n"])
def test_a_german_excel_file(begin):
    lines = [
        'Datum;"Auftrag, Nr.";Betrag;',
        "1.2.26;0123;1.234,50;",
        ";;;",
        '2.2.26;"A;""1""";3,00',
        "3.2.26;#7",
        "4.2.26",
    ]
    text = begin + "".join(f"{line}\r\n" for line in lines)
    assert order_numbers(text, "Auftrag, Nr.") == ["0123", 'A;"1"', "#7"]


@pytest.mark.parametrize(
    ("value", "column", "says"),
    [
        ("1\n2, ..", None, "line 2: '..' cannot be used as an order number"),
        ("1\nremove", None, "line 2: 'remove' cannot be used"),
        ("1\r\n\r\n2\x07", None, r"line 3: the order number '2\\x07' holds a control character"),
        ('1\n2, "3', None, "line 2: a quote is not closed, or there is text behind it, in ' \"3'"),
        ("'1' 2", None, "line 1: a quote is not closed, or there is text behind it"),
        ('"1\n2"', None, "line 1: a quote is not closed"),
        (["1", "2\n.."], None, "entry 2, line 2: '..' cannot be used"),
        (["1", 12.1], None, "entry 2: the order number 12.1 is not text but a decimal number"),
        (["1", None], None, "entry 2: an order number is empty"),
        (["1", ["2"]], None, r"entry 2: the order number \['2'\] is not text but a list"),
        (["#1", "# not 2, 3"], None, "entry 2: '# not 2, 3' begins with # and holds a separator"),
        (["#1\n2"], None, "entry 1: .* begins with # and holds a separator"),
        (True, None, "the value: the order number True is not text but a truth value"),
        ({"a": 1}, None, "the value: .* is not text but a mapping"),
        (None, None, "the value: an order number is empty"),
        (["a;b"], "b", r"column needs the text of a CSV file, not \['a;b'\]"),
        ("", "a", "must name the column 'a' exactly once, and it names nothing"),
        ("a;b;A\n1;2;3", "c", "must name the column 'c' exactly once, and it names 'a', 'b', 'A'"),
        ("a;b;a\n1;2;3", "a", "must name the column 'a' exactly once"),
        ("sep=,\na;b\n1;2", "a", "it names 'a;b'"),
        ("a;b\n\n1;..", "b", "line 3: '..' cannot be used"),
        ('a;b\n1;"2\n3"', "b", r"line 2: the order number '2\\n3' holds a control character"),
        ("a,b\nDoe, J.,7", "b", "line 2: .* has more cells than the header"),
        ("a\n1,001", "a", "line 2: .* has more cells than the header"),
        ('a;b\n1;"2\n\n2;3', "b", "line 2: this is not proper CSV: unexpected end of data"),
        ('a;b\n1;"2" 3', "b", "line 2: this is not proper CSV"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(value, column, says):
    with pytest.raises(AnsibleFilterError, match=f"^community.komfortkasse.order_numbers: .*{says}"):
        order_numbers(value, column)

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter order_numbers: what is certain is read, what is not is refused. Each input is one that people produce."""

from __future__ import annotations

import re

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.order_numbers import FilterModule

order_numbers = FilterModule().filters()["order_numbers"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        (" \r\n\n\ufeff\n;;\n", []),
        ("1001\r\n1002\n0123\r1003", ["1001", "1002", "0123", "1003"]),
        ("1001,,1002, ,1003,;", ["1001", "1002", "1003"]),
        ('"1001,2";1002', ["1001,2", "1002"]),
        ("1001;\n1002 ,\n", ["1001", "1002"]),
        ("1001\n1002\n1001", ["1001", "1002"]),
        ("\ufeff2026/0815\n2026-0816\nA_7", ["2026/0815", "2026-0816", "A_7"]),
        ("#1001\r\n#1002\r\n", ["#1001", "#1002"]),
        ("# Mr. Doe called, twice; 99\n#\n1001\n #1002", ["1001", "#1002"]),
        ("# for today\n1001, 1002", ["1001", "1002"]),
        ('"A 1001"\n"A,2"\n\'B 3\'\n"5"""\n', ["A 1001", "A,2", "B 3", '5"']),
        ('="0123"\n="A;1"\n"=""0124"""\n="A""5"', ["0123", "A;1", "0124", 'A"5']),
        ("'-1001\n''0123\n\"'=1\"", ["-1001", "'0123", "=1"]),
        ("1001\u200b\n\u200e1003\u200e\u00a0\n\u00ad1004 \u2060", ["1001", "1003", "1004"]),
        ("12E34\n5E-7\n1E5", ["12E34", "5E-7", "1E5"]),
        ("1001,12E34", ["1001", "12E34"]),
        ("5\"\nO'Brien7", ['5"', "O'Brien7"]),
        ('["0123", "A 1", "Abo"]', ["0123", "A 1", "Abo"]),
    ],
)
def test_a_list_in_text_is_read(text, numbers):
    assert order_numbers(text) == order_numbers(text, column="") == numbers


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Bestellnummer;Kunde\r\n0815;4711\r\n\r\nSumme: 2", "line 1: several values .* table.* column"),
        ("Orders of May\n1001,4711", "line 2: several values"),
        ("# Nr;Kunde\n1001;4711", "line 2: several values"),
        ('1001\n1;"Deluxe Mug', "line 2: several values"),
        (";1001\n1002", "line 1: several values"),
        ("\n\n1001\t4711", "line 3: a tab"),
        ("1001\t", "line 1: a tab"),
        ("# Nr\tKunde", "line 1: a tab"),
        ("sep=;\n1001", "line 1: a line with sep="),
        ("\n sep=,\n1001", "line 2: a line with sep="),
        ("# one row\n1001;22,38", "line 2: commas and semicolons"),
        ("1001, 1002; 1003", "line 1: commas and semicolons"),
        ("1001|4711", r"line 1: a \| makes a table"),
        ("1,23457E+11\n1,23458E+11", "line 1: '1,23457E.11': .* rounded"),
        ("1001\n1.23457e+11", "line 2: '1.23457e.11': .* rounded"),
        ("1.23457E11", "rounded"),
        ("1,23457E11", "rounded"),
        ("1E+11, 2", "line 1, value 1: '1E.11': .* rounded"),
        ("Bestellnummer\n1001", "line 1: there is no digit"),
        ("1001, Abo", "line 1, value 2: there is no digit"),
        ("1001 1002", "line 1: there is a blank inside"),
        ("10\u00a001", "line 1: there is a blank inside"),
        ("1001 # Mr. Doe", "line 1: there is a blank inside"),
        ('1001, "1002', "line 1, value 2: a quote is not closed"),
        ("'0123", "line 1: a quote is not closed"),
        ("'1' 2", "line 1: a quote is not closed"),
        ("\u201e1001\u201c", "line 1: the entry is in typographic quotes"),
        ("1001\n10\u206004", r"line 2: '10\\u206004' holds an invisible character, WORD JOINER \(U\+2060\)"),
        ("1001\n2\x07", r"line 2: .*'2\\x07' .*control character"),
        ("remove", "line 1: 'remove' .*another meaning"),
        ("<html><body>\n1001\n", "this is HTML"),
        *(
            (text, "line 1: this looks like JSON or YAML")
            for text in ("['1001']", '["1001",\n"1002"', '["1001"],', '{"orders":["1001"]}', "[1001;1002")
        ),
        ("[1001]", "entry 1: 1001 is a number"),
        ("1" * 1001, "line 1: '1{55}...' is too long"),
    ],
)
def test_text_that_is_not_certain_is_refused(text, says):
    refused(says, text)


@pytest.mark.parametrize(
    ("text", "column", "numbers"),
    [
        ("Nr;Kunde\n0123;x\n", "Nr", ["0123"]),
        ("\ufeff\n\nKunde,NR \nDoe,0123\n", " nr", ["0123"]),
        ("sep=,\r\nNr,a;b\r\n1,2;3\r\n", "Nr", ["1"]),
        ("SEP=\t\nNr\ta\n1\t2", "Nr", ["1"]),
        ("a|Nr\n1|2", "nr", ["2"]),
        ("St\u00fcck;x\n7;2", "STU\u0308CK", ["7"]),
        ("Order\u00a0no;x\n7;2", "order no", ["7"]),
        ("#Nr;K\n#1001;x\n# 5;y", "#nr", ["#1001", "# 5"]),
        ("a;b;\n1;2;;\n;;;\n\n3;4", "a", ["1", "3"]),
        ('a;b\n1;"x\ny;z"\n2;""', "a", ["1", "2"]),
        ('Nr;Kunde\n="0123";x\n"=""0124""";y\n', "Nr", ["0123", "0124"]),
        ('\ufeff"shop";"order_number"\r\n"a";"\'-1001"\r\n"a";"\'0123"', "order_number", ["-1001", "'0123"]),
        ("Name;x\nA 1001;2\n\u200b1002\u00a0;3", "Name", ["A 1001", "1002"]),
        ('Nr\n1001\n\n1002;;\n"A;1"', "Nr", ["1001", "1002", "A;1"]),
        ("Nr;x\n", "Nr", []),
        ('order-id\tname\n111-1\t"Deluxe Mug\n111-2\tPlate 10"\n111-3\tCup\n', "order-id", ["111-1", "111-2", "111-3"]),
        ('"id"\tname\n"1"\t24" screen\n2\t"', "id", ["1", "2"]),
        ('id\tname\n1\t"Street\nCity"\n2\tx', "id", ["1", "2"]),
        ('id\tname\n1\t"a\tb"\n2\t"say ""x"""', "id", ["1", "2"]),
    ],
)
def test_the_column_of_a_table_is_read(text, column, numbers):
    assert order_numbers(text, column) == numbers


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", "a", "line 1: the header must name the column 'a' once, and names it nowhere"),
        ("sep=;\n", "a", "line 2: the header must name"),
        ("Orders of May\nNr;x\n1;2", "Nr", "line 1: the header .* nowhere"),
        ("Nr;nr\n1;2", "Nr", "line 1: the header .* 2 times"),
        ("sep=,\na;b\n1;2", "a", "line 2: the header .* nowhere"),
        ("sep=:\na:b\n1:2", "a", "line 1: sep= must name"),
        ("Nr;Kunde\n1;x\n\nSumme: 2", "Nr", "line 4: cells in the row: 1, in the header: 2"),
        ("a;b;\n1;2;3", "a", "line 2: cells in the row: 3, in the header: 2"),
        ("Nr\n1;2", "Nr", "line 2: cells in the row: 2, in the header: 1"),
        ("Nr;Kunde\n1;a\n;x", "Nr", "line 3, column 'Nr': the order number is missing"),
        ("Nr;Kunde\nSumme;2", "Nr", "line 2, column 'Nr': there is no digit"),
        ("Nr,K\n1,23457E+11\n", "Nr", "line 2, column 'Nr': .* rounded"),
        ("K,Nr\n1,23457E+11\n", "Nr", "line 2, column 'Nr': .* rounded"),
        ("Nr;K\n1,23457E+11;x\n", "Nr", "line 2, column 'Nr': '1,23457E.11': .* rounded"),
        ('a;b\n1;"2\n3', "b", "line 2: this is not proper CSV"),
        ('a;b\n1;"2\n3"', "b", r"line 2, column 'b': .*'2\\n3' .*control character"),
        ("a;b\n2\u200b3;x", "a", "ZERO WIDTH SPACE"),
        ('id\tname\n1\t"a\n2\tb"\n\nTotal 2', "id", "line 5: cells in the row: 1"),
        ("<table>", "a", "this is HTML"),
        (["a;b"], "b", "column is the name of a column"),
        ("a\n1", 5, "column is the name of a column"),
    ],
)
def test_a_table_that_is_not_certain_is_refused(text, column, says):
    refused(says, text, column)


def test_the_entries_of_a_list_are_taken_whole():
    entries = ["0123", " 1001\u00a0", "1,002;3", "#1003", "# 4", "Abo", "A 5", '="0123"', "'-6", "0123"]
    expected = ["0123", "1001", "1,002;3", "#1003", "# 4", "Abo", "A 5", "-6"]
    assert order_numbers(entries) == order_numbers(iter(entries)) == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (["1", 83], r"entry 2: 83 is a number, not text.* quotes .* '\| string' .*jinja2_native"),
        (1001, "entry 1: 1001 is a number, not text"),
        ([True], "not a truth value"),
        (["1", None], "entry 2: .* not null"),
        ([["1"]], "not a list"),
        ({"a": 1}, "not a mapping"),
        (b"1", "not bytes"),
        (["1", " "], "entry 2: there is no order number"),
        (["1\n2"], "entry 1: .*control character"),
        (["10\u200b01"], "entry 1: .*ZERO WIDTH SPACE"),
        (["1,23457E+11"], "entry 1: .* rounded"),
        ([".."], "entry 1: '..' .*another meaning"),
    ],
)
def test_an_entry_that_is_no_order_number_is_refused(value, says):
    refused(says, value)


def refused(says, *arguments):
    with pytest.raises(AnsibleFilterError) as error:
        order_numbers(*arguments)
    assert re.search(f"^community.komfortkasse.order_numbers: .*{says}", str(error.value)), error.value
    assert len(str(error.value)) < 330

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options before a module sees them: '' is unset, entries are trimmed, order numbers are text."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _options


def test_an_empty_text_is_unset_and_nothing_else_is():
    given = {"api_url": "", "max_changes": 0, "plan": {}, "only_from": [], "validate_certs": False, "timeout": None}
    assert _options.cleaned(given) == {name: value for name, value in given.items() if name != "api_url"}


@pytest.mark.parametrize("name", ["order_numbers", "only_from", "payment_statuses", "include"])
@pytest.mark.parametrize("given", [[" 1 ", "2\t", ""], "1, 2 ,", (" 1", "2", " ")])
def test_the_entries_of_text_lists_are_trimmed(name, given):
    assert _options.cleaned({name: given}) == {name: ["1", "2", ""]}


def test_text_that_is_no_list_stays_as_it_is():
    given = {"order_number": " 1, 2 ", "journal_path": " x"}
    assert _options.cleaned(given) == given


KINDS = [
    (83, "a whole number"),
    (True, "a truth value"),
    (12.1, "a decimal number"),
    (datetime.date(2026, 8, 15), "a date"),
    (["1"], "a list"),
    ({"1": 2}, "a mapping"),
]


@pytest.mark.parametrize(("value", "kind"), KINDS)
def test_an_order_number_that_is_not_text_is_refused(value, kind):
    with pytest.raises(ValueError, match=rf"because order_number is {kind}, not text\. .* quotes .* number \| string"):
        _options.cleaned({"order_number": value})


@pytest.mark.parametrize(("value", "kind"), KINDS)
def test_an_entry_that_is_not_text_is_refused_with_its_place(value, kind):
    with pytest.raises(ValueError, match=rf"because entry 2 of order_numbers is {kind}, not text\."):
        _options.cleaned({"order_numbers": ["1", value]})


@pytest.mark.parametrize("value", [83, True, 12.1, {"order_numbers": ["1"], "unclear": []}])
def test_order_numbers_that_are_no_list_are_refused(value):
    with pytest.raises(ValueError, match=r"because order_numbers is a .*, not text\."):
        _options.cleaned({"order_numbers": value})


def test_an_entry_without_a_value_is_refused():
    with pytest.raises(ValueError, match=r"because entry 1 of order_numbers is empty\."):
        _options.cleaned({"order_numbers": [None]})


def test_what_a_blank_on_the_command_line_cut_off_is_refused_with_the_json_form():
    _options.refuse_leftovers({"komfortkasse_order_numbers": "1001"})
    with pytest.raises(ValueError, match=r"-e '\{\"komfortkasse_order_numbers\": \[\"1001\", \"1002\"\]\}'"):
        _options.refuse_leftovers({"komfortkasse_order_numbers": "1001,", "_raw_params": "1002"})

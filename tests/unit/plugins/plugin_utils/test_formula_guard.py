# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+49", "-1001", "@SUM(1)", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", " =1", "\t1", "\r1", "\n1"),
        *("a,=1", "a;+1", "a\t-1", "a\n@x", "a\r\n=1", "a\u2028=1", "a, =1", "a;\uff1d1"),
        *("'0123", "'=1", "''"),
    ],
)
def test_a_cell_that_may_calculate_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"
    assert unguarded(f"'{text}") == text


@pytest.mark.parametrize("text", ["", "2026-0815", "#1001", "a=b", "a@b.c", "A, B", "O'Brien", "0123"])
def test_any_other_cell_stays_as_it_is(text):
    assert guarded(text) == text
    assert unguarded(text) == text


@pytest.mark.parametrize("cell", ["'0123", "'2026-0815", "'", "'a"])
def test_an_apostrophe_that_we_did_not_write_stays(cell):
    assert unguarded(cell) == cell


@given(st.text() | st.text(alphabet="'=-,; \t\n1\uff1d"))
@example("'")
def test_what_is_guarded_reads_back(text):
    assert unguarded(guarded(text)) == text

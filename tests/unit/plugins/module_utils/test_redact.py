# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key is taken out of text however it is spelled, lone surrogates are replaced, and the rest stays."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._redact import EXCERPT, MASK, Redactor, excerpt

KEY = "demo-key-0000/for+the=simulator"
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=12, max_size=40)
TEXTS = st.text(st.sampled_from(" \n\u00e4\u20ac\U0001f600"), max_size=12)  # in no key, and in no spelling of one
HTML_NAMES = {"/": "&sol;", "+": "&plus;", "=": "&equals;", "&": "&AMP;", "<": "&LT", '"': "&quot;", "-": "-"}
SPELLINGS = {
    "plain": lambda key: key,
    "in JSON": lambda key: json.dumps(key)[1:-1],
    "in JSON, slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "in a path": quote,
    "in a query": lambda key: quote(key, safe=""),
    "in a query, small letters": lambda key: re.sub("%..", lambda code: code[0].lower(), quote(key, safe="")),
    "in codes": lambda key: "".join(f"%{ord(sign):02X}" for sign in key),
    "in HTML": html.escape,
    "in HTML, numbers": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "in HTML, hexadecimal numbers": lambda key: "".join(f"&#x{ord(sign):04X};" for sign in key),
    "in HTML, names": lambda key: "".join(HTML_NAMES.get(sign, sign) for sign in key),
    "in JSON escapes": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "in JSON escapes, capital letters": lambda key: "".join(f"\\u{ord(sign):04X}" for sign in key),
    "in JSON escapes, partly": lambda key: "".join(f"\\u{ord(sign):04x}" if sign in "-/+=k" else sign for sign in key),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_spelling_is_masked(name):
    spelled = SPELLINGS[name](KEY)
    masked = Redactor(KEY).text(f"by {spelled}, {spelled}!")
    assert masked == f"by {MASK}, {MASK}!"


@given(KEYS, TEXTS, TEXTS, st.sampled_from(sorted(SPELLINGS)))
@example("key-0000-00&", "", "", "in HTML")
@example("key-0000-00%", "", "", "in a query")
@example("key-0000-00\\", "", "", "in JSON")
def test_any_key_is_masked_and_the_rest_stays(key, before, after, name):
    masked = Redactor(key).text(before + SPELLINGS[name](key) + after)
    assert masked == before + MASK + after


@given(st.text())
def test_what_is_not_the_key_stays(text):
    redactor = Redactor(KEY)
    assert redactor.text(text) == text
    assert redactor.value({"a": [text, 1.5, None]}) == {"a": [text, 1.5, None]}


@given(KEYS, TEXTS)
def test_a_value_is_masked_wherever_the_key_is(key, text):
    masked = Redactor(key).value({"a": [text + key], key + text: {"b": text}, "c": 1.5})
    assert masked == {"a": [text + MASK], MASK + text: {"b": text}, "c": 1.5}


def test_a_short_key_is_masked_only_plainly_and_not_in_names():
    assert Redactor("k").text("k a2 aw %6B") == f"{MASK} a2 aw {MASK}"
    assert Redactor("k").value({"skipped": ["k"]}) == {"skipped": [MASK]}
    assert Redactor("skipped7").value({"skipped7": ["k"]}) == {MASK: ["k"]}


def test_a_number_that_looks_like_the_key_stays_a_number():
    value = {"amount": 12345678, "note": ["12345678"]}
    assert Redactor("12345678").value(value) == {"amount": 12345678, "note": [MASK]}


@pytest.mark.parametrize("key", ["", KEY])
@given(st.text(st.characters(categories=["Cs", "Lu", "So"]), max_size=8))
def test_lone_surrogates_are_replaced_everywhere(key, text):
    clean = Redactor(key).value({"a": [text], text: None})
    assert json.dumps(clean, ensure_ascii=False).encode().decode() == json.dumps(clean, ensure_ascii=False)
    assert clean["a"] == ["".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text)]


def test_an_excerpt_is_one_line_of_at_most_200_characters_and_three_dots():
    assert excerpt("a\0b \n c") == "a b c"
    assert [excerpt("x" * count) for count in (200, 201)] == ["x" * 200, "x" * 200 + "..."]


def test_without_a_key_nothing_is_masked():
    assert Redactor().text("plain text") == "plain text"


@given(st.text() | st.binary().map(lambda body: body.decode("utf-8", "surrogateescape")))
def test_an_excerpt_is_one_short_line_fit_to_show(text):
    shown = excerpt(text * 50)
    assert len(shown) <= EXCERPT + 3
    assert all(unicodedata.category(sign)[0] != "C" for sign in shown)
    assert shown.splitlines() == ([shown] if shown else [])

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key is taken out of a text however it is spelt, and nothing else is."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._redact import MASK, Redactor

KEY = "demo-key-0000/for+the=simulator"
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=12, max_size=40)
TEXTS = st.text(st.sampled_from("xyz \u00e4{}[],:\u20ac"), max_size=12)  # none of these is in a spelling of a key
SPELLINGS = {
    "plain": lambda key: key,
    "in JSON": lambda key: json.dumps(key)[1:-1],
    "in JSON, slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "in a path": quote,
    "in a query": lambda key: quote(key, safe=""),
    "in a query, small letters": lambda key: re.sub("%..", lambda code: code[0].lower(), quote(key, safe="")),
    "in codes": lambda key: "".join(f"%{ord(sign):02X}" for sign in key),
    "in JSON escapes": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "in JSON escapes, capital letters": lambda key: "".join(f"\\u{ord(sign):04X}" for sign in key),
    "in JSON escapes, partly": lambda key: "".join(f"\\u{ord(sign):04x}" if sign in "-/+=k" else sign for sign in key),
    "in hexadecimal": lambda key: key.encode().hex(),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64 for addresses": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_spelling_is_masked(name):
    spelt = SPELLINGS[name](KEY)
    masking = Redactor(KEY)
    for masked in (masking.text(f"by {spelt}, {spelt}!"), masking.body(f"by {spelt}, {spelt}!".encode()).decode()):
        assert masked.replace("=", "") == f"by {MASK}, {MASK}!"


@given(KEYS, TEXTS, TEXTS, st.sampled_from(sorted(SPELLINGS)))
def test_any_key_is_masked_and_the_rest_stays(key, before, after, name):
    masked = Redactor(key).text(before + SPELLINGS[name](key) + after)
    assert masked.replace("=", "") == before + MASK + after


@given(KEYS, st.binary(max_size=20), st.binary(max_size=20))
def test_base64_of_something_that_holds_the_key(key, before, after):
    packed = base64.b64encode(before + key.encode() + after).decode()
    assert MASK in Redactor(key).text(packed)


@given(st.text(), st.binary())
def test_what_is_not_the_key_stays(text, body):
    masking = Redactor(KEY)
    assert masking.text(text) == text
    assert masking.body(body) == body
    assert masking.value({"a": [text, 1.5, None]}) == {"a": [text, 1.5, None]}


@given(KEYS, TEXTS)
def test_a_value_is_masked_wherever_the_key_is(key, text):
    masked = Redactor(key).value({"a": [text + key], key + text: {"b": text}, "c": 1.5})
    assert masked == {"a": [text + MASK], MASK + text: {"b": text}, "c": 1.5}


def test_a_short_key_is_masked_only_as_it_is():
    assert Redactor("k").text("k a2 aw %6B") == f"{MASK} a2 aw %6B"


def test_a_number_that_looks_like_the_key_stays_a_number():
    """Else what came out of JSON would not go back into it."""
    value = {"amount": 12345678, "note": ["12345678"]}
    assert Redactor("12345678").value(value) == {"amount": 12345678, "note": [MASK]}

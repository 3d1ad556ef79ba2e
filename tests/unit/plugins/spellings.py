# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which an API key may be spelt, and the search for any of them in what a run leaves behind."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote


def spellings(key: str) -> dict[str, str]:
    """The key as it is and in the encodings that software uses without being asked."""
    code = [f"{ord(sign):02x}" for sign in key]
    return {
        "plain": key,
        "in capitals": key.upper(),
        "URL-encoded": quote(key, safe=""),
        "URL-encoded throughout": "".join(f"%{digits}" for digits in code),
        "in JSON escapes": "".join(f"\\u00{digits}" for digits in code),
    }


def assert_absent(key: str, *things: Any) -> None:
    """Fail if the key is in any of these, in any spelling. things: text, or what JSON can express."""
    for thing in things:
        texts = [thing] if isinstance(thing, str) else [json.dumps(thing), json.dumps(thing, ensure_ascii=False)]
        for text in texts:
            lowered = text.lower()
            for name, spelt in spellings(key).items():
                place = lowered.find(spelt.lower())
                assert place < 0, f"the key is there, {name}: {text[max(0, place - 80) : place]}(here)"

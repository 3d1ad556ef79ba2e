# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A block that does not do what it shows is noticed, and the guide to messages leaves none out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import blocks_of, in_rst
from story import Story

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
BLOCK = ".. code-block:: {}\n\n  {}\n"
STOPPED = "Run it again to go on."  # only ever seen together with a signal, on the terminal of whoever sent it
ANSIBLES_OWN = {"Failed to import the required Python library (requests) on"}


@pytest.mark.parametrize(
    "page",
    [
        BLOCK.format("console", "$ false"),
        BLOCK.format("console", "$ echo one\n  two"),
        BLOCK.format("yaml", "not: tasks"),
        BLOCK.format("python", "pass"),
        f".. fails: 2\n\n{BLOCK.format('console', '$ true')}",
        f".. requests: GET=1\n\n{BLOCK.format('console', '$ true')}",
        f".. provoked: {{}}\n\n{BLOCK.format('text', 'another message')}",
        f".. excerpt: galaxy.yml\n\n{BLOCK.format('yaml', 'name: other')}",
    ],
)
def test_a_wrong_block_is_noticed(page: str, story: Story) -> None:
    """Each of these is wrong in another way."""
    [block] = in_rst(page)
    with pytest.raises(AssertionError):
        story.run(block)


def test_a_playbook_that_nothing_runs_is_noticed(story: Story) -> None:
    """A file on a page may not just lie there."""
    [block] = in_rst(".. code-block:: yaml\n  :caption: a.yml\n\n  - hosts: localhost\n")
    story.run(block)
    with pytest.raises(AssertionError, match=r"a\.yml"):
        story.end()


def test_a_sketch_is_not_run(story: Story) -> None:
    """Its mark says why."""
    [block] = in_rst(f".. sketch: it would fail\n\n{BLOCK.format('console', '$ false')}")
    story.run(block)


def test_every_hint_is_in_the_guide() -> None:
    """What people are told to do stands in the guide, in a block that was provoked."""
    told = " ".join(" ".join(block.content.split()) for block in blocks_of(GUIDE) if block.mark("provoked"))
    hints = {kind.hint for kind in vars(_errors).values() if isinstance(kind, type) and hasattr(kind, "hint")}
    assert sorted(hint for hint in hints if hint not in told and hint != STOPPED) == []


def texts() -> Iterator[str]:
    """All texts in the sources that may be, or be a part of, a message; what is filled in is a NUL."""
    for file in ROOT.glob("plugins/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts)
    for file in ROOT.glob("playbooks/**/*.yml"):
        yield file.read_text(encoding="utf-8")


def test_every_message_in_the_guide_that_is_not_provoked_is_in_the_sources() -> None:
    """Each piece of it between three dots, word for word."""
    sources = "\n".join(" ".join(text.split()) for text in texts())
    messages = [" ".join(block.content.split()) for block in blocks_of(GUIDE) if not block.mark("provoked")]
    pieces = {piece.strip() for message in messages for piece in message.split("...")} - {"", *ANSIBLES_OWN}
    assert pieces
    assert sorted(piece for piece in pieces if piece not in sources) == []

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the code blocks of a page, with the marks that stand above them.

A mark is a comment right above a block: ``.. sketch: why`` in reStructuredText, ``<!-- sketch: why -->`` in Markdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from antsibull_docutils.rst_code_finder import find_code_blocks

MARKS = (
    *("sketch", "fails", "simulator", "requests", "warns", "provoked", "command"),
    *("excerpt", "folder", "environment", "service"),
)
FENCE = re.compile(r"^```(?P<language>\S*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
RST_MARK = re.compile(r"\.\. (?P<name>[a-z]+): (?P<value>.+)")
MARKDOWN_MARK = re.compile(r"<!-- (?P<name>[a-z]+): (?P<value>.+) -->")
CAPTION = re.compile(r"\s*:caption: (?P<caption>.+)")


@dataclass
class Block:
    """A code block. ``line`` counts from 1; ``caption`` is the name of the file that the block is, if it is one."""

    language: str
    content: str
    line: int
    caption: str | None = None
    marks: list[tuple[str, str]] = field(default_factory=list)

    def mark(self, name: str) -> str | None:
        """The value of a mark, None without it."""
        return next((value for mark, value in self.marks if mark == name), None)


def blocks_of(page: Path) -> list[Block]:
    """All code blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    return in_markdown(text) if page.suffix == ".md" else in_rst(text)


def in_rst(text: str) -> list[Block]:
    """The same for reStructuredText."""
    lines = text.splitlines()
    blocks = []
    for found in find_code_blocks(text):
        place = found.row_offset
        while not lines[place].lstrip().startswith(".. code-block::"):
            place -= 1
        captions = [match["caption"] for line in lines[place : found.row_offset] if (match := CAPTION.match(line))]
        block = Block(found.language or "", found.content, place + 1, captions[0] if captions else None)
        block.marks = _marks_above(lines, place, RST_MARK)
        blocks.append(block)
    return blocks


def in_markdown(text: str) -> list[Block]:
    """The same for Markdown."""
    lines = text.splitlines()
    blocks = []
    for found in FENCE.finditer(text):
        place = text.count("\n", 0, found.start())
        block = Block(found["language"], found["content"].rstrip("\n"), place + 1)
        block.marks = _marks_above(lines, place, MARKDOWN_MARK)
        blocks.append(block)
    return blocks


def _marks_above(lines: list[str], place: int, mark: re.Pattern[str]) -> list[tuple[str, str]]:
    """The marks in the lines above a place, in their order; blank lines may stand between them."""
    marks: list[tuple[str, str]] = []
    while place > 0:
        place -= 1
        line = lines[place].strip()
        match = mark.fullmatch(line)
        if match is None or match["name"] not in MARKS:
            if line:
                break
            continue
        marks.insert(0, (match["name"], match["value"]))
    return marks

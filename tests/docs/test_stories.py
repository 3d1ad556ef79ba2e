# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A block that does not do what it shows is noticed, and the guide to messages leaves none out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from blocks import blocks_of, in_rst
from jinja2 import Environment
from story import Story

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
BLOCK = ".. code-block:: {}\n\n  {}\n"
NOT_PROVOKED = {  # with the reason
    _errors.StoppedError.hint: "of a module only ever seen together with a signal, on the terminal of whoever sent it",
    _errors.TooLongListError.hint: "only the other module gives it, for a list of 64 MiB",
}
ANSIBLES_OWN = {
    "Failed to import the required Python library (requests) on",
    "couldn't resolve module/action 'community.komfortkasse",
    "Cannot resolve 'community.komfortkasse",
    "' to an action or module.",
    "No filter named 'community.komfortkasse",
    "the playbook: community.komfortkasse",
    "could not be found",
}
SAY = ("stop", "add", "append", "warn")  # functions that take a text which people see
# In YAML, what has a sentence as its value.
SAID_UNDER = (
    *("fail_msg", "message", "advice", "komfortkasse_why", "komfortkasse_advice"),
    *("hosts", "komfortkasse_api_key"),
)
NOT_BY_ITSELF = {  # with the reason
    "an earlier line could not be written": "why the journal cannot be written",
    "the disk is full": "why the journal cannot be written",
    "a field is given twice": "what is wrong with JSON",
    "is not a JSON number": "what is wrong with JSON",
    "is too large for a number": "what is wrong with JSON",
    "fail_json ends the process": "nobody sees it: the process has ended",
    "its own, untouched": "nobody sees it: what the playbooks' own variables are compared with",
}


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
    assert sorted(hint for hint in hints if hint not in told and hint not in NOT_PROVOKED) == []


def texts() -> Iterator[str]:
    """All texts in the sources that may be, or be a part of, a message; what is filled in is a NUL."""
    for file in ROOT.glob("plugins/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts)
    for file in ROOT.glob("playbooks/**/*.yml"):
        yield re.sub(r"'\s*~\s*'", "", file.read_text(encoding="utf-8"))  # a sentence put together of two


def test_every_message_in_the_guide_that_is_not_provoked_is_in_the_sources() -> None:
    """Each piece of it between three dots, word for word."""
    sources = "\n".join(" ".join(text.split()) for text in texts())
    messages = [" ".join(block.content.split()) for block in blocks_of(GUIDE) if not block.mark("provoked")]
    pieces = {piece.strip() for message in messages for piece in message.split("...")} - {"", *ANSIBLES_OWN}
    assert pieces
    assert sorted(piece for piece in pieces if piece not in sources) == []


def scalars(node: yaml.Node | None, name: str = "") -> Iterator[tuple[str, str]]:
    """All plain values in YAML, each with the name that it stands under."""
    if isinstance(node, yaml.ScalarNode):
        yield name, node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars(value, str(key.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from scalars(value, name)


def test_every_message_in_the_sources_is_in_the_guide() -> None:
    """The other way round: no text of an error, and no sentence of a report or a playbook, is missing there."""
    guide = " ".join(" ".join(block.content.split()) for block in blocks_of(GUIDE))
    pieces = {" ".join(piece.split()) for piece in (*said_by_plugins(), *said_by_reports(), *said_by_playbooks())}
    assert len(pieces) > 80
    assert sorted(piece for piece in pieces - set(NOT_BY_ITSELF) if piece not in guide) == []
    assert sorted(set(NOT_BY_ITSELF) - pieces) == []


def said_by_plugins() -> Iterator[str]:
    """Of each text that an error is made with or that is told otherwise, the longest part that never differs."""
    for file in ROOT.glob("plugins/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                for argument in node.args if name.endswith("Error") or name in SAY else ():
                    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                    values = [part.value for part in parts if isinstance(part, ast.Constant)]
                    yield max((value for value in values if isinstance(value, str)), key=len, default="")


def said_by_reports() -> Iterator[str]:
    """In what puts reports together, the sentences, and the ends of those that are filled in."""
    for file in ROOT.glob("plugins/plugin_utils/*.py"):
        code = ast.parse(file.read_text(encoding="utf-8"))
        described = [node.value for node in ast.walk(code) if isinstance(node, ast.Expr)]
        constants = [node for node in ast.walk(code) if isinstance(node, ast.Constant) and node not in described]
        values = [node.value for node in constants if isinstance(node.value, str)]
        yield from (value for value in values if value.endswith(".") and len(value.split()) > 1)


def said_by_playbooks() -> Iterator[str]:
    """What is written out in the values that hold sentences, as far as it has three words."""
    for file in ROOT.glob("playbooks/**/*.yml"):
        for name, value in scalars(yaml.compose(file.read_text(encoding="utf-8"))):
            if name in SAID_UNDER or name.endswith("_problems"):
                for _line, kind, text in Environment().lex(value):
                    if kind in ("data", "string") and len(text.split()) > 2:
                        yield text.strip("'") if kind == "string" else text

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A block that does not do what it shows is noticed."""

from __future__ import annotations

import pytest
from blocks import in_rst
from story import Story

BLOCK = ".. code-block:: {}\n\n  {}\n"


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

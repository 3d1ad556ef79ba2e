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
        BLOCK.format("console", "$ echo one\n  two"),
        f".. fails: 2\n\n{BLOCK.format('console', '$ true')}",
        f".. requests: GET=1\n\n{BLOCK.format('console', '$ true')}",
        f".. provoked: {{}}\n\n{BLOCK.format('text', 'another message')}",
    ],
)
def test_a_wrong_block_is_noticed(page: str, story: Story) -> None:
    """Each of these is wrong in another way."""
    [block] = in_rst(page)
    with pytest.raises(AssertionError):
        story.run(block)

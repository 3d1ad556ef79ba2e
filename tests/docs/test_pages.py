# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code block of the guides, the README and the page for contributors is run, or marked as a sketch."""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import blocks_of
from story import Story

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_run(page: Path, story: Story) -> None:
    """No block goes wrong."""
    wrong = ""
    for block in blocks_of(page):
        try:
            story.run(block)
        except AssertionError as error:
            wrong = f"{page}:{block.line}: {error}"
            break
    if wrong:
        pytest.fail(wrong, pytrace=False)
    story.end()

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The apostrophe that keeps a spreadsheet program from calculating a cell: the CSV report adds it, order lists drop it.

Pure. ``unguarded(guarded(text)) == text`` for every text.
"""

from __future__ import annotations

import re

# A program that splits the file at the wrong separator sees a new cell behind it. Full-width signs count as plain ones.
FORMULA = re.compile(
    r"(?:\A|[,;\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029])[ \u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|\A[\t\r\n]"
)


def guarded(text: str) -> str:
    """Return the text as the cell of a CSV file that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith("'") or FORMULA.search(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell: without its first apostrophe, if `guarded` would have put it there."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell

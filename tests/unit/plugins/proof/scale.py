# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is proven: a part with the other unit tests, everything with ``make proof``.

Set the environment variable KOMFORTKASSE_PROOF to anything for everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

FULL = bool(os.environ.get("KOMFORTKASSE_PROOF"))
STEP = 7  # has no divisor in common with the number of turns, so they all have their turn


def cells(
    firm: Sequence[Sequence[Any]], turning: Sequence[Sequence[Any]], spinning: Sequence[Sequence[Any]] = ()
) -> Iterable[tuple[Any, ...]]:
    """The cross product of the firm axes and, in the whole proof, the turning ones. All others take turns."""
    if FULL:
        firm = [*firm, *turning]
    else:
        spinning = [*turning, *spinning]
    turns = list(product(*spinning))
    for place, cell in enumerate(product(*firm)):
        yield (*cell, *turns[place * STEP % len(turns)])

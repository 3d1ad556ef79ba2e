# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The oldest ansible-core that the collection works with. Pure.

Ansible only warns of an older one, and Automation Platform runs old execution environments without a word.
"""

from __future__ import annotations

import re

MINIMUM_CORE = "2.16.0"  # requires_ansible in meta/runtime.yml


def refuse_old_core(version: str) -> None:
    """Raise ValueError with a sentence if this release of ansible-core is too old."""
    if _numbers(version) < _numbers(MINIMUM_CORE):
        raise ValueError(
            f"This is ansible-core {version}, and community.komfortkasse needs {MINIMUM_CORE} or newer."
            " Update ansible-core, or choose a newer execution environment."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))

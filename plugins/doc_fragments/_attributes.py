# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what would change, without changing it.
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode with the same arguments, the second run changes nothing.
      - This assumes that nobody else changes the orders in between.
  platform:
    description:
      - The systems that the module runs on, usually the controller itself.
    support: full
    platforms: posix
"""

    ACTIONGROUP_KOMFORTKASSE = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.komfortkasse.komfortkasse) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.komfortkasse.komfortkasse
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    support: N/A
  idempotent:
    support: full
"""

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of komfortkasse_order. Its documentation is the module's."""

from __future__ import annotations

from ansible_collections.community.komfortkasse.plugins.plugin_utils._action import ModuleAction


class ActionModule(ModuleAction):
    """Bring orders of the host's shop into a state."""

    MODULE = "community.komfortkasse.komfortkasse_order"

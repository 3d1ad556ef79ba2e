# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run komfortkasse_order with the options in a JSON file, much faster than a whole ansible would."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible.module_utils.testing import patch_module_args

from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order

with patch_module_args(json.loads(Path(sys.argv[1]).read_text())):
    komfortkasse_order.main()

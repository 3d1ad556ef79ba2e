# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""A file with the plans of all hosts, read as data: JSON of the form ``{"plans": {host: plan}}``. Pure.

JSON only: YAML would make the number 83 of an order number 0123, and variables could hold templates.
"""

from __future__ import annotations

import json
from typing import Any


def plan_of(text: str, host: str, path: str) -> dict[str, Any] | None:
    """The plan of a host, None if the file has none for it. What is not a plan file is a ValueError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"The plan file {path} is not JSON.") from None
    plans = document.get("plans") if isinstance(document, dict) else None
    if not isinstance(plans, dict):
        raise ValueError(f'The plan file {path} is not of the form {{"plans": {{host: plan}}}}.')
    plan = plans.get(host)
    if plan is not None and not (isinstance(plan, dict) and isinstance(plan.get("orders"), dict)):
        raise ValueError(f"The plan of the host {host} in {path} is not one that komfortkasse_order returned.")
    return plan

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""A file with the plans of all hosts: JSON of the form ``{"plans": {host: plan}}``.

It is read as data. YAML would read the order number 0123 as 83, and variables could hold templates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.common.validation import check_type_path


def read_plan(path: str, host: str) -> dict[str, Any] | None:
    """The plan of a host, None if the file has none. A relative path starts at the working directory.

    Raises: ValueError with a sentence.
    """
    try:
        document = json.loads(Path(check_type_path(path)).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"The plan file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"The plan file {path} cannot be read: it is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise ValueError(f"The plan file {path} is not JSON.") from None
    plans = document.get("plans") if isinstance(document, dict) else None
    if not isinstance(plans, dict):
        raise ValueError(f'The plan file {path} is not of the form {{"plans": {{host: plan}}}}.')
    plan = plans.get(host)
    if plan is not None and not (isinstance(plan, dict) and isinstance(plan.get("orders"), dict)):
        raise ValueError(f"The plan of the host {host} in {path} is not one that komfortkasse_order returned.")
    return plan

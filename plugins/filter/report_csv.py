# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report


def report_csv(report: Mapping[str, Any]) -> str:
    """Write the orders of a report as CSV."""
    try:
        return _report.report_csv(report)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(
            "community.komfortkasse.report_csv: the input is not what the filter community.komfortkasse.report gives:"
            f" {type(error).__name__}: {error}"
        ) from None


class FilterModule:
    """The filter report_csv."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"report_csv": report_csv}

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report


def report(
    shops: list[Mapping[str, Any]], plans: Sequence[Iterable[Iterable[Mapping[str, Any]]]] = ()
) -> dict[str, Any]:
    """Put together what a run did to the orders of one or more shops."""
    try:
        return _report.report(shops, plans)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnsibleFilterError(
            "community.komfortkasse.report: the input is not a list of shops, each with 'shop' and 'plan' as the"
            f" documentation shows: {type(error).__name__}: {error}"
        ) from None


class FilterModule:
    """The filter report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"report": report}

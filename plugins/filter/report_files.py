# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report, _report_files

MOST_NAMED = 10  # orders with one outcome that a summary names


def report_files(
    shops: list[Mapping[str, Any]], head: Mapping[str, Any], plans: Sequence[Iterable[Iterable[Mapping[str, Any]]]] = ()
) -> dict[str, Any]:
    """Put together what a run did to the orders of one or more shops, as the texts of files."""
    try:
        return _texts({"user": "", "job": "", **head, **_report.report(shops, plans)})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnsibleFilterError(
            "community.komfortkasse.report_files: the input is not a list of shops and what there is to tell of their"
            f" run as the documentation shows: {type(error).__name__}: {error}"
        ) from None


def _texts(report: Mapping[str, Any]) -> dict[str, Any]:
    first = _report.first_of_each(report["orders"], MOST_NAMED, [shop["shop"] for shop in report["shops"]])
    texts: dict[str, Any] = wrap_var(
        {
            "counts": report["counts"],
            "shops": [{**shop, "first": first[shop["shop"]]} for shop in report["shops"]],
            "csv": _report_files.as_csv(report),
            "html": _report_files.as_page(report),
            "json": _report_files.as_json(report),
        }
    )
    return texts  # wrapped, as what an API says in braces is no template, which ansible-core 2.18 would take it for


class FilterModule:
    """The filter report_files."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"report_files": report_files}

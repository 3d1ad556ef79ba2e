# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report, _report_files

try:  # ansible-core 2.18 would run what an API says as a template, if it says "{{ ... }}"; this goes when 2.18 goes
    from ansible.utils.unsafe_proxy import wrap_var
except ImportError:

    def wrap_var(v: Any) -> Any:
        """Return it as it is: later releases take nothing for a template that comes from a filter."""
        return v


HEAD = ("playbook", "check_mode", "started", "finished")
MOST_NAMED = 10  # orders with one outcome that a summary names


def report_files(
    shops: list[Mapping[str, Any]],
    head: Mapping[str, Any],
    plans: Sequence[Iterable[Iterable[Mapping[str, Any]]]] = (),
    files: Iterable[str] = tuple(_report_files.WRITERS),
) -> dict[str, Any]:
    """Put together what a run did to the orders of one or more shops, as the texts of files."""
    try:
        facts = {"user": "", "job": "", **head, **{name: head[name] for name in HEAD}}  # HEAD is asked for: KeyError
        report = {**facts, **_report.report(shops, plans)}
        texts = {file: _report_files.WRITERS[file](report) for file in files}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnsibleFilterError(
            "community.komfortkasse.report_files: the shops, the facts about the run (head), or the names of the files"
            f" are not as the documentation shows: {type(error).__name__}: {error}"
        ) from None
    firsts = _report.first_of_each(report, MOST_NAMED)
    told = [{**shop, "first": first} for shop, first in zip(report["shops"], firsts)]
    wrapped: dict[str, Any] = wrap_var({"counts": report["counts"], "shops": told, **texts})
    return wrapped


class FilterModule:
    """The filter report_files."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"report_files": report_files}

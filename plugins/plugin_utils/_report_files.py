# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""A report as what is written into files: a page for people, CSV for spreadsheet programs, JSON for programs. Pure."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _amounts, _report
from ansible_collections.community.komfortkasse.plugins.plugin_utils._formula_guard import guarded
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import COLUMNS, LATE
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_summary import limits_text

PAGE = Path(__file__).with_name("page")
LATE_COLUMNS = (
    "shop",
    "list",
    "order_number",
    "type",
    "payment_status",
    "amount_paid",
    "currency",
    "amount",
    "last_posting",
    "cancelled",
    "cancelled_by",
)

AMOUNTS = ("amount", "amount_paid")


def as_json(report: Mapping[str, Any]) -> str:
    """The report as JSON, as it is."""
    return json.dumps(report, indent=1) + "\n"


def as_csv(report: Mapping[str, Any]) -> str:
    """The orders as CSV that spreadsheet programs open right: byte-order mark, semicolons, everything in quotes.

    Amounts have a decimal comma: where that is usual, a decimal point makes a date of some. Text that a spreadsheet
    program would take for a formula gets an apostrophe in front. Each line says whether the run was a dry one.
    """
    late = report["kind"] == "late_payments"
    columns = LATE_COLUMNS if late else (*COLUMNS, "run")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in _late_rows(report) if late else _order_rows(report):
        writer.writerow([_cell(column, row.get(column)) for column in columns])
    return "\ufeff" + text.getvalue()


def _order_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    run = "dry run" if report["check_mode"] else "real"
    return [{**order, "run": run} for order in report["orders"]]


def _late_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**row, "list": name} for name in (*LATE, "unreadable") for row in report[name]]


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    amount = _amounts.amount_of(value) if column in AMOUNTS else None
    return guarded(str(value)) if amount is None else f"{amount:.2f}".replace(".", ",")


def as_page(report: Mapping[str, Any]) -> str:
    """The report as one HTML page that needs nothing else. All that comes from the report is escaped."""
    style, script = ((PAGE / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    orders, paid = report.get("orders", ()), report.get("money_on_cancelled", ())
    page: str = (
        _environment()
        .get_template(f"{report['kind']}.html.j2")
        .render(
            report=report,
            money_sums=_amounts.sums_of((order["amount_paid"], order["currency"]) for order in paid),
            trouble=_report.alike(orders, "failed", "not_attempted"),
            style=Markup(style),
            style_hash=_source_hash(style),
            script=Markup(script),
            script_hash=_source_hash(script),
        )
    )
    return page + "\n"


WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {"html": as_page, "csv": as_csv, "json": as_json}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters.update(money=_amounts.shown, sums=_amounts.shown_sums, limits=limits_text)
    return environment


def _source_hash(source: str) -> str:
    """How a Content Security Policy knows a piece of code."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()

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
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report

PAGE = Path(__file__).with_name("page")
CSV_COLUMNS = (*_report.COLUMNS, "run")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet program calculate instead of show
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def as_json(report: Mapping[str, Any]) -> str:
    """The report as JSON, as it is."""
    return json.dumps(report, indent=4, sort_keys=True) + "\n"


def as_csv(report: Mapping[str, Any]) -> str:
    """The orders as CSV that spreadsheet programs open right: byte-order mark, semicolons, everything in quotes.

    Amounts have a decimal comma: where that is usual, a decimal point makes a date of some. Text that a spreadsheet
    program would take for a formula gets an apostrophe in front. Each line says whether the run was a dry one.
    """
    run = "dry run" if report["check_mode"] else "real"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for order in report["orders"]:
        writer.writerow([*(_cell(order[column]) for column in _report.COLUMNS), run])
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_page(report: Mapping[str, Any]) -> str:
    """The report as one HTML page that needs nothing else. All that comes from the report is escaped."""
    style, script = ((PAGE / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    template = _environment().get_template("page.html.j2")
    page: str = template.render(
        report=report,
        trouble=_report.trouble(report["orders"]),
        seconds=_seconds_between(report["started"], report["finished"]),
        style=Markup(style),
        style_hash=_source_hash(style),
        script=Markup(script),
        script_hash=_source_hash(script),
    )
    return page + "\n"


WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {"csv": as_csv, "html": as_page, "json": as_json}


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(PAGE), autoescape=True, trim_blocks=True, undefined=StrictUndefined)


def _seconds_between(started: str, finished: str) -> int:
    return int((datetime.strptime(finished, TIME_FORMAT) - datetime.strptime(started, TIME_FORMAT)).total_seconds())


def _source_hash(source: str) -> str:
    """How a Content Security Policy knows a piece of code."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()

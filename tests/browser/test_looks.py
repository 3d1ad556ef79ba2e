# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page in the dark, on paper, on a phone, without its script, and for people who do not see it."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from reports import REPORTS

PHONE = {"width": 380, "height": 800}


def luminance(page, selector, what):
    """Return how bright a colour is, from 0 to 1."""
    colour = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{what}")
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_readers_colour_scheme(open_report, scheme):
    page = open_report("everyday", color_scheme=scheme)
    page_is_bright = luminance(page, "body", "backgroundColor") > 0.5
    text_is_bright = luminance(page, "h1", "color") > 0.5
    assert (page_is_bright, text_is_bright) == ((True, False) if scheme == "light" else (False, True))


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("everyday", {}),
        ("dry_run", {"color_scheme": "dark"}),
        ("hostile", {"viewport": PHONE}),
        ("empty", {}),
        ("late", {"viewport": PHONE, "color_scheme": "dark"}),
    ],
)
def test_accessibility(open_report, name, context):
    found = Axe().run(open_report(name, bypass_csp=True, **context))
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", sorted(REPORTS.keys() - {"many_orders"}))
def test_nothing_sticks_out_sideways(open_report, name):
    page = open_report(name)
    for width in (380, 1080, 1081, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sticking_out = page.evaluate(
            """() => [...document.querySelectorAll('main *')]
                .filter(e => e.offsetParent && !e.closest('.unseen'))
                .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
                .map(e => e.outerHTML.slice(0, 120))"""
        )
        assert sticking_out == [], width


def test_without_its_script_all_is_there_and_no_dead_control(open_report):
    page = open_report("everyday", java_script_enabled=False)
    rows = page.locator("table.orders tbody tr")
    expect(rows).to_have_count(6)
    for row in rows.all():
        expect(row).to_be_visible()
    expect(page.locator("button:visible, input:visible, select:visible")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("6 orders")


def test_on_paper_the_rows_that_are_shown_and_no_controls(open_report, table_of):
    page = open_report("everyday", color_scheme="dark")
    page.get_by_role("button", name="Failed 1").click()
    page.emulate_media(media="print")
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator(".skip")).to_be_hidden()
    expect(page.get_by_role("status")).to_have_text("1 of 6 orders")
    expect(page.locator(".mode")).to_be_visible()
    row = page.locator("table.orders tbody tr").first
    assert row.evaluate("e => getComputedStyle(e).contentVisibility") == "visible", (
        "even what was never seen is printed"
    )
    assert table_of(page).column("Order") == ["101-A"]
    assert luminance(page, "body", "backgroundColor") == pytest.approx(1)
    assert luminance(page, "h1", "color") == 0
    head = page.locator("table.orders thead").evaluate("e => getComputedStyle(e).display")
    assert head == "table-header-group", "the headings come again on each page"

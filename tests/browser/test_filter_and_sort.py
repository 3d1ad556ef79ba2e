# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of orders: what it shows, filters and sorts; by mouse, by keyboard, and with 5,000 rows."""

from __future__ import annotations

from playwright.sync_api import expect

NUMBERS = ["1002", "9", "101-B", "101-A", "20", "Muster-7"]  # as the run had them


def shown(page):
    return page.get_by_role("status").inner_text()


def test_filter_by_outcome(open_report, table_of):
    page = open_report("everyday")
    table = table_of(page)
    every = page.get_by_role("button", name="All 6", exact=True)
    for name, numbers in (
        ("Cancelled 2", ["1002", "20"]),
        ("Cancelled before 1", ["9"]),
        ("Left alone 1", ["101-B"]),
        ("Failed 1", ["101-A"]),
        ("Not attempted 1", ["Muster-7"]),
    ):
        one = page.get_by_role("button", name=name, exact=True)
        one.click()
        assert table.column("Order") == numbers
        assert shown(page) == f"{len(numbers)} of 6 orders"
        expect(one).to_have_attribute("aria-pressed", "true")
        expect(every).to_have_attribute("aria-pressed", "false")
        one.click()  # lets go of it
        assert table.column("Order") == NUMBERS
        expect(one).to_have_attribute("aria-pressed", "false")


def test_search(open_report, table_of):
    page = open_report("everyday")
    for text, numbers in (
        ("101-", ["101-B", "101-A"]),
        ("  muster ", ["Muster-7"]),
        ("404: no order", ["101-A"]),
        ("119.50", ["101-B"]),
        (".*", []),
        ("", NUMBERS),
    ):
        page.get_by_role("searchbox", name="Search").fill(text)
        assert table_of(page).column("Order") == numbers, text


def test_filters_work_together_with_shops(open_report, table_of):
    page = open_report("forty_shops")
    table = table_of(page)
    page.get_by_label("Shop", exact=True).select_option("shop-21")
    assert set(table.column("Shop")) == {"shop-21"}
    assert len(table.rows()) == 63
    page.get_by_role("button", name="Failed 26").click()
    assert table.column("Order") == [f"21-{n}" for n in range(1026, 1031)]
    page.get_by_role("searchbox").fill("21-1029")
    assert table.column("Order") == ["21-1029"]
    assert shown(page) == "1 of 312 orders"
    page.get_by_label("Shop", exact=True).select_option("All shops")
    page.get_by_role("searchbox").fill("")
    assert len(table.rows()) == 26


def test_sort_both_ways_with_empty_cells_last(open_report, table_of):
    table = table_of(open_report("everyday"))
    for heading, ascending, descending in (
        ("Order", ["9", "20", "101-A", "101-B", "1002", "Muster-7"], None),
        ("Outcome", ["Failed", "Not attempted", "Cancelled", "Cancelled", "Left alone", "Cancelled before"], None),
        (
            "Previous status",
            ["CANCELLED", "PAID", "UNPAID", "UNPAID", "", ""],
            ["UNPAID", "UNPAID", "PAID", "CANCELLED", "", ""],
        ),
        ("Amount", ["5.00", "30.00", "119.50", "1,040.25", "", ""], ["1,040.25", "119.50", "30.00", "5.00", "", ""]),
        ("Paid", ["5.00", "40.25", "119.50", "", "", ""], ["119.50", "40.25", "5.00", "", "", ""]),
        ("HTTP", ["404"] + [""] * 5, ["404"] + [""] * 5),
    ):
        table.sort_button(heading).click()
        assert table.column(heading) == ascending
        assert table.aria_sort() == {heading: "ascending"}
        table.sort_button(heading).click()
        assert table.column(heading) == (descending or ascending[::-1])
        assert table.aria_sort() == {heading: "descending"}
    table.sort_button("Reason").click()
    assert [text[:9] for text in table.column("Reason")] == ["Is PAID, ", "No more o", "The API a", "", "", ""]


def test_keyboard_alone(open_report, table_of):
    page = open_report("everyday")
    table = table_of(page)
    focused = "document.activeElement.textContent.trim() || document.activeElement.id"
    stops = []
    for _stop in range(14):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(focused))
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, f"the focus is not visible on {stops[-1]}"
    assert stops[:8] == [
        "Skip to the orders", "All 6", "Cancelled 2", "Failed 1", "Not attempted 1", "Left alone 1",
        "Cancelled before 1", "search",
    ]  # fmt: skip
    assert stops[8:] == table.headings[:6]
    for _stop in range(5):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert table.aria_sort() == {"Order": "ascending"}
    assert page.evaluate(focused) == "Order", "sorting took the focus away"
    page.keyboard.press("Space")
    assert table.aria_sort() == {"Order": "descending"}
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("101")
    assert table.column("Order") == ["101-B", "101-A"]
    for _stop in range(4):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert table.column("Order") == ["101-A"]


def test_5000_rows_are_sorted_right_and_laid_out_when_they_are_seen(open_report, table_of):
    page = open_report("many_orders")
    table = table_of(page)
    laid_out = "rows => [...new Set(rows.map(row => getComputedStyle(row).contentVisibility))]"
    assert page.locator("table.orders tbody tr").evaluate_all(laid_out) == ["auto"]
    table.sort_button("Order").click()
    assert table.column("Order") == [f"2026-{n}" for n in range(5000)]
    table.sort_button("Paid").click()
    paid = [float(text) for text in table.column("Paid")]
    assert paid == sorted(paid)

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page says, and that nothing in it is anything but text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from reports import CHECK_NUMBER, HOSTILE_NUMBERS, NOT_FOUND


def chart(page):
    """Return the outcomes of the chart with their counts, as text."""
    rows = page.locator(".chart tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].innerText, row.cells[2].firstChild.data])"
    )
    return {words: int(count.replace(",", "")) for words, count in rows}


def sums(page):
    """Return the sums of the chart by outcome, as text."""
    rows = page.locator(".chart tbody tr")
    return dict(rows.evaluate_all("rows => rows.map(row => [row.cells[0].innerText, row.cells[3].innerText.trim()])"))


def test_a_real_run(open_report):
    page = open_report("everyday")
    expect(page).to_have_title("Real run · Cancel orders · demo-shop · 2026-11-23T23:51:23Z")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 6 orders were cancelled")
    expect(page.locator(".mode")).to_have_text(re.compile("^Real run"))
    facts = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts()))
    assert facts == {
        "Shop": "demo-shop",
        "When": "2026-11-23 23:51:23 UTC\n2026-11-24 00:51:23 CET",
        "By": "alice",
        "AWX job": "4711",
        "Limits": "max_changes 100, only_from UNPAID",
        "Journal": "/var/log/komfortkasse.jsonl",
    }


def test_a_dry_run_is_told_in_word_and_look(open_report):
    real, dry = open_report("everyday"), open_report("dry_run")
    expect(dry).to_have_title(re.compile("^Dry run"))
    expect(dry.get_by_role("heading", level=1)).to_have_text("2 of 6 orders would be cancelled")
    expect(dry.locator(".mode")).to_contain_text("Nothing was changed")
    assert chart(dry) == {
        "Would be cancelled": 2,
        "Would fail": 1,
        "Not looked at": 1,
        "Would be left alone": 1,
        "Cancelled before": 1,
    }
    assert "Cancelled" not in [row.split("\t")[0].strip() for row in dry.locator(".chart tbody tr").all_inner_texts()]
    assert "AWX job" not in dry.locator("dl").inner_text()
    looks = [page.locator(".mode").evaluate("e => getComputedStyle(e).backgroundImage") for page in (real, dry)]
    assert looks[0] == "none"
    assert "gradient" in looks[1]


def test_the_counts_are_text(open_report):
    assert chart(open_report("everyday")) == {
        "Cancelled": 2,
        "Failed": 1,
        "Not attempted": 1,
        "Left alone": 1,
        "Cancelled before": 1,
    }


def test_amounts_are_added_by_currency_and_outcome(open_report):
    page = open_report("everyday")
    expect(page.locator(".lead")).to_have_text("1,040.25 CHF, 30.00 EUR")
    assert sums(page) == {
        "Cancelled": "1,040.25 CHF 30.00 EUR",
        "Failed": "",
        "Not attempted": "",
        "Left alone": "119.50 EUR",
        "Cancelled before": "5.00 EUR",
    }


@pytest.mark.parametrize(
    ("name", "this_run"), [("everyday", "Cancelled by this run"), ("dry_run", "Would be cancelled")]
)
def test_money_on_cancelled_orders_has_a_box(open_report, name, this_run):
    box = open_report(name).get_by_role("region", name="Money on cancelled orders")
    expect(box).to_contain_text("2 orders have money on them: 40.25 CHF, 5.00 EUR.")
    items = box.get_by_role("listitem").all_inner_texts()
    assert [re.split(r"\s+", item, maxsplit=3) for item in items] == [
        ["9", "5.00", "EUR", "Cancelled before"],
        ["20", "40.25", "CHF", this_run],
    ]


def test_late_payments_stand_in_a_list_of_their_own(open_report):
    page = open_report("late")
    expect(page).to_have_title(re.compile("^Late payments"))
    expect(page.get_by_role("heading", level=1)).to_have_text("3 cancelled orders have money on them")
    expect(page.locator(".lead")).to_have_text("1,040.25 CHF, 129.50 EUR")
    tables = [
        page.get_by_role("table", name=name) for name in ("To be refunded or delivered", "Perhaps merely overdue")
    ]
    rows = [
        table.locator("tbody tr").evaluate_all("r => r.map(r => [...r.cells].map(c => c.textContent))")
        for table in tables
    ]
    assert rows[0] == [
        ["shop-de", "1002", "10.00", "EUR", "2026-11-21", "CANCELLED", "PREPAYMENT", "119.50", ""],
        [
            "shop-de",
            "1001",
            "119.50",
            "EUR",
            "2026-11-20",
            "PAID",
            "PREPAYMENT",
            "119.50",
            "2026-11-01 09:30 UTC by bob",
        ],
        ["shop-at", "20", "1,040.25", "CHF", "", "DISAPPEARED", "PREPAYMENT", "119.50", ""],
    ]
    assert [row[1] for row in rows[1]] == ["1004"]
    attention = page.get_by_role("region", name="What needs attention")
    for words in ("1 cancelled order has no readable amountPaid", "1003", "shop-ch", "The API key was refused."):
        expect(attention).to_contain_text(words)


def test_what_failed_with_the_words_of_the_api_and_what_to_do(open_report):
    page = open_report("everyday")
    item = page.get_by_role("region", name="What needs attention").get_by_role("listitem").first
    expect(item.get_by_role("heading")).to_have_text("1 order failed HTTP 404")
    for words in (NOT_FOUND, CHECK_NUMBER, "101-A"):
        expect(item).to_contain_text(words)


def test_nothing_to_attend_to(open_report):
    page = open_report("empty")
    expect(page.get_by_role("heading", level=1)).to_have_text("0 of 0 orders were cancelled")
    expect(page.locator(".mode")).to_contain_text("No order was changed")
    expect(page.get_by_text("What needs attention")).to_have_count(0)
    assert chart(page) == {"Cancelled": 0, "Failed": 0}


def test_each_shop_and_how_it_ended(open_report):
    page = open_report("forty_shops")
    shops = page.get_by_role("table", name="Shops")
    expect(shops.locator("tbody tr")).to_have_count(40)
    refused = shops.get_by_role("row", name="shop-40")
    assert refused.locator("td").all_text_contents()[:4] == ["Stopped", "120", "0", "0"]
    attention = page.get_by_role("region", name="What needs attention")
    for words in ("shop-07", "shop-21", "shop-40", "shop-13", "max_changes allows 100"):
        expect(attention).to_contain_text(words)
    expect(attention).not_to_contain_text("shop-01")


@pytest.mark.parametrize("javascript", [True, False])
def test_hostile_text_is_text(open_report, table_of, javascript):
    page = open_report("hostile", java_script_enabled=javascript)
    numbers = page.locator("table.orders tbody th")
    assert numbers.evaluate_all("cells => cells.map(cell => cell.textContent)") == list(HOSTILE_NUMBERS)
    reasons = page.locator("table.orders tbody td.reason")
    assert reasons.evaluate_all("cells => cells.map(cell => cell.firstChild.data)") == list(HOSTILE_NUMBERS)
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, [onerror], [onmouseover]").count() == 0
    expect(page.locator("dl")).to_contain_text("By<script>alert(1)</script>")
    if javascript:
        for number in HOSTILE_NUMBERS:
            page.get_by_role("searchbox").fill(number)
            assert number in table_of(page).column("Order")
        page.get_by_role("searchbox").fill("")
        page.get_by_label("Shop", exact=True).select_option('b"<script>alert(1)</script>')
        assert len(table_of(page).rows()) == 5


def test_even_what_got_into_the_page_would_neither_run_nor_load(browser, folder):
    page = browser.new_page()
    complaints, refused = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: refused.append((request.url, request.failure)))
    evil = (
        "<script>document.title = 'owned'</script>"
        "<img src='http://127.0.0.1:9/a.png' onerror='alert(1)'>"
        "<style>*{color: red}</style>"
    )
    (folder / "owned.html").write_text((folder / "everyday.html").read_text().replace("</main>", evil + "</main>"))
    page.goto((folder / "owned.html").as_uri())
    assert page.title().startswith("Real run")
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") != "rgb(255, 0, 0)"
    assert page.get_by_role("button", name="All 6").is_visible(), "the page's own script must run"
    assert len([text for text in complaints if "Content Security Policy" in text]) >= 3
    page.close()
    assert refused == [("http://127.0.0.1:9/a.png", "csp")], "Chromium did not stop it before it went out"

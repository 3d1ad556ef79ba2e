# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports, opened in the system's Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright
from reports import REPORTS

from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_files import as_page

expect.set_options(timeout=60_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Whatever would make the browser talk to anybody by itself is switched off.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all reports into a folder, and return the folder."""
    folder = tmp_path_factory.mktemp("reports")
    for name, make in REPORTS.items():
        (folder / f"{name}.html").write_text(as_page(make()), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Chromium."""
    assert CHROMIUM, "No Chromium was found: install it (Debian's package is called chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Browser, folder: Path) -> Iterator[Callable[..., Page]]:
    """Give what opens a report; at the end nothing may have run, complained or gone out that should not."""
    contexts, trouble = [], []

    def note_dialog(dialog: Dialog) -> None:
        trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note_request(url: str, address: str) -> None:
        if url not in (address, "data:,"):
            trouble.append(f"request: {url}")

    def open_report(name: str, **context_options: object) -> Page:
        context = browser.new_context(**context_options)
        contexts.append(context)
        address = (folder / f"{name}.html").as_uri()
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", note_dialog)
        page.on("request", lambda request: note_request(request.url, address))
        page.goto(address)
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert trouble == []


class Table:
    """The table of orders as a reader sees it: the rows that are shown, in their order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.headings = [re.sub(r"\W+$", "", text) for text in page.locator("table.orders thead th").all_inner_texts()]

    def rows(self) -> list[list[str]]:
        """Return the texts of all rows that are shown."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('table.orders tbody tr')]
                .filter(row => row.offsetParent !== null)
                .map(row => [...row.cells].map(cell => cell.textContent))"""
        )

    def column(self, heading: str) -> list[str]:
        """Return the texts of one column."""
        position = self.headings.index(heading)
        return [row[position] for row in self.rows()]

    def sort_button(self, heading: str) -> Locator:
        """Return the button that sorts by a column."""
        return self.page.locator("table.orders").get_by_role("button", name=heading, exact=True)

    def aria_sort(self) -> dict[str, str]:
        """Return the columns that say that they are sorted."""
        values = [th.get_attribute("aria-sort") for th in self.page.locator("table.orders thead th").all()]
        return {heading: value for heading, value in zip(self.headings, values) if value}


@pytest.fixture
def table_of() -> type[Table]:
    """Give the class that reads a page's table of orders."""
    return Table

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: order_numbers
author:
  - The community.komfortkasse contributors (@ansible-collections)
version_added: 1.0.0
short_description: Read order numbers from a text or CSV file
description:
  - Reads a file on the controller and returns the order numbers in it as one list of strings, in the order given, each
    once, for M(community.komfortkasse.komfortkasse_order).
  - What the file may hold, what is refused, and what a message shows is described in
    P(community.komfortkasse.order_numbers#filter). If one line is refused, nothing is returned.
  - An option that is an empty string counts as not set.
  - A file may be in UTF-8, UTF-16, or UTF-32 with a byte-order mark, in UTF-8 without one, or in Windows-1252.
  - Workbooks, PDF, HTML, and other files that are not text are refused, whatever their names say.
options:
  _terms:
    description:
      - The file to read. With several, their order numbers are returned as one list.
      - A relative path is searched for where other lookups search, see P(ansible.builtin.file#lookup), and then in the
        working directory.
      - A file that is encrypted with Ansible Vault is decrypted.
    type: list
    elements: path
    required: true
  text:
    description:
      - Text or a list to read instead of a file, as P(community.komfortkasse.order_numbers#filter) reads it.
      - If neither a file nor text is given, the result is an empty string.
    type: raw
  column:
    description: The name of the column that holds the order numbers, if the file is a table.
    type: str
seealso:
  - plugin: community.komfortkasse.order_numbers
    plugin_type: filter
  - module: community.komfortkasse.komfortkasse_order
  - name: Many orders
    description: Thousands of orders in one task, and what stops a run.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_bulk.rst
"""

EXAMPLES = r"""
- name: Cancel the orders in a text file, one order number on each line
  community.komfortkasse.komfortkasse_order:
    order_numbers: "{{ lookup('community.komfortkasse.order_numbers', 'orders.txt') }}"
    state: cancelled
    only_from: [UNPAID]

- name: Cancel the orders in a column of a CSV file
  community.komfortkasse.komfortkasse_order:
    order_numbers: "{{ lookup('community.komfortkasse.order_numbers', 'cancelled.csv', column='Bestellnummer') }}"
    state: cancelled
    only_from: [UNPAID]

- name: Try the failed orders of an earlier run again, from the report that this collection wrote
  community.komfortkasse.komfortkasse_order:
    order_numbers: "{{ lookup('community.komfortkasse.order_numbers', 'failed.csv', column='order_number') }}"
    state: cancelled
    only_from: [UNPAID]
"""

RETURN = r"""
_raw:
  description: One list, which is the list of order numbers. With C(lookup) the result is the list itself.
  type: list
  elements: list
  sample: [["2026-0815", "0123"]]
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_list import order_numbers_from
from ansible_collections.community.komfortkasse.plugins.plugin_utils._text_file import text_of

LARGEST = 100_000_000  # bytes


class LookupModule(LookupBase):
    """The lookup order_numbers."""

    def run(
        self,
        terms: list[Any],
        variables: Mapping[str, Any] | None = None,
        text: Any = "",
        column: str | None = None,
        **unknown: Any,
    ) -> list[Any]:
        """Return the order numbers as one list in a list, or raise AnsibleLookupError."""
        if unknown:
            raise AnsibleLookupError(f"There is no option {', '.join(sorted(unknown))}, but text and column.")
        files = [term for term in terms if term != ""]
        if text == "":
            numbers = [number for term in files for number in self._numbers(term, column, variables)]
            return [list(dict.fromkeys(numbers)) if files else ""]
        if files:
            raise AnsibleLookupError(
                "Set komfortkasse_order_numbers or komfortkasse_orders_file (in this lookup: text or a file), not both."
            )
        try:
            return [order_numbers_from(text, column)]
        except ValueError as error:
            raise AnsibleLookupError(str(error)) from None

    def _numbers(self, term: Any, column: str | None, variables: Mapping[str, Any] | None) -> list[str]:
        if not isinstance(term, str) or not term.strip():
            raise AnsibleLookupError("The name of a file must be text.")
        try:
            return order_numbers_from(text_of(self._content(term, variables)), column)
        except OSError as error:
            problem = error.strerror or type(error).__name__
        except (ValueError, AnsibleError) as error:
            problem = str(error)
        raise AnsibleLookupError(f"{term}: {problem}")

    def _content(self, term: str, variables: Mapping[str, Any] | None) -> bytes:
        found = self.find_file_in_search_path(variables, "files", term, ignore_missing=True) or Path(term).absolute()
        if not Path(found).exists():
            raise ValueError("there is no such file. Check its name, and where a relative path starts.")
        if not Path(found).is_file():
            raise ValueError("this is not a file.")
        with Path(self._loader.get_real_file(str(found))).open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"this file is larger than {LARGEST // 1_000_000} MB.")
        return content

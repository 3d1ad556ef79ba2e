# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: shops
author:
  - The community.komfortkasse contributors (@ansible-collections)
version_added: 1.0.0
short_description: Check a host pattern before a play uses it
description:
  - Checks a host pattern against the inventory and returns it, for the keyword C(hosts) of a play in which each host is
    a shop.
  - Ansible itself skips a play whose pattern matches no host, and ends with the exit code 0. It ignores a name that it
    does not know beside others. This lookup makes both an error.
options:
  _terms:
    description:
      - Names of hosts and groups, separated by commas, or a list of them. Wildcards such as C(shop*) and subscripts
        such as C(shops[0:9]) are allowed.
      - An empty string stands for C(localhost). It is an error, though, if the variable C(komfortkasse_hosts) is set to
        something undefined, which the filter P(ansible.builtin.default#filter) hides.
      - A name that no host and no group has is an error, and so is a pattern that matches no host, or none within
        C(--limit). The characters C(@), C({), C(!), C(&) and C(~) are not allowed.
      - A value that is not text, such as a number or V(null), is an error.
    type: list
    elements: raw
    required: true
seealso:
  - plugin: ansible.builtin.inventory_hostnames
    plugin_type: lookup
  - name: Playbooks
    description: The playbooks of the collection, and the variables that they take.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_playbooks.rst
"""

EXAMPLES = r"""
- name: Cancel an order in the shops that are named, or with the environment's key if none is
  hosts: "{{ lookup('community.komfortkasse.shops', komfortkasse_hosts | default('')) }}"
  connection: local
  gather_facts: false
  tasks:
    - name: Cancel the order
      community.komfortkasse.komfortkasse_order:
        order_number: "2026-0815"
        state: cancelled
        only_from: [UNPAID]
"""

RETURN = r"""
_raw:
  description: The host pattern as one string, with commas between its names.
  type: list
  elements: str
  sample: ["shop_de,shop_at"]
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleLookupError, AnsibleUndefinedVariable
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.plugins.lookup import LookupBase

FORBIDDEN = "@{!&~"
SUBSCRIPT = re.compile(r"\[-?\d*(?:[:-]\d*)?\]$")
VARIABLE = "komfortkasse_hosts"
FORM = f"{VARIABLE}, in a form of AWX: Shops"


class LookupModule(LookupBase):
    """The lookup shops."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **_kwargs: Any) -> list[str]:
        """Return the pattern, or raise AnsibleLookupError."""
        variables = variables or {}
        if list(terms) == [""]:
            self._check_defined(variables)
            terms = ["localhost"]
        names = list(_names(terms))
        groups = variables.get("groups") or {}
        known = {*groups, *(host for hosts in groups.values() for host in hosts), *constants.LOCALHOST}
        unknown = [name for name in names if not _matches_any(name, known)]
        if unknown:
            raise AnsibleLookupError(
                f"No host and no group of the inventory is named {_quoted(unknown)}. Nothing was sent."
                f" Check the names ({FORM}), and that the inventory is given (-i)."
            )
        self._check_hosts(names, groups, variables.get("ansible_limit"))
        return [",".join(names)]

    def _check_defined(self, variables: Mapping[str, Any]) -> None:
        """Raise AnsibleLookupError if the filter default took the place of something undefined."""
        try:
            self._templar.template(variables.get(VARIABLE, ""))
        except AnsibleUndefinedVariable as error:
            raise AnsibleLookupError(
                f"{VARIABLE} is set, but to something undefined. Nothing was sent. {error}"
            ) from None

    def _check_hosts(self, names: list[str], groups: Mapping[str, list[str]], limit: str | None) -> None:
        """Raise AnsibleLookupError if the names match no host, or none that --limit allows."""
        inventory = InventoryManager(loader=self._loader, parse=False)
        for group, hosts in groups.items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        if not _hosts(inventory, names):
            raise AnsibleLookupError(
                f"The host pattern {_quoted(names)} matches no host of the inventory. Nothing was sent."
                " Check the pattern, and that the inventory is given (-i)."
            )
        inventory.subset(limit)
        if not _hosts(inventory, names):
            raise AnsibleLookupError(
                f"The host pattern {_quoted(names)} matches no host within --limit {limit}. Nothing was sent."
            )


def _names(terms: list[Any]) -> Iterator[str]:
    """The patterns between the commas; what may not be one is an AnsibleLookupError."""
    for term in terms:
        if isinstance(term, (list, tuple)):
            yield from _names(list(term))
            continue
        if not isinstance(term, str):
            raise AnsibleLookupError(
                f"A host pattern must be text or a list of text, not {term!r}. Put a name in quotes if YAML reads it as"
                " something else."
            )
        for name in split_host_pattern(str(term)):
            sign = next((sign for sign in FORBIDDEN if sign in name), None)
            if sign:
                raise AnsibleLookupError(
                    f"The host pattern {name!r} holds {sign!r}, which is not allowed here."
                    f" Name hosts and groups, separated by commas ({FORM})."
                )
            yield name


def _matches_any(name: str, known: set[str]) -> bool:
    name = SUBSCRIPT.sub("", name)
    return name in known or any(fnmatchcase(other, name) for other in known)


def _hosts(inventory: InventoryManager, names: list[str]) -> list[Any]:
    """The hosts that Ansible finds; with no names it would find all."""
    try:
        return list(inventory.get_hosts(names)) if names else []
    except AnsibleError:  # a subscript out of range
        return []


def _quoted(names: list[str]) -> str:
    return ", ".join(map(repr, names)) or "''"

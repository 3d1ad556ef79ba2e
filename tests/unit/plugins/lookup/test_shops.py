# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup shops: a pattern that Ansible would quietly ignore is an error."""

from __future__ import annotations

import pytest

from ansible.errors import AnsibleLookupError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.komfortkasse.plugins.lookup.shops import LookupModule

GROUPS = {
    "all": ["shop1", "shop2", "other"],
    "shops": ["shop1", "shop2"],
    "empty": [],
    "ungrouped": ["other"],
}


class Templar:
    """Knows what a variable holds that the lookup asks for."""

    def template(self, value):
        if "undefined" in value:
            raise AnsibleUndefinedVariable(f"{value} is undefined")
        return value


def shops(*terms, **variables):
    lookup = LookupModule(loader=DataLoader(), templar=Templar())
    return lookup.run(list(terms), {"groups": GROUPS, **variables})


@pytest.mark.parametrize(
    ("pattern", "checked"),
    [
        ("", "localhost"),
        ("localhost", "localhost"),
        ("shop1", "shop1"),
        ("shops", "shops"),
        (" shop1 , other,", "shop1,other"),
        ("shop1:other", "shop1,other"),
        (["shop1", "other"], "shop1,other"),
        (["shop1,shop2", ["other"]], "shop1,shop2,other"),
        ("shop*", "shop*"),
        ("shops[0:1]", "shops[0:1]"),
        ("shops[-1]", "shops[-1]"),
        ("shop1,empty", "shop1,empty"),
        ("all", "all"),
    ],
)
def test_a_pattern_that_matches_hosts_is_returned(pattern, checked):
    assert shops(pattern) == [checked]


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("nosuch", "'nosuch'"),
        ("shop1,nosuch,other,typo", "'nosuch', 'typo'"),
        (["shop1", "nosuch"], "'nosuch'"),
        ("nosuch[0]", "'nosuch[0]'"),
        ("x*", "'x*'"),
    ],
)
def test_an_unknown_name_is_an_error(pattern, named):
    with pytest.raises(AnsibleLookupError, match="Nothing was sent") as error:
        shops(pattern)
    assert f"is named {named}." in str(error.value)


@pytest.mark.parametrize("pattern", ["empty", [], " ", ",", "shops[7]", [""]])
def test_a_pattern_that_matches_no_host_is_an_error(pattern):
    with pytest.raises(AnsibleLookupError, match="matches no host of the inventory"):
        shops(pattern)


def test_without_an_inventory_only_localhost_is_known():
    assert shops("", groups={}) == ["localhost"]
    with pytest.raises(AnsibleLookupError, match="is named 'shop1'"):
        shops("shop1", groups={})


@pytest.mark.parametrize("sign", "@{!&~")
@pytest.mark.parametrize("pattern", ["{}shops", "shop1,{}other", "shop{}1"])
def test_signs_that_exclude_or_read_files_are_errors(sign, pattern):
    with pytest.raises(AnsibleLookupError, match="not allowed") as error:
        shops(pattern.replace("{}", sign))
    assert repr(sign) in str(error.value)


@pytest.mark.parametrize("pattern", [None, 7, True, {"shop1": 1}, ["shop1", 7]])
def test_what_is_not_text_is_an_error(pattern):
    with pytest.raises(AnsibleLookupError, match="must be text"):
        shops(pattern)


def test_a_limit_that_leaves_no_host_is_an_error():
    assert shops("shops", ansible_limit="shop2,other") == ["shops"]
    for pattern in ("shop1", ""):
        with pytest.raises(AnsibleLookupError, match="matches no host within --limit other"):
            shops(pattern, ansible_limit="other")


def test_an_undefined_variable_is_not_localhost():
    with pytest.raises(AnsibleLookupError, match="komfortkasse_hosts is set, but to something undefined"):
        shops("", komfortkasse_hosts="{{ undefined }}")
    assert shops("", komfortkasse_hosts="") == ["localhost"]

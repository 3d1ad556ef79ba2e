# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the connection comes from: the first level that gives a key decides, and none is mixed with another."""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _connection

PATH = "keys.yml"


def connected(options, line=None, **variables):
    return _connection.connected(options, variables.get, lambda: line)


def test_the_host_gives_what_the_task_does_not():
    host = {
        "komfortkasse_api_key": "host",
        "komfortkasse_api_url": "https://host",
        "komfortkasse_ca_path": "/ca",
        "komfortkasse_timeout": 0,
    }
    task = {"state": "paid", "api_url": "https://task", "ca_path": None}
    assert connected(task, **host) == {
        "state": "paid",
        "api_url": "https://task",
        "ca_path": "/ca",
        "timeout": 0,
        "api_key": "host",
    }


@pytest.mark.parametrize("unset", [None, ""])
def test_an_unset_variable_leaves_the_choice_to_the_next_level(unset):
    host = dict.fromkeys(_connection.VARIABLES.values(), unset)
    assert connected({}, **host) == {}
    assert connected({}, line="line", **host) == {"api_key": "line"}


@pytest.mark.parametrize("name", ["api_key", "api_key_file"])
@pytest.mark.parametrize("other", ["api_key", "api_key_file"])
def test_the_level_that_gives_a_key_decides(name, other):
    def not_asked():
        raise AssertionError

    host = {f"komfortkasse_{other}": "host"}
    assert connected({name: "task"}, **host) == {name: "task"}
    assert _connection.connected({}, host.get, not_asked) == {other: "host"}


def test_two_keys_on_one_level_are_refused():
    with pytest.raises(ValueError, match=r"^Both api_key and api_key_file are set: set only one of them\.$"):
        connected({"api_key": "a", "api_key_file": "b"})
    with pytest.raises(ValueError, match=r"^Both komfortkasse_api_key and komfortkasse_api_key_file are set"):
        connected({}, komfortkasse_api_key="a", komfortkasse_api_key_file="b")


def test_a_key_that_is_not_text_is_refused_without_showing_it():
    with pytest.raises(ValueError, match=r"^komfortkasse_api_key is not text") as refusal:
        connected({}, komfortkasse_api_key=424242)
    assert "424242" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("shop: abc", "abc"),
        ("# keys\nother: x\nshop: '0123'\n", "0123"),
        ("shop: 0123", "0123"),
        ("{shop: 1e3, other: x}", "1e3"),
    ],
)
def test_the_key_of_a_host_is_taken_as_it_is_written(text, key):
    assert _connection.key_of_host(text, "shop", PATH) == key


@pytest.mark.parametrize("text", ["", "other: x", "- shop: x", "shop", "[shop, x]: y"])
def test_a_host_without_a_line_is_refused(text):
    with pytest.raises(ValueError, match=r"keys\.yml, which KOMFORTKASSE_SHOP_KEYS_FILE names, has no line .* shop: "):
        _connection.key_of_host(text, "shop", PATH)


@pytest.mark.parametrize("text", ["shop:", "shop: [secret]", "shop: secret\nshop: secret", "shop: !vault secret"])
def test_a_line_that_is_not_one_key_is_refused(text):
    with pytest.raises(ValueError, match=r"keys\.yml must have exactly one line shop: KEY") as refusal:
        _connection.key_of_host(text, "shop", PATH)
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_not_yaml_is_refused_without_showing_a_key():
    with pytest.raises(ValueError, match=r"keys\.yml is not YAML .* \(line 2\)\.") as refusal:
        _connection.key_of_host("other: secret\n\tshop: secret\n", "shop", PATH)
    assert "secret" not in str(refusal.value)
    with pytest.raises(ValueError, match=r"is not YAML of the form host: key\."):
        _connection.key_of_host("shop: \0", "shop", PATH)

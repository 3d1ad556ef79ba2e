# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions that run a module have in common: what they refuse, and the connection of the host's shop."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.community.komfortkasse.plugins.action import komfortkasse_order, komfortkasse_order_info
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _action

INFO = komfortkasse_order_info.ActionModule
BOTH = pytest.mark.parametrize(
    "action", [INFO, komfortkasse_order.ActionModule], ids=["komfortkasse_order_info", "komfortkasse_order"]
)


@BOTH
def test_the_module_of_the_same_name_runs_once_with_the_connection_of_the_host(play, action):
    play.variables.update(komfortkasse_api_key="key", komfortkasse_timeout=7)
    result = {"changed": True, "whatever": 1}
    play.answer = lambda args, check_mode: result
    assert play.run(action, order_numbers=[" 1 "], api_url="") == result
    [call] = play.calls
    assert call.name == action.MODULE == f"community.komfortkasse.{action.__module__.rpartition('.')[2]}"
    assert {"order_numbers": ["1"], "api_key": "key", "timeout": 7}.items() <= call.args.items()
    assert "api_url" not in call.args


def test_the_options_of_the_task_stay_as_they_are(play):
    """Ansible uses them again for the next turn of a loop."""
    options = {"order_numbers": [" 1"], "api_url": ""}
    play.run(INFO, **options)
    assert options == play.task.args == {"order_numbers": [" 1"], "api_url": ""}


@pytest.mark.parametrize(("seconds", "wrapped"), [(0, False), (60, True)])
def test_async_is_left_to_the_module(play, seconds, wrapped):
    play.task.async_val = seconds
    play.run(INFO)
    assert [call.wrap_async for call in play.calls] == [wrapped]


@BOTH
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_old_core_is_refused_first_and_in_check_mode_too(play, monkeypatch, action, check_mode):
    monkeypatch.setattr(_action, "__version__", "2.15.13")
    play.task.check_mode = check_mode
    play.variables.update(_raw_params="1002")
    result = play.run(action, order_number=83)
    assert (result["failed"], result["changed"], play.calls) == (True, False, [])
    assert "needs 2.16.0 or newer" in result["msg"]


def test_the_minimum_is_the_one_in_the_metadata():
    metadata = yaml.safe_load((Path(__file__).parents[4] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert metadata["requires_ansible"] == f">={_action.MINIMUM_CORE}"


@pytest.mark.parametrize("version", ["2.9.27", "2.15.13", "2.14.0rc1"])
def test_an_older_core_is_refused_with_both_numbers(version):
    with pytest.raises(ValueError) as refusal:
        _action.refuse_old_core(version)
    assert str(refusal.value) == (
        f"This is ansible-core {version}, and community.komfortkasse needs {_action.MINIMUM_CORE} or newer."
        " Update ansible-core, or choose a newer execution environment."
    )


@pytest.mark.parametrize("version", ["2.16.0", "2.16.19", "2.20.0.dev0", "2.22.0rc1", "3.0.0"])
def test_a_newer_core_is_taken(version):
    _action.refuse_old_core(version)


@BOTH
@pytest.mark.parametrize(
    ("variables", "options", "msg"),
    [
        ({"_raw_params": "1002"}, {}, "held a blank"),
        ({}, {"order_numbers": [83]}, "is a whole number, not text"),
        ({}, {"api_key": "a", "api_key_file": "b"}, "Both api_key and api_key_file are set"),
        ({"komfortkasse_api_key": "{{ nope }}"}, {}, "komfortkasse_api_key of shop-a is unusable: 'nope' is undefined"),
        ({"komfortkasse_ca_path": "{{ nope }}"}, {"api_key": "a"}, "komfortkasse_ca_path of shop-a is unusable"),
        ({"komfortkasse_plan_file": "{{ nope }}"}, {"api_key": "a"}, "komfortkasse_plan_file of shop-a is unusable"),
    ],
)
def test_what_is_wrong_fails_the_task_before_a_module_runs(play, action, variables, options, msg):
    play.variables.update(variables)
    result = play.run(action, **options)
    assert (result["failed"], result["changed"], play.calls) == (True, False, [])
    assert msg in result["msg"]


def test_a_variable_that_a_higher_level_makes_needless_is_not_looked_at(play):
    play.variables["komfortkasse_api_key"] = "{{ nope }}"
    assert play.run(INFO, api_key="key") == {"changed": False}


def test_an_encrypted_value_is_text(play):
    """Ansible-core before 2.19 has a type for it, which is not text."""

    class Encrypted:
        __ENCRYPTED__ = True

        def __str__(self):
            return "key"

    play.run(INFO, api_key=Encrypted())
    play.variables["komfortkasse_api_key"] = Encrypted()
    play.run(INFO)
    assert [call.args["api_key"] for call in play.calls] == ["key", "key"]


# The keys file


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Return a keys file that the environment names."""
    path = tmp_path / "keys.yml"
    path.write_text("shop-a: from-the-file\n")
    monkeypatch.setenv("KOMFORTKASSE_SHOP_KEYS_FILE", str(path))
    return path


def test_the_keys_file_gives_the_key_of_the_host(play, keys):
    play.run(INFO)
    play.variables["komfortkasse_api_key"] = "variable"
    play.run(INFO)
    assert [call.args["api_key"] for call in play.calls] == ["from-the-file", "variable"]


def test_an_empty_name_of_a_keys_file_is_none(play, monkeypatch):
    monkeypatch.setenv("KOMFORTKASSE_SHOP_KEYS_FILE", "")
    play.run(INFO)
    assert "api_key" not in play.calls[0].args


def test_a_host_that_the_keys_file_does_not_have_fails(play, keys):
    play.variables["inventory_hostname"] = "shop-b"
    assert f"{keys}, which KOMFORTKASSE_SHOP_KEYS_FILE names, has no line for the host shop-b" in play.run(INFO)["msg"]
    assert play.calls == []


def test_a_keys_file_may_begin_with_a_byte_order_mark(play, keys):
    keys.write_text("shop-a: marked\n", encoding="utf-8-sig")
    play.run(INFO)
    assert play.calls[0].args["api_key"] == "marked"


@pytest.mark.parametrize(("content", "reason"), [(None, "there is no such file"), (b"shop-a: \xff", "it is not UTF-8")])
def test_a_keys_file_that_cannot_be_read_fails(play, keys, content, reason):
    keys.unlink()
    if content:
        keys.write_bytes(content)
    named = f"The keys file {keys}, which KOMFORTKASSE_SHOP_KEYS_FILE names"
    assert play.run(INFO)["msg"] == f"{named}, cannot be read: {reason}."


def test_an_encrypted_keys_file_without_its_password_fails(play, keys):
    secret = VaultSecret(b"password")
    keys.write_bytes(VaultLib([("default", secret)]).encrypt(b"shop-a: secret", secret))
    assert "cannot be read: A vault password" in play.run(INFO)["msg"]

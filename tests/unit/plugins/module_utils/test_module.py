# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: what leaves a module is valid UTF-8 and does not contain the key."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec, _module
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import MASK
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args

KEY = "demo-key-0000/for+the=simulator"
TOLD = f"plain {KEY}, quoted {quote(KEY, safe='')}, half \ud83d"
CLEAN = f"plain {MASK}, quoted {MASK}, half \ufffd"


@pytest.fixture
def run(capsys):
    """Return a function that runs a module with a client, and returns what it printed as the controller reads it."""

    def run_module(end, **options):
        spec = {**_argument_spec.CONNECTION_OPTIONS, "more": {"type": "str"}}
        with patch_module_args({"api_key": KEY, **options}), pytest.raises(SystemExit):
            module = _module.KomfortkasseModule(argument_spec=spec)
            module.checked(lambda module: module.open_client(1))
            end(module)
        return json.loads(capsys.readouterr().out)

    return run_module


def test_a_result_leaves_clean(run):
    result = run(lambda module: module.exit_json(changed=False, orders=[{"name": TOLD, f"a {KEY}": {"b": TOLD}}]))
    assert result["orders"] == [{"name": CLEAN, f"a {MASK}": {"b": CLEAN}}]


def test_a_failure_leaves_clean(run):
    result = run(lambda module: module.fail_json(msg=TOLD, results=[TOLD]))
    assert (result["failed"], result["msg"], result["results"]) == (True, CLEAN, [CLEAN])


def test_a_warning_leaves_clean(run):
    def end(module):
        module.warn(TOLD)
        module.exit_json()

    assert CLEAN in json.dumps(run(end)["warnings"], ensure_ascii=False)


def test_the_options_leave_clean(run):
    given = TOLD[:-2]  # Ansible itself passes on no half a character
    result = run(lambda module: module.exit_json(), more=given)
    assert result["invocation"]["module_args"]["more"] == CLEAN[:-2]


@pytest.mark.parametrize("given", ["api_key", "api_key_file", "environment"])
def test_the_key_is_registered_as_a_secret(run, monkeypatch, tmp_path, given):
    registered = []
    monkeypatch.setattr(_module, "register_secret", registered.append)
    (tmp_path / "key").write_text(f"{KEY}\n")
    options = {
        "api_key": {},
        "api_key_file": {"api_key": None, "api_key_file": str(tmp_path / "key")},
        "environment": {"api_key": None},
    }[given]
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", KEY)

    def end(module):
        assert KEY in module.no_log_values
        module.exit_json(told=TOLD)

    assert run(end, **options)["told"] == CLEAN
    assert registered == [KEY]


def test_a_missing_library_is_named(run, monkeypatch):
    monkeypatch.setattr(_module, "HAS_REQUESTS", False)
    result = run(lambda module: module.exit_json())
    assert result["msg"].startswith("Failed to import the required Python library (requests)")

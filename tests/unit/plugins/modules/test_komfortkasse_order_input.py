# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module refuses: a sentence that helps, no traceback, and not one request."""

from __future__ import annotations

import pytest

NUMBER = "2026-0815"


@pytest.fixture
def refused(simulator, run_module, connection):
    """Run the module with options of which None takes one away, and return the message of the failure."""

    def run(**options):
        given = {**connection, "order_number": NUMBER, "state": "cancelled", **options}
        result = run_module(**{name: value for name, value in given.items() if value is not None})
        assert result["failed"]
        assert not result.get("changed")
        assert simulator.log() == []
        assert "Traceback" not in str(result)
        assert simulator.api_key not in str(result)
        return result["msg"]

    return run


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "empty"),
        ("\u00a0", "blank"),
        (" 1001", "white space"),
        ("10\n01", "control character"),
        ("10\u202801", "control character"),
        ("..", "has another meaning in the API's URLs"),
        ("remove", "has another meaning in the API's URLs"),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_a_number_that_cannot_be_one(refused, number, words, many):
    msg = refused(order_number=None, order_numbers=["1001", number]) if many else refused(order_number=number)
    assert words in msg
    assert "Nothing was sent" in msg
    if many:
        assert "entry 2" in msg


@pytest.mark.parametrize("numbers", [["1001"], []])
def test_both_options_for_numbers(refused, numbers):
    msg = refused(order_numbers=numbers)
    assert "order_number" in msg
    assert "mutually exclusive" in msg


def test_none_of_the_options_for_numbers(refused):
    msg = refused(order_number=None)
    assert "one of the following is required: order_number, order_numbers" in msg


@pytest.mark.parametrize("state", ["", "CANCELLED", "refunded", None])
def test_a_state_that_there_is_not(refused, state):
    assert "state" in refused(state=state)


@pytest.mark.parametrize("key", [None, ""])
@pytest.mark.parametrize("environment", [None, ""])
def test_no_key(refused, monkeypatch, key, environment):
    if environment is not None:
        monkeypatch.setenv("KOMFORTKASSE_API_KEY", environment)
    msg = refused(api_key=key)
    assert "api_key" in msg
    assert "KOMFORTKASSE_API_KEY" in msg


@pytest.mark.parametrize("key", ["secret-key-1\n", " secret-key-1", "secret key-1", "secret-key-\u00e4", "\t"])
def test_a_key_with_white_space_or_umlauts_is_not_shown(refused, key):
    msg = refused(api_key=key)
    assert "API key contains white space" in msg
    assert "secret" not in msg


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://ssl.komfortkasse.eu/api/v2", "use https"),
        ("http://127.0.0.1.example.org/", "use https"),
        ("http://user:pass@127.0.0.1:1/", "user name"),
        ("http://127.0.0.1:1\\@example.org/", "backslash"),
        ("https://ssl.komfortkasse.eu/api v2", "white space"),
        ("https://ssl.komfortkasse.eu/api/v2?a=b", "https://ssl.komfortkasse.eu/api/v2"),
        ("ssl.komfortkasse.eu/api/v2", "https://ssl.komfortkasse.eu/api/v2"),
        ("file:///etc/passwd", "https://ssl.komfortkasse.eu/api/v2"),
        ("https://ssl.komfortkasse.eu:port/", "not a URL"),
    ],
)
def test_an_address_that_the_key_must_not_go_to(refused, url, words):
    msg = refused(api_url=url)
    assert "api_url" in msg
    assert words in msg
    assert "pass" not in msg.replace("passwd", "").replace("password", "")


def test_a_ca_path_that_is_not_there(refused, tmp_path, monkeypatch):
    missing = str(tmp_path / "ca.pem")
    assert missing in refused(ca_path=missing)
    monkeypatch.setenv("KOMFORTKASSE_CA_PATH", missing)
    assert missing in refused()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("concurrency", 65, "concurrency must be from 1 to 64, not 65"),
        ("max_failures", -1, "max_failures must be at least 0, not -1"),
        ("timeout", 0, "timeout must be from 1 to 86400, not 0"),
        ("retry_max_wait", -1, "retry_max_wait must be from 0 to 86400, not -1"),
        ("return_order", "all", "return_order"),
        ("only_from", [], "only_from is empty"),
        ("only_from", ["UNPAID", ""], "only_from"),
    ],
)
def test_an_option_out_of_its_range(refused, option, value, words):
    assert words in refused(**{option: value})


def test_an_unknown_status_in_only_from_is_taken_with_a_warning(order):
    result = order(only_from=["UNPAID", "OPEN"])
    assert result["changed"]
    [warning] = result["warnings"]
    assert "OPEN" in warning
    assert "UNPAID" not in warning
    assert "which the API does not document" in warning


def test_the_connection_comes_from_the_environment(simulator, run_module, sent, monkeypatch):
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", simulator.api_key)
    monkeypatch.setenv("KOMFORTKASSE_API_URL", simulator.api_url + "/")
    result = run_module(order_number=NUMBER, state="cancelled")
    assert result["payment_status"] == "CANCELLED"
    assert simulator.api_key not in str(result)
    assert len(sent("POST")) == 1


def test_an_option_wins_over_the_environment(order, monkeypatch):
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", "another")
    monkeypatch.setenv("KOMFORTKASSE_API_URL", "https://example.invalid")
    monkeypatch.setenv("KOMFORTKASSE_TIMEOUT", "not even a number")
    assert order()["changed"]


def test_empty_variables_count_as_not_set(run_module, connection, monkeypatch):
    for name in ("API_KEY", "API_URL", "CA_PATH", "TIMEOUT"):
        monkeypatch.setenv(f"KOMFORTKASSE_{name}", "")
    del connection["timeout"]
    result = run_module(**connection, order_number=NUMBER, state="cancelled")
    assert result["changed"]
    assert result["invocation"]["module_args"]["timeout"] == 30


def test_no_numbers_at_all_are_done_at_once(orders, sent):
    result = orders([])
    assert (result["changed"], result["results"], sent()) == (False, [], [])


def test_a_missing_library_is_named_without_a_traceback(start_module, finish):
    result = finish(start_module("import sys; sys.modules['requests'] = None", order_number=NUMBER))
    assert result["failed"]
    assert "Failed to import the required Python library (requests)" in result["msg"]
    assert "Traceback" not in str(result)

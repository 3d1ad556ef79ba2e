# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options: what is returned is documented, and no address gets the key that should not."""

from __future__ import annotations

import contextlib
import os
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order

yaml = pytest.importorskip("yaml")  # goes with the simulator


def connection_from(**params):
    options = {name: spec.get("default") for name, spec in _argument_spec.CONNECTION_OPTIONS.items()}
    return _argument_spec.connection_from({**options, **params})


@pytest.fixture
def key_file(tmp_path):
    def write(content, name="key"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("content", [b"key-of-a-file", b"key-of-a-file\n", b"key-of-a-file\r\n"])
def test_the_key_may_be_in_a_file(key_file, content):
    assert connection_from(api_key_file=key_file(content)).api_key == "key-of-a-file"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty."),
        (b"key\n\n", "contains white space"),
        (b"\xef\xbb\xbfkey", "contains white space or other characters"),
        (b"k" * 5000, "holds more than an API key."),
    ],
)
def test_a_file_that_holds_no_key_is_refused(key_file, content, words):
    path = key_file(content)
    with pytest.raises(ValueError) as refused:
        connection_from(api_key_file=path)
    assert path in str(refused.value)
    assert words in str(refused.value)
    assert "kkk" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, words in (("nowhere", "No such file"), ("", "Is a directory"), ("fifo", "not a regular file")):
        with pytest.raises(ValueError, match=f"^api_key_file names {tmp_path / path}, which .*{words}"):
            connection_from(api_key_file=str(tmp_path / path))


def test_the_first_level_that_gives_a_key_decides(key_file, monkeypatch):
    monkeypatch.setenv("HOME", os.path.dirname(key_file(b"key-of-a-variable", "variable")))
    monkeypatch.setenv("KOMFORTKASSE_API_KEY_FILE", "~/variable")
    assert connection_from().api_key == "key-of-a-variable"
    assert connection_from(api_key="", api_key_file="").api_key == "key-of-a-variable"
    assert connection_from(api_key="key-of-the-task").api_key == "key-of-the-task"
    assert connection_from(api_key_file=key_file(b"key-of-a-file")).api_key == "key-of-a-file"
    monkeypatch.delenv("KOMFORTKASSE_API_KEY_FILE")
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", "key-of-the-environment")
    assert connection_from(api_key_file=key_file(b"key-of-a-file")).api_key == "key-of-a-file"
    assert connection_from().api_key == "key-of-the-environment"


def test_two_keys_on_one_level_are_refused(key_file, monkeypatch):
    path = key_file(b"key-of-a-file")
    with pytest.raises(ValueError, match=r"^Both api_key and api_key_file are set"):
        connection_from(api_key="key-of-the-task", api_key_file=path)
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", "key-of-the-environment")
    monkeypatch.setenv("KOMFORTKASSE_API_KEY_FILE", path)
    assert connection_from(api_key="key-of-the-task").api_key == "key-of-the-task"
    with pytest.raises(ValueError, match=r"^Both KOMFORTKASSE_API_KEY and KOMFORTKASSE_API_KEY_FILE are set"):
        connection_from()


def test_ca_path_may_be_a_folder(tmp_path):
    assert connection_from(api_key="key", ca_path=str(tmp_path)).ca_path == str(tmp_path)


def test_every_returned_key_is_documented(orders, order, journal):
    returned = yaml.safe_load(komfortkasse_order.RETURN)
    Ansible = {"changed", "failed", "msg", "invocation", "warnings", "printed"}
    one = order("2026-0703", _ansible_diff=True)
    many = orders(["2026-0815", "2026-0701", "nowhere"], only_from=["UNPAID"], return_order="summary")
    planned = orders(["2026-0816"], _ansible_check_mode=True)
    applied = orders(["2026-0816"], plan=planned["plan"], journal_path=journal.path)
    stopped = orders(["2026-0817"], max_changes=0)
    assert set().union(one, many, planned, applied, stopped) - Ansible == set(returned)
    entries = one["results"] + many["results"]
    assert set().union(*entries) == set(returned["results"]["contains"])
    assert set(one["summary"]) == set(returned["summary"]["contains"])
    assert all(f"C({name})" in str(returned["order"]["description"]) for name in one["order"])


@given(
    st.text(max_size=30)
    | st.builds(
        "{}://{}{}".format,
        st.sampled_from(["http", "https", "HTTP"]),
        st.sampled_from(["", "127.0.0.1", "localhost", "[::1]", "example.org"]),
        st.text(alphabet=":/.@\\[]?#%;&127e\u00e9 \t\n", max_size=20),
    )
)
@example("ftp://127.0.0.1/api")
@example("https:///api")
@example("https://example.org/api?x=1")
def test_an_address_is_taken_or_refused_with_a_sentence(url):
    try:
        loopback = _argument_spec.check_api_url(url)
    except ValueError as error:
        assert "api_url" in str(error)
        assert str(error).endswith(".")
        return
    parts = urlsplit(url)
    assert parts.scheme == "https" or (parts.scheme == "http" and loopback)
    assert parts.username is None
    assert not set(url) & set(" \t\n\\")
    assert not parts.query + parts.fragment
    # What sends the key reads an address in its own way: it has to come to the same host, or refuse it.
    if parts.scheme == "http":
        with contextlib.suppress(LocationParseError):
            assert (parse_url(url).host or "").strip("[]") == parts.hostname


@pytest.mark.parametrize("address", ["http://[::1]0", "http://[::1]x:80/api", "https://*.example", "https://[v1.x]/"])
def test_an_address_that_only_the_library_cannot_read_is_refused_by_name(run_module, address):
    result = run_module(api_url=address, api_key="k", order_number="1001", state="cancelled")
    assert result["failed"]
    assert result["msg"].startswith("api_url is not a URL: ")
    assert result["msg"].endswith(".") and not result["msg"].endswith("..")


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_plain_http_goes_to_loopback_addresses_only(address):
    assume("%" not in str(address))
    host = f"[{address}]" if address.version == 6 else str(address)
    url = f"http://{host}:8080/api/v2"
    if address.is_loopback:
        assert _argument_spec.check_api_url(url)
    else:
        with pytest.raises(ValueError, match="plain http"):
            _argument_spec.check_api_url(url)
    assert _argument_spec.check_api_url(url.replace("http:", "https:")) == address.is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "[::1]"])
def test_this_very_machine_may_be_reached_by_plain_http(host):
    assert _argument_spec.check_api_url(f"http://{host}:8080/api/v2")


@pytest.mark.parametrize(
    "host",
    [
        "localhost.",
        "0177.0.0.1",
        "[::ffff:8.8.8.8]",
        "127.0.0.1.nip.io",
        "\u24db\u006fcalhost",
    ],
)
def test_what_only_looks_like_this_machine_is_refused(host):
    with pytest.raises(ValueError):
        _argument_spec.check_api_url(f"http://{host}/api/v2")

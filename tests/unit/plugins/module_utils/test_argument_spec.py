# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options: what is returned is documented, and no address gets the key that should not."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order

yaml = pytest.importorskip("yaml")  # goes with the simulator


def test_every_returned_key_is_documented(orders, order):
    returned = yaml.safe_load(komfortkasse_order.RETURN)
    Ansible = {"changed", "failed", "msg", "invocation", "warnings", "printed"}
    one = order("2026-0703", _ansible_diff=True)
    many = orders(["2026-0815", "2026-0701", "nowhere"], only_from=["UNPAID"], return_order="summary")
    assert (set(one) | set(many)) - Ansible == set(returned)
    entries = one["results"] + many["results"]
    assert set().union(*entries) == set(returned["results"]["contains"])
    assert set(one["summary"]) == set(returned["summary"]["contains"])
    assert set(one["order"]) <= set(returned["order"]["contains"])


@given(
    st.text(max_size=30)
    | st.builds(
        "{}://{}{}".format,
        st.sampled_from(["http", "https", "HTTP"]),
        st.sampled_from(["", "127.0.0.1", "localhost", "[::1]", "example.org"]),
        st.text(alphabet=":/.@\\[]?#%;&127e\u00e9 \t\n", max_size=20),
    )
)
def test_an_address_is_taken_or_refused_with_a_sentence(url):
    try:
        loopback = _argument_spec.check_api_url(url)
    except ValueError as error:
        assert "api_url" in str(error)
        assert str(error).endswith(".")
        return
    parts = urlsplit(url)
    assert parts.scheme == "https" or loopback
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
    assert result["msg"].endswith(".")


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
        "2130706433",
        "127.1",
        "0.0.0.0",
        "[::ffff:8.8.8.8]",
        "127.0.0.1.nip.io",
        "\u24db\u006fcalhost",
    ],
)
def test_what_only_looks_like_this_machine_is_refused(host):
    with pytest.raises(ValueError):
        _argument_spec.check_api_url(f"http://{host}/api/v2")

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: whom the module trusts, and what it says of the others."""

from __future__ import annotations

import datetime
import socket
import ssl
import warnings

import pytest
import trustme
import urllib3

from ansible_collections.community.komfortkasse.tests.unit.plugins.raw_server import RawServer

NOW = datetime.datetime.now(datetime.timezone.utc)
YESTERDAY, DAY_BEFORE_YESTERDAY, TOMORROW = (NOW + datetime.timedelta(days=days) for days in (-1, -2, 1))
REFUSED = "the TLS certificate of {host} is not trusted: "


@pytest.fixture
def authority(tmp_path):
    """A private certificate authority; ``authority.path`` is its certificate."""
    ca = trustme.CA()
    ca.path = str(tmp_path / "ca.pem")
    ca.cert_pem.write_to_path(ca.path)
    return ca


@pytest.fixture
def secure(authority, start_simulator, run_module, tmp_path):
    """Start a simulator with a certificate for a name, and return it with a function that cancels an order there."""

    def start(name="127.0.0.1", **validity):
        certificate = authority.issue_cert(name, **validity)
        files = tmp_path / "chain.pem", tmp_path / "key.pem"
        certificate.cert_chain_pems[0].write_to_path(str(files[0]))
        certificate.private_key_pem.write_to_path(str(files[1]))
        simulator = start_simulator("--certfile", str(files[0]), "--keyfile", str(files[1]))
        assert simulator.api_url.startswith("https://127.0.0.1:")

        def order(**options):
            given = {"api_url": simulator.api_url, "api_key": simulator.api_key, "timeout": 30}
            return run_module(**{**given, "order_number": "2026-0815", "state": "cancelled", **options})

        return simulator, order

    return start


def test_the_authority_decides_who_is_trusted(secure, authority, monkeypatch):
    simulator, order = secure()
    host = simulator.api_url.split("/")[2]

    refused = order()
    assert REFUSED.format(host=host) + "unable to get local issuer certificate" in refused["msg"]
    assert "ca_path" in refused["msg"]
    assert refused["summary"]["requests"] == 1  # it will not get any better
    assert simulator.log() == []

    assert order(ca_path=authority.path)["changed"]

    monkeypatch.setenv("KOMFORTKASSE_CA_PATH", authority.path)
    assert order(state="removed")["changed"]
    monkeypatch.delenv("KOMFORTKASSE_CA_PATH")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority.path)
    assert order(state="paid")["changed"]


def test_unchecked_certificates_give_a_warning(secure, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    _simulator, order = secure("elsewhere.example")
    result = order(validate_certs=False, ca_path=str(other))
    assert result["changed"]
    [warning] = result["warnings"]
    assert "validate_certs is false" in warning


def test_a_certificate_for_somebody_else_is_refused(secure, authority):
    simulator, order = secure("elsewhere.example")
    result = order(ca_path=authority.path)
    assert REFUSED.format(host=simulator.api_url.split("/")[2]) in result["msg"]
    assert "mismatch" in result["msg"]
    assert simulator.log() == []


@pytest.mark.parametrize(
    ("validity", "words"),
    [
        ({"not_before": DAY_BEFORE_YESTERDAY, "not_after": YESTERDAY}, "certificate has expired"),
        ({"not_before": TOMORROW}, "certificate is not yet valid"),
    ],
)
def test_a_certificate_at_another_time_is_refused(secure, authority, validity, words):
    simulator, order = secure(**validity)
    result = order(ca_path=authority.path)
    assert REFUSED.format(host=simulator.api_url.split("/")[2]) + words in result["msg"]
    assert simulator.log() == []


@pytest.fixture
def outdated(authority):
    """A server that offers nothing newer than TLS 1.1, and whom a careless client may use."""
    theirs, careless = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=authority.path)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is what it is here for
        theirs.maximum_version = ssl.TLSVersion.TLSv1_1
        for context in (theirs, careless):
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
    server = RawServer([b""], context=theirs)
    with (
        socket.create_connection(server.address, timeout=60) as bare,
        careless.wrap_socket(bare, server_hostname="127.0.0.1") as secured,
    ):
        secured.sendall(b"whoever allows it")
        assert secured.version() == "TLSv1.1"
    careless.check_hostname = False  # old urllib3 does that by itself
    server.careless = careless
    yield server
    server.stop()


def test_outdated_tls_is_refused_even_if_the_library_allows_it(outdated, authority, run_module, monkeypatch):
    monkeypatch.setattr(urllib3.connection, "create_urllib3_context", lambda **_settings: outdated.careless)
    given = {"api_url": outdated.api_url, "api_key": "k" * 32, "ca_path": authority.path, "retries": 0}
    message = run_module(**given, order_number="2026-0815", state="cancelled")["msg"]
    assert "127.0.0.1" in message
    assert "offers only outdated TLS: version TLSv1.1. Check api_url" in message
    outdated.stop()
    assert b"".join(outdated.requests) == b"whoever allows it"


def test_plain_http_is_no_tls(simulator, order):
    result = order(api_url=simulator.api_url.replace("http:", "https:"), retries=0)
    assert result["failed"]
    assert "127.0.0.1" in result["msg"]
    assert not any(entry["operation"] for entry in simulator.log())


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_that_is_no_certificate_is_named(secure, tmp_path, content):
    path = tmp_path / "broken.pem"
    path.write_text(content)
    simulator, order = secure()
    result = order(ca_path=str(path))
    assert "TLS could not be set up" in result["msg"] or str(path) in result["msg"]
    assert "ca_path" in result["msg"]  # the advice
    assert "Traceback" not in str(result)
    assert simulator.log() == []

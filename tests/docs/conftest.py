# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stories need."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proxy import running_proxy
from story import Services, Story
from unit.conftest import Simulator, SimulatorProcess, start_simulator

__all__ = ["start_simulator"]

SHOPS = Path(__file__).parent / "shops.yml"


def pytest_configure(config: pytest.Config) -> None:
    """Make warnings errors, but for two: antsibull-docutils calls docutils in a way that will end with docutils 2."""
    config.addinivalue_line("filterwarnings", "error")
    for message in ("`Publisher.set_components", 'Argument "parser_name"'):
        config.addinivalue_line("filterwarnings", f"ignore:{message}:PendingDeprecationWarning")


@pytest.fixture(scope="session")
def shop() -> Iterator[Simulator]:
    """The shops of all stories."""
    process = SimulatorProcess("--seed", str(SHOPS))
    yield Simulator(process)
    process.stop()


@pytest.fixture
def story(tmp_path: Path, shop: Simulator, start_simulator: Callable[..., Simulator]) -> Iterator[Story]:
    """A story in a folder of its own, with the shops as they are at first."""
    folder = tmp_path / "here"
    folder.mkdir()

    def tls_url() -> str:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        pem, key = tmp_path / "server.pem", tmp_path / "server.key"
        certificate.cert_chain_pems[0].write_to_path(str(pem))
        certificate.private_key_pem.write_to_path(str(key))
        authority.cert_pem.write_to_path(str(folder / "company-ca.pem"))
        return start_simulator("--seed", str(SHOPS), "--certfile", str(pem), "--keyfile", str(key)).api_url

    with ExitStack() as stack:
        shop.reset()
        services = Services(tls_url, lambda: stack.enter_context(running_proxy()))
        yield Story(folder, shop, services, os.environ["ANSIBLE_COLLECTIONS_PATH"])

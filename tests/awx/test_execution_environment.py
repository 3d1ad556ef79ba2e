# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An execution environment with the collection in it gets requests by itself."""

from __future__ import annotations

import yaml
from definitions import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "execution-environment" / "execution-environment.yml"


def test_builder_finds_requests_in_the_installed_collection(run, collections):
    found = run("ansible-builder", "introspect", collections)
    assert found.returncode == 0, found.stderr
    dependencies = yaml.safe_load(found.stdout)
    (requirement,) = dependencies["python"]
    assert requirement.split("#")[0].strip() == "requests >= 2.28"
    assert "from collection community.komfortkasse" in requirement
    assert dependencies["system"] == []


def test_the_example_becomes_a_build_context(run, tmp_path):
    created = run(
        "ansible-builder", "create", "--file", EXAMPLE, "--context", tmp_path, "--output-filename", "Containerfile"
    )
    assert created.returncode == 0, created.stdout + created.stderr
    assert yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text()) == {
        "collections": [{"name": "community.komfortkasse", "version": ">=1.0.0"}]
    }
    containerfile = (tmp_path / "Containerfile").read_text()
    assert "ansible-core~=2.19.0" in containerfile
    assert "introspect" in containerfile  # it is in the image that the collection is asked what it needs


def test_the_example_does_not_name_requests():
    assert "python" not in yaml.safe_load(EXAMPLE.read_text())["dependencies"]

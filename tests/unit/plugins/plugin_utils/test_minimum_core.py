# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The oldest ansible-core: one number in the code and in meta/runtime.yml, and what is older is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.community.komfortkasse.plugins.plugin_utils._minimum_core import MINIMUM_CORE, refuse_old_core

RUNTIME = Path(__file__).parents[4] / "meta" / "runtime.yml"


def test_the_minimum_is_the_one_in_the_metadata():
    assert yaml.safe_load(RUNTIME.read_text(encoding="utf-8"))["requires_ansible"] == f">={MINIMUM_CORE}"


@pytest.mark.parametrize("version", ["2.9.27", "2.15.13", "2.14.0rc1"])
def test_an_older_core_is_refused_with_both_numbers(version):
    with pytest.raises(ValueError) as refusal:
        refuse_old_core(version)
    assert str(refusal.value) == (
        f"This is ansible-core {version}, and community.komfortkasse needs {MINIMUM_CORE} or newer."
        " Update ansible-core, or choose a newer execution environment."
    )


@pytest.mark.parametrize("version", ["2.16.0", "2.16.19", "2.20.0.dev0", "2.22.0rc1", "3.0.0"])
def test_a_newer_core_is_taken(version):
    refuse_old_core(version)

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold for every module, filter and file, so that a new one cannot forget it. Quick: nothing is run."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = "ansible_collections.community.komfortkasse.plugins"
ACTIONS = ("komfortkasse_report",)  # an action plugin does all the work: its module is documentation
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py") if path.stem not in ACTIONS)
FILTERS = sorted(path.stem for path in ROOT.glob("plugins/filter/*.py"))
LOOKUPS = sorted(path.stem for path in ROOT.glob("plugins/lookup/*.py"))
PLAYBOOKS = sorted(path.stem for path in ROOT.glob("playbooks/*.yml") if not path.name.startswith("_"))
TESTED_ELSEWHERE = {"awx_setup": "tests/awx"}  # it needs awx.awx, which ansible-test does not have
SAID_OF_BOTH = ("type", "elements", "default", "required")
LICENCES = {"module_utils": "BSD-2-Clause"}
GENERAL_LICENCE = "GPL-3.0-or-later"
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
LINK_TO_MAIN = re.compile(
    rb"https://github\.com/ansible-collections/community\.komfortkasse/(?:blob|tree)/main/([\w./-]+)"
)


def files():
    """The files of the collection: what git knows, or all there is where a tool has copied just that."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        found = [ROOT / os.fsdecode(name) for name in listed.split(b"\0")]
    else:
        found = [path for path in ROOT.rglob("*") if ROOT / "tests" / "output" not in path.parents]
    return [path for path in found if path.is_file() and path.suffix != ".pyc"]


def said(option):
    return {what: option.get(what) for what in SAID_OF_BOTH}


def documented(module):
    return yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)


def has_target(name, mentions):
    """Tell whether there is an integration target of this name that mentions, not in a comment, what it is for."""
    target = ROOT / "tests" / "integration" / "targets" / name
    texts = [path.read_text(encoding="utf-8") for path in target.rglob("*.yml")]
    return (target / "tasks" / "main.yml").is_file() and any(
        re.search(rf"^[^#\n]*{mentions}\b", text, re.MULTILINE) for text in texts
    )


# Modules


@pytest.mark.parametrize("module", [*MODULES, *ACTIONS])
def test_a_module_has_an_integration_target_of_its_name(module):
    assert has_target(module, rf"community\.komfortkasse\.{module}")


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_has_the_options_that_its_documentation_lists(name):
    spec = importlib.import_module(f"{PLUGINS}.action.{name}").SPEC
    options = documented(name)["options"]
    assert {option: described(documentation) for option, documentation in options.items()} == {
        option: described(settings) for option, settings in spec.items()
    }


def described(option):
    return {**said(option), "choices": list(option.get("choices", []))}


# Filters and playbooks


@pytest.mark.parametrize(
    ("kind", "name"), [*(("filter", name) for name in FILTERS), *(("lookup", name) for name in LOOKUPS)]
)
def test_a_filter_or_lookup_has_an_integration_target(kind, name):
    assert has_target(f"{kind}_{name}", rf"community\.komfortkasse\.{name}")


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_takes_what_its_documentation_lists(name):
    text = yaml.safe_load((ROOT / "plugins" / "filter" / f"{name}.yml").read_text(encoding="utf-8"))["DOCUMENTATION"]
    function = importlib.import_module(f"{PLUGINS}.filter.{name}").FilterModule().filters()[name]
    [value, *others] = inspect.signature(function).parameters.values()
    options, names = text["options"], [parameter.name for parameter in others]
    assert (list(options), text["positional"]) == (["_input", *names], ", ".join(names))
    assert options["_input"]["required"]
    assert value.default is value.empty
    for parameter in others:
        option, default = options[parameter.name], parameter.default
        assert option.get("required", False) == (default is parameter.empty), parameter.name
        if default is not parameter.empty:
            assert option.get("default") == (list(default) if isinstance(default, tuple) else default), parameter.name


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_is_run_by_a_test(playbook):
    elsewhere = TESTED_ELSEWHERE.get(playbook)
    assert has_target("playbooks", f"playbook: {playbook}") == (elsewhere is None)
    if elsewhere:
        tests = [path.read_text(encoding="utf-8") for path in (ROOT / elsewhere).glob("*.py")]
        assert any(playbook in test for test in tests)


@pytest.mark.parametrize("playbook", sorted({*PLAYBOOKS} - {*TESTED_ELSEWHERE}))
def test_a_playbook_lists_tasks_and_decides_nothing(playbook):
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    [play] = yaml.safe_load(text)
    assert len(text.splitlines()) <= 60
    assert len(play["tasks"]) <= 7
    assert "{%" not in text
    assert (play["strategy"], play["any_errors_fatal"]) == ("linear", False)
    # Whoever has variables of common names must not change what a playbook does.
    registered = {task.get("register", "komfortkasse_") for task in play["tasks"]}
    facts = {name for task in play["tasks"] for name in task.get("ansible.builtin.set_fact", ())}
    assert [name for name in registered | facts if not name.startswith("komfortkasse_")] == []


DOCUMENTED = sorted(path for kind in ("modules", "lookup", "filter") for path in ROOT.glob(f"plugins/{kind}/[a-z]*.*"))


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_see_also_leads_somewhere_from_a_terminal(path):
    """ansible-doc shows a ref as a search in Ansible's own documentation, which does not have our guides."""
    assert not re.search(r"^ +- ref:", path.read_text(encoding="utf-8"), re.MULTILINE)


# Layers

# The files of plugins/module_utils, from the top down: each imports from its own layer or from those below.
LAYERS = (
    ("_module", "_argument_spec"),
    ("_batch", "_reading", "_order_handler", "_fresh_orders", "_plan"),
    ("_workers", "_stop", "_results", "_journal"),
    ("_client", "_retries"),
    ("_transport",),
    ("_responses", "_foreign_errors", "_deadline"),
    ("_errors", "_redact", "_orders"),
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}


def imports_of(path):
    """The files of the collection that a file imports, such as module_utils/_orders."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PLUGINS}."):
            kind, *names = node.module[len(PLUGINS) + 1 :].split(".")
            found |= {f"{kind}/{name}" for name in names[:1] or [alias.name for alias in node.names]}
    return found


IMPORTS = {
    f"{path.parent.name}/{path.stem}": imports_of(path)
    for path in ROOT.glob("plugins/*/*.py")
    if path.parent.name != "doc_fragments"
}


def test_each_module_util_has_a_layer():
    assert set(LAYER) == {path.stem for path in ROOT.glob("plugins/module_utils/*.py")}


def test_module_utils_import_only_from_their_layer_and_below():
    utils = {name: uses for name, uses in IMPORTS.items() if name.startswith("module_utils/")}
    upward = {
        (name, used)
        for name, uses in utils.items()
        for used in uses
        if used not in utils or LAYER[used.partition("/")[2]] < LAYER[name.partition("/")[2]]
    }
    assert upward == set()


def test_modules_import_nothing_that_stays_on_the_controller():
    used = {use.partition("/")[0] for name, uses in IMPORTS.items() if name.startswith("modules/") for use in uses}
    assert used == {"module_utils"}


def test_imports_make_no_circle():
    TopologicalSorter(IMPORTS).prepare()


def test_the_table_of_layers_in_the_documentation_is_true():
    page = (ROOT / "docs" / "docsite" / "rst" / "how_it_works.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^  \* - \d+\n    - (.+)$", page, re.MULTILINE)
    assert [tuple(re.findall(r"``(\w+)``", row)) for row in rows] == list(LAYERS)


@pytest.mark.parametrize(
    ("what", "where"),
    [
        (r"^\s*import requests\b|urlopen|\.send\(", {"_transport"}),  # sends
        (r"\bsocket\b", {"_deadline"}),  # reads by the clock
        (r"\btime\.sleep\(|stopping\.wait\(", {"_retries", "_journal"}),  # waits
        (r"\bTransport\(", {"_client"}),
        (r"\bAnsibleModule\b", {"_module"}),  # knows Ansible, and is the one way out
    ],
)
def test_one_file_does_it(what, where):
    paths = ROOT.glob("plugins/module_utils/*.py")
    found = {path.stem for path in paths if re.search(what, path.read_text(encoding="utf-8"), re.MULTILINE)}
    assert found == where


# Files


@pytest.mark.parametrize("path", sorted(ROOT.glob("plugins/*/*.*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_plugin_names_its_licence_and_whether_it_is_private(path):
    head = path.read_text(encoding="utf-8")[:1000]
    assert LICENCES.get(path.parent.name, GENERAL_LICENCE) in head
    assert ("PRIVATE to the collection" in head) == path.name.startswith("_")


def test_what_a_markdown_page_links_to_is_there():
    pages = [path for path in files() if path.suffix == ".md"]
    links = {(page, link) for page in pages for link in LINK.findall(page.read_text(encoding="utf-8"))}
    assert links
    assert {(page.name, link) for page, link in links if not (page.parent / link).exists()} == set()


def test_what_is_linked_to_on_the_main_branch_is_there():
    links = {(path.name, os.fsdecode(link)) for path in files() for link in LINK_TO_MAIN.findall(path.read_bytes())}
    assert {name for name, _link in links} >= {"README.md", "galaxy.yml"}
    assert {(name, link) for name, link in links if not (ROOT / link.rstrip(".")).exists()} == set()

# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the guide on AWX, with the real modules of awx.awx, on a controller that knows AWX's rules."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import controller as fake
import pytest
from definitions import ROOT
from guide import Shell

KEY = "key-that-nobody-may-see"
JOURNAL = "/var/log/komfortkasse/{{ inventory_hostname }}.jsonl"
TEMPLATE = ("job_templates", "Cancel orders")
WORKFLOW = ("workflow_job_templates", "Cancel orders after approval")


def changed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tasks changed something in a run that went well."""
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "WARNING" not in said
    assert KEY not in said
    (count,) = re.findall(r"changed=(\d+)", done.stdout)
    return int(count)


@pytest.fixture(scope="module")
def controller():
    """Give a controller with an execution environment. The first update of its project fails."""
    controller = fake.Controller()
    controller.update_statuses = ["failed"]
    controller.add("execution_environments", name="Komfortkasse EE")
    return controller


@pytest.fixture(scope="module")
def shell(controller, collections, tmp_path_factory):
    """Give a shell that knows AWX and the key, and in which all commands of the guide are run in the end."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copy(ROOT / "docs" / "examples" / "awx-notifications.yml", folder)
    with fake.serving(controller) as address:
        shell = Shell(folder, address, collections)
        assert shell.run("export CONTROLLER_HOST", f"a-token\n{KEY}\n").returncode == 0
        yield shell
        assert [block.content for block in shell.unused] == []


def test_setup_heals_after_a_failed_project_update(shell, controller):
    failed = shell.run("Komfortkasse EE")
    assert "Project update failed" in failed.stdout
    assert "job_templates" not in controller.items
    assert changed(shell.run("Komfortkasse EE")) > 0
    injectors = controller.one("credential_types", "Komfortkasse")["injectors"]
    assert injectors["file"]["template.api_key"] == "{{ api_key }}"
    assert controller.one("credentials", "Komfortkasse")["inputs"] == {"api_key": KEY}
    assert controller.linked(*TEMPLATE, "credentials") == ["Komfortkasse"]
    environment = controller.one("execution_environments", "Komfortkasse EE")["id"]
    assert controller.one(*TEMPLATE)["execution_environment"] == environment
    assert controller.one("schedules", "Find late payments every week")["extra_data"]["komfortkasse_hosts"] == "all"
    nodes = "workflow_job_template_nodes"
    for node, template in (("plan", "Plan cancellations"), ("apply", "Cancel orders")):
        assert controller.one(nodes, node)["unified_job_template"] == controller.one("job_templates", template)["id"]
    assert controller.linked(nodes, "plan", "success_nodes") == ["approval"]
    assert controller.linked(nodes, "approval", "success_nodes") == ["apply"]
    assert controller.one("workflow_approval_templates", "Cancel these orders?")["timeout"] == 86400
    assert len(controller.surveys) == 6


def test_setup_again_changes_nothing_and_keeps_additions(shell, controller):
    own_credential = controller.add("credentials", name="Vault", inputs={})
    own_notification = controller.add("notification_templates", name="Chat")
    own_node = controller.add("workflow_job_template_nodes", identifier="tell")
    own_question = {"variable": "komfortkasse_concurrency", "type": "integer", "required": False, "question_name": "?"}
    controller.link(*TEMPLATE, "credentials", own_credential["id"])
    controller.link(*TEMPLATE, "notification_templates_error", own_notification["id"])
    controller.link(*WORKFLOW, "notification_templates_approvals", own_notification["id"])
    for association in ("always_nodes", "success_nodes"):
        controller.link("workflow_job_template_nodes", "apply", association, own_node["id"])
    controller.survey(*TEMPLATE)["spec"].append(own_question)
    controller.one("credentials", "Komfortkasse")["inputs"]["ca"] = "a certificate"
    controller.one("inventories", "Komfortkasse shops")["variables"] = "komfortkasse_timeout: 60"
    controller.one("schedules", "Find late payments every week").update(rrule="another time", enabled=False)
    controller.one(*TEMPLATE).update(extra_vars=f"komfortkasse_journal_path: '{JOURNAL}'\nown: 1", verbosity=1)
    before = [list(controller.writes), json.dumps([controller.items, controller.surveys, controller.links])]

    assert changed(shell.run("Komfortkasse EE")) == 0
    assert [controller.writes, json.dumps([controller.items, controller.surveys, controller.links])] == before

    # The file for two shops, with new keys and a recipe for notifications.
    done = shell.run("@my-awx.yml", more=" -e @awx-notifications.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "does not name: my-shop" in done.stdout
    assert '"state: absent"' in done.stdout.replace("\\", "")
    assert "the API key of the shop" not in done.stdout + done.stderr
    template = controller.one(*TEMPLATE)
    paths = {"report_dir": "/var/lib/komfortkasse/reports", "journal_path": "/var/lib/komfortkasse/journal.jsonl"}
    expected = {"own": 1, **{f"komfortkasse_{name}": path for name, path in paths.items()}}
    assert json.loads(template["extra_vars"]) == expected
    given = {"forks": 10, "timeout": 3600, "verbosity": 1}
    assert {name: template[name] for name in given} == given
    assert controller.linked(*TEMPLATE, "credentials") == ["Komfortkasse", "Vault"]
    assert controller.linked(*TEMPLATE, "notification_templates_error") == ["Chat", "Komfortkasse mail"]
    assert own_question in controller.survey(*TEMPLATE)["spec"]
    assert controller.linked("workflow_job_template_nodes", "apply", "always_nodes") == ["tell"]
    assert controller.linked(*WORKFLOW, "notification_templates_approvals") == ["Chat", "Komfortkasse chat"]
    inputs = controller.one("credentials", "Komfortkasse")["inputs"]
    assert (inputs["ca"], "Berlin" in inputs["shop_keys"]) == ("a certificate", True)


def test_launch_and_schedule_answer_every_required_question(shell, controller):
    assert changed(shell.run("launch.yml")) == 2
    (launched,) = controller.items["workflow_jobs"].values()
    assert launched["extra_vars"]["komfortkasse_orders_to_plan"] == "2026-0815\n2026-0816\n"


def test_image_shows_its_ansible_core_and_requests(shell):
    shown = shell.run("podman")
    assert re.search(r"^ansible \[core 2\.", shown.stdout), shown.stderr
    assert re.search(r"^\d+\.\d+\.\d+$", shown.stdout.splitlines()[-1])

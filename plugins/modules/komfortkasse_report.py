#!/usr/bin/python
# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: komfortkasse_report
short_description: Report on the orders of all shops of a play
version_added: 1.0.0
author:
  - The community.komfortkasse contributors (@ansible-collections)
description:
  - Makes one report of what the hosts of a play registered from M(community.komfortkasse.komfortkasse_order) or
    M(community.komfortkasse.komfortkasse_order_info), as a page, as CSV, and as JSON. It returns a summary for the
    output of the run.
  - It covers all hosts of the play, including those that failed before.
  - Without O(results) it only makes and checks O(path). If that is the first task of a playbook, a run whose report
    could not be written stops before anything is sent.
  - The action runs on the controller. It sends nothing and never counts as a change.
extends_documentation_fragment:
  - community.komfortkasse._attributes
attributes:
  check_mode:
    support: full
    details:
      - The report is written in check mode, too, and says that nothing was changed.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Every run writes a report of its own and overwrites none.
  platform:
    details:
      - It runs on the controller.
requirements:
  - python >= 3.10
options:
  results:
    description:
      - The names of the variables that each host of the play registered, in the order of their tasks.
      - The first of them that failed gives the sentence in RV(failures). The last that has results gives the orders.
      - With O(kind=late_payments), one of them holds what the filter P(community.komfortkasse.late_payments#filter)
        returned. It may be a fact, or the registered result of the task that set it.
      - If no host has any of the variables, the task fails.
    type: list
    elements: str
  path:
    description:
      - The folder on the controller for the report. It is made with mode V(0750) if it does not exist. The files have
        mode V(0640).
      - Their names are O(title), the time in UTC and, in AWX, the number of the job. Characters other than letters,
        digits, C(.), C(_) and C(-) become C(_).
      - A relative path starts where C(ansible-playbook) was started.
      - If not given, no report is written. The summary is returned in any case.
    type: path
  title:
    description:
      - The title of the report. Files are named after it. The page shows it with spaces for underscores.
      - If not given, the value of O(kind).
    type: str
  kind:
    description: What the report is about.
    type: str
    default: cancellation
    choices:
      cancellation: Orders that were cancelled or would be.
      late_payments: Money that arrived on cancelled orders.
  unclear:
    description:
      - What the filter P(community.komfortkasse.overdue_orders#filter) could not decide. The report lists these orders
        as left alone.
      - The name of a variable of each host, which holds what the filter returned or its C(unclear). It may also be such
        a value itself, for the host that runs the task, or a mapping of hosts to such values.
    type: raw
  plan_file:
    description:
      - A file on the controller that gets the plans of all hosts in check mode, with mode V(0600), as
        O(community.komfortkasse.komfortkasse_order#module:plan_file) reads it.
      - Its folder must exist. An older file is replaced.
      - Outside check mode the option is ignored.
    type: path
notes:
  - Use C(run_once) for this task, and C(strategy=linear) for the play, so that one report covers all hosts.
  - The statistics C(komfortkasse_summary) and, in check mode, C(komfortkasse_plan) are set for the run, with
    O(kind=late_payments) C(komfortkasse_late_payments) instead. AWX passes them on to the next job of a workflow.
  - The page needs no network and runs no code but its own.
seealso:
  - module: community.komfortkasse.komfortkasse_order
  - plugin: community.komfortkasse.overdue_orders
    plugin_type: filter
  - plugin: community.komfortkasse.late_payments
    plugin_type: filter
  - name: Playbooks
    description: The playbooks of the collection, and the variables that they take.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_playbooks.rst
"""

EXAMPLES = r"""
- name: Check that the report can be written
  community.komfortkasse.komfortkasse_report:
    path: reports
  run_once: true

- name: Cancel the orders
  community.komfortkasse.komfortkasse_order:
    order_numbers:
      - "2026-0815"
      - "2026-0816"
    state: cancelled
    only_from: [UNPAID]
  register: cancelled
  ignore_errors: true

- name: Report on all shops
  community.komfortkasse.komfortkasse_report:
    results:
      - cancelled
    path: reports
    title: cancel_orders
  register: report
  run_once: true

- name: Show the summary
  ansible.builtin.debug:
    msg: "{{ report.summary.values() | flatten }}"
  run_once: true

- name: Fail for each shop with a problem
  ansible.builtin.assert:
    that: inventory_hostname not in report.failures
    fail_msg: "{{ report.failures[inventory_hostname] | default('') }}"
    quiet: true
"""

RETURN = r"""
summary:
  description:
    - Lines for people, by host. The lines that concern all hosts come after those of the last host. They name the
      report, the journal, and the limits that held.
    - In check mode they name every order that would be cancelled, up to 1,000 in all.
  returned: with O(results)
  type: dict
  sample:
    shop_de:
      - "shop_de: 2 orders"
      - "     2 cancelled (44.76 EUR): 2026-0815, 2026-0816"
      - "Report: /srv/reports/cancel_orders-20261130T093000Z.html (also .csv and .json)"
counts:
  description:
    - The number of orders of all hosts, C(requested) and by outcome.
    - With O(kind=late_payments), the numbers of orders that are C(found), C(merely_overdue), and C(unreadable), and of
      C(unreadable_journal_lines).
  returned: with O(results)
  type: dict
  sample: {"requested": 2, "changed": 2, "unchanged": 0, "skipped": 0, "failed": 0, "not_attempted": 0}
hosts:
  description: What is known of each host, by its name.
  returned: with O(results)
  type: dict
  contains:
    shop:
      description: The name of the host.
      type: str
      sample: shop_de
    ended:
      description: V(done), V(stopped) if orders were not attempted, or V(failed) if nothing is known of the orders.
      type: str
      sample: done
    message:
      description: Why it did not end as V(done).
      type: str
      sample: ""
    counts:
      description: As RV(counts), of this host.
      type: dict
      sample: {"requested": 2, "changed": 2, "unchanged": 0, "skipped": 0, "failed": 0, "not_attempted": 0}
    sums:
      description: The amounts by outcome and currency.
      type: dict
      sample: {"changed": {"EUR": 44.76}}
files:
  description: The paths of the files that were written, the page first.
  returned: with O(results)
  type: list
  elements: str
  sample:
    - /srv/reports/cancel_orders-20261130T093000Z.html
    - /srv/reports/cancel_orders-20261130T093000Z.csv
    - /srv/reports/cancel_orders-20261130T093000Z.json
failures:
  description: The sentence to fail with, by the name of each host that failed.
  returned: with O(results)
  type: dict
  sample: {"shop_at": "The API key was refused."}
"""

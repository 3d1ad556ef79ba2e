# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Orders read and not changed: by their numbers, or those that a filter finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client, OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._workers import map_concurrently


@dataclass
class ReadReport:
    """What was read: orders in the order asked for, the numbers that the shop does not have, and what went wrong."""

    orders: list[Order] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  # sentences


def read_by_number(
    client: Client,
    numbers: Sequence[str],
    include: Sequence[str],
    concurrency: int,
    show: Callable[[Order], Order],
) -> ReadReport:
    """Read these orders and keep what ``show`` makes of each. Stop at the first failure other than a missing order."""
    report = ReadReport()
    missing = set()

    def read(number: str) -> Order | None:
        try:
            return show(client.get_order(number, include))
        except _errors.NotFoundError:
            missing.add(number)
        except _errors.ApiError as error:
            report.failures.append(f"Order {number} could not be read: {error}. {error.hint}")
        except Exception as error:  # a bug in our code must not pass for a missing order
            report.failures.append(client.redactor.text(f"Order {number} {_errors.describe_bug(error)}."))
        return None

    distinct = list(dict.fromkeys(numbers))
    orders = map_concurrently(distinct, read, concurrency, lambda: report.failures)
    report.orders = [order for order in orders if order is not None]
    report.missing = [number for number in distinct if number in missing]
    return report


def read_by_filter(
    client: Client, query: OrderQuery, show: Callable[[Order], Order], min_amount_paid: float = 0
) -> ReadReport:
    """Read the orders that the API finds, and keep what ``show`` makes of those with this much money on them."""
    report = ReadReport()
    try:
        orders = client.read_orders(query)
        report.orders = [show(order) for order in orders if not _orders.is_paid_less(order, min_amount_paid)]
    except _errors.ApiError as error:
        report.failures.append(f"The list of orders could not be read: {error}. {error.hint}")
    except Exception as error:
        report.failures.append(client.redactor.text(f"The list of orders {_errors.describe_bug(error)}."))
    return report

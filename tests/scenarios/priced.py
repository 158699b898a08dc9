"""A price list with round figures, and bills in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tests.scenarios.story import Story

CATALOG = """
catalog: 1
products: {paper: {name: Paper}}
features:
  pages: {name: Pages, kind: metered, unit: pages}
plans:
  ten:
    name: Ten
    product: paper
    kind: paid
    rank: 1
    prices:
      - {key: monthly, currency: usd, every: month, model: flat, amount: 10}
      - {key: yearly, currency: usd, every: year, model: flat, amount: 120}
    entitlements: {pages: {limit: 100, reset: month}}
  twenty:
    name: Twenty
    product: paper
    kind: paid
    rank: 2
    prices:
      - {key: monthly, currency: usd, every: month, model: flat, amount: 20}
      - {key: yearly, currency: usd, every: year, model: flat, amount: 240}
    entitlements: {pages: {limit: 200, reset: month}}
  thirty:
    name: Thirty
    product: paper
    kind: paid
    rank: 3
    prices:
      - {key: monthly, currency: usd, every: month, model: flat, amount: 30}
      - {key: yen, currency: jpy, every: month, model: flat, amount: 3000}
      - {key: dinar, currency: kwd, every: month, model: flat, amount: "9.000"}
    entitlements: {pages: {limit: 300, reset: month}}
  seats:
    name: Seats
    product: paper
    kind: paid
    rank: 4
    prices: [{currency: usd, every: month, model: per_unit, amount: 5}]
    entitlements: {pages: {limit: 300, reset: month}}
  metered:
    name: Metered
    product: paper
    kind: paid
    rank: 5
    prices:
      - {key: base, currency: usd, every: month, model: flat, amount: 10}
      - {key: pages, currency: usd, every: month, model: per_unit, amount: "0.10", usage: metered, feature: pages}
    entitlements: {pages: {limit: 1000, hard: false, reset: month}}
"""
INVOICES = """
query($customer: CustomerRef!) { invoices(filter: {customer: $customer}, first: 100) { edges { node {
  number status reason total { amount } remaining { amount } balanceApplied { amount } credited { amount }
  lines { kind proration quantity net { amount } period { start end } plan { key } }
  creditNotes { number total { amount } }
} } } }
"""
BALANCES = "query($ref: CustomerRef!) { customer(ref: $ref) { creditBalances { amount currency } } }"
REPORT = """
mutation($input: UsageReportInput!) { usageReport(input: $input) { __typename } }
"""

Bill: TypeAlias = "tuple[str, str, str]"
"""Its status, its total, and its lines: what for, how much, of which time."""


async def bills(story: Story, external_id: str) -> list[Bill]:
    """Tell every invoice of a customer, oldest first."""
    return [_bill(each) for each in await invoices(story, external_id)]


async def invoices(story: Story, external_id: str) -> list[dict[str, Any]]:
    """Read every invoice of a customer, oldest first, in plain words."""
    page: dict[str, Any] = await story.world.ask(INVOICES, customer={"externalId": external_id})
    return [story.names.plain(edge["node"]) for edge in reversed(page["invoices"]["edges"])]


async def balance(story: Story, external_id: str) -> dict[str, str]:
    """Tell what a customer has in credit."""
    found = (await story.world.ask(BALANCES, ref={"externalId": external_id}))["customer"]["creditBalances"]
    return {each["currency"]: each["amount"] for each in found}


def _bill(invoice: dict[str, Any]) -> Bill:
    return invoice["status"], invoice["total"]["amount"], "; ".join(map(_line, invoice.get("lines", [])))


def _line(line: dict[str, Any]) -> str:
    plan = line.get("plan", "item")
    words = {"PERIOD": plan, "CREDIT": f"{plan} back", "USAGE": f"{plan} used {line['quantity']}"}
    count = f" x{line['quantity']}" if line["kind"] == "PERIOD" and line["quantity"] != "1" else ""
    return f"{words.get(line['kind'], plan)}{count} {line['net']['amount']} {line.get('period', '')}".strip()

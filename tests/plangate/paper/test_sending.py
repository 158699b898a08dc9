"""The merchant has a final invoice sent: it is told, and who sends mail does the rest. (C14)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.tables.base import table
from models.tables.invoice import InvoiceRow
from tests.plangate.paper.counter import SITE, Counter

if TYPE_CHECKING:
    from models.session import Database

SEND = """mutation($input: InvoiceSendInput!) { invoiceSend(input: $input) { __typename
  ... on InvoiceSent { replayed invoice { number hostedUrl } }
  ... on InvoiceNotSendable { invoiceStatus }
  ... on UserError { code field } } }"""
EVENTS = """{ events(filter: {types: ["invoice.sent"]}, first: 9) { edges { node { subjectId before after } } } }"""


@pytest.fixture
async def counter(database: Database) -> Counter:
    return await Counter.begin(database)


async def sent(counter: Counter, invoice_id: str, **more: Any) -> Any:
    """Have it sent."""
    asked = {"invoiceId": invoice_id, **more}
    return (await counter.world.ask(SEND, input=asked))["invoiceSend"]


async def told(counter: Counter) -> list[dict[str, Any]]:
    """What was told of it."""
    await counter.world.worker().catch_up()
    return [edge["node"] for edge in (await counter.world.ask(EVENTS))["events"]["edges"]]


async def stands(counter: Counter, **columns: Any) -> None:
    """Let the invoice stand otherwise."""
    async with counter.world.database.working() as session:
        await session.execute(table(InvoiceRow).update().values(**columns))


@pytest.mark.parametrize("status", ["OPEN", "PAID", "UNCOLLECTIBLE"])
async def test_a_final_invoice_is_sent_also_where_it_does_not_go_on_by_itself(counter: Counter, status: str) -> None:
    invoice = await counter.invoice()
    await stands(counter, status=status, auto_advance=False)
    answer = await sent(counter, invoice["id"])

    assert answer["invoice"].pop("hostedUrl").startswith(f"{SITE}/invoices/")
    assert answer == {"__typename": "InvoiceSent", "replayed": False, "invoice": {"number": "INV-000001"}}
    after = {"number": "INV-000001", "subscriptionId": counter.subscription}
    assert await told(counter) == [{"subjectId": invoice["id"], "before": {}, "after": after}]


async def test_under_one_key_it_is_told_once_and_under_another_again(counter: Counter) -> None:
    invoice = await counter.invoice()
    answers = [await sent(counter, invoice["id"], idempotencyKey=key) for key in ("a", "a", "b")]

    assert [answer["replayed"] for answer in answers] == [False, True, False]
    assert len(await told(counter)) == 2


@pytest.mark.parametrize(("status", "number"), [("DRAFT", None), ("VOID", "INV-000001")])
async def test_what_asks_for_nothing_is_not_sent_and_nothing_is_told(
    counter: Counter, status: str, number: str | None
) -> None:
    invoice = await counter.invoice()
    await stands(counter, status=status, number=number)

    assert await sent(counter, invoice["id"]) == {
        "__typename": "InvoiceNotSendable",
        "invoiceStatus": status,
        "code": "INVOICE_NOT_SENDABLE",
        "field": "invoiceId",
    }
    assert await told(counter) == []

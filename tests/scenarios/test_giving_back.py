"""Laws of giving back, on random acts: nothing goes back that was not asked or did not come in. (C5, C7, C17)"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.tables.payment import PaymentRow, RefundRow
from tests.races.arena import Arena
from tests.scenarios import documents
from tests.scenarios.bookkeeping import GIVE_UP, GRANT, NOTE, VOID, dollars
from tests.scenarios.ending_money import bill_as, cancel, kept
from tests.scenarios.paying import PAY_OUT, REFUND, invoices, method
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, Story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

Act: TypeAlias = "tuple[str, int]"
ACME = {"externalId": "acme"}
PLANS = ("ten", "twenty", "thirty")
REFERENCES = ("succeeds", "refuses_refunds", "disputed_partly", "declines_lost_card")
ENDS: tuple[dict[str, Any], ...] = (
    {"refund": "PRORATED"},
    {"refund": "LAST_PAYMENT"},
    {"prorate": True, "invoiceNow": True},
    {"prorate": True, "openInvoices": "VOID"},
)
ACTS = ("wait", "change", "refund", "note", "out", "grant", "void", "give_up")
FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@FEW
@given(
    reference=st.sampled_from(REFERENCES),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 1500)), min_size=5, max_size=12),
    end=st.sampled_from(ENDS),
)
def test_nothing_goes_back_that_was_not_asked_or_did_not_come_in(
    sqlite_worlds: SqliteWorlds, reference: str, acts: list[Act], end: dict[str, Any]
) -> None:
    sqlite_worlds.walked(partial(_lived, reference=reference, acts=acts, end=end))


async def _lived(world: World, reference: str, acts: list[Act], end: dict[str, Any]) -> None:
    story = await Story.begin(world)
    await story.catalog(CATALOG)
    await bill_as(story, taxes=[{"rate": "19", "name": "VAT"}], dunning={"retry_days": [40], "after": "LEAVE_PAST_DUE"})
    await story.world.ask(documents.UPSERT, input=ACME)
    await method(story, f"sandbox_{reference}")
    made = await story.subscribe_also("acme", "twenty", currency="USD", interval=MONTHLY)
    for name, number in acts:
        await _act(story, made, name, number)
        await _sound(story, f"after {name} {number}")
    await cancel(story, made, timing="IMMEDIATE", **end)
    await _sound(story, f"after the end {end}")


async def _act(story: Story, made: str, name: str, number: int) -> None:
    amount = f"{number / 100:.2f}"
    newest = (await invoices(story))[-1]["id"]
    if name == "wait":
        await story.advance(timedelta(days=number % 20 + 1, hours=number % 24))
    elif name == "change":
        await story.act(documents.CHANGE, subscriptionId=made, planId=PLANS[number % 3], timing="IMMEDIATE")
    elif name == "refund":
        await story.act(REFUND, invoiceId=newest, amount=amount)
    elif name == "note":
        await story.act(NOTE, invoiceId=newest, amount=amount, to=("BALANCE", "OUT_OF_BAND")[number % 2])
    elif name == "out":
        await story.act(PAY_OUT, customer=ACME, currency="USD", amount=amount)
    elif name == "grant":
        await story.act(GRANT, customer=ACME, amount=dollars(amount))
    else:
        await story.act(VOID if name == "void" else GIVE_UP, invoiceId=newest)


async def _sound(story: Story, when: str) -> None:
    books, arena = await kept(story), Arena([story.world])
    payments, refunds = await arena.of(PaymentRow), await arena.of(RefundRow)
    lines = {each["id"]: each for each in books["invoice_line"]}
    given: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines.values():
        given[line["credits_line_id"]].append(line)
    for key, line in lines.items():
        noted = [each for each in given[key] if each["invoice_id"] or each["credit_note_id"]]
        assert 0 <= -_sum(given[key], "net") <= max(0, line["net"]), (when, line)
        assert 0 <= -_sum(noted, "tax") <= max(0, line["tax"]), (when, line)
    for note in books["credit_note"]:
        of = [line for line in lines.values() if line["credit_note_id"] == note["id"]]
        assert note["total"] == -_sum(of, "net") - _sum(of, "tax"), (when, note)
        parts = ("reduced", "to_balance", "refunded", "out_of_band")
        assert note["total"] == sum(note[part] for part in parts), (when, note)
        assert all(note[part] >= 0 for part in parts), (when, note)
    for invoice in books["invoice"]:
        if invoice["status"] in ("OPEN", "UNCOLLECTIBLE", "PAID") and invoice["total"] >= 0:
            settled = invoice["balance_applied"] + invoice["credited"] + invoice["paid"]
            assert invoice["remaining"] == invoice["total"] - settled, (when, invoice)
    for payment in payments:
        back = [each for each in refunds if each["payment_id"] == payment["id"] and each["status"] != "FAILED"]
        assert payment["refunded"] == _sum(back, "amount"), (when, payment)
        assert payment["refunded"] + payment["disputed"] <= payment["amount"], (when, payment)
    (balance,) = [each["amount"] for each in books["credit_balance"]] or [0]
    assert balance == _sum(books["credit_entry"], "amount") >= 0, when


def _sum(found: Iterable[Any], name: str) -> int:
    return sum(each[name] for each in found)

"""What customers have in credit, every entry that moved it, and credit notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from models.invoice_views import CreditEntryView, CreditNoteView
from models.paging import Key, of_each, pages_by
from models.rows import Runner, add, add_all, row, rows
from models.tables.base import table
from models.tables.credit import CreditBalanceRow, CreditEntryRow, CreditNoteRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from models.paging import Page

B = table(CreditBalanceRow)
E = table(CreditEntryRow)
C = table(CreditNoteRow)
HELD = select(B.c.amount).where(B.c.customer_id == bindparam("customer"), B.c.currency == bindparam("in"))


class Credits:
    """The credit of one environment's customers."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self.made: list[CreditNoteView] = []
        """The credit notes that were made here, in order."""

    async def balance(self, customer_id: str, currency: str) -> int:
        """What a customer has in credit, in minor units."""
        found = await row(self._run, HELD, {"customer": customer_id, "in": currency})
        return int(found["amount"]) if found else 0

    async def balances_of(self, customer_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """What customers have in credit, by currency."""
        found: dict[str, dict[str, int]] = {each: {} for each in customer_ids}
        wanted = select(B).where(B.c.environment_id == self._env, B.c.customer_id.in_(customer_ids))
        for each in sorted(await rows(self._run, wanted), key=lambda kept: str(kept["currency"])):
            found[each["customer_id"]][each["currency"]] = each["amount"]
        return found

    async def move(self, entry: CreditEntryView) -> None:
        """Keep an entry and what the balance comes to; the customer's sequence is held, so nobody else moves it."""
        moved = update(B).where(B.c.customer_id == entry.customer_id, B.c.currency == entry.currency)
        found = await row(self._run, moved.values(amount=entry.after).returning(B.c.amount))
        if found is None:
            kept = {"customer_id": entry.customer_id, "currency": entry.currency, "amount": entry.after}
            await add_all(self._run, CreditBalanceRow, [{**kept, "environment_id": self._env}])
        await add(
            self._run,
            CreditEntryRow(
                id=entry.id,
                environment_id=self._env,
                customer_id=entry.customer_id,
                currency=entry.currency,
                amount=entry.amount,
                after=entry.after,
                kind=entry.kind,
                invoice_id=entry.invoice_id,
                credit_note_id=entry.credit_note_id,
                refund_id=entry.refund_id,
                note=entry.note,
                created_at=entry.created_at,
            ),
        )

    async def entry(self, entry_id: str) -> CreditEntryView | None:
        """Find an entry."""
        found = await row(self._run, select(E).where(E.c.id == entry_id, E.c.environment_id == self._env))
        return _entry(found) if found else None

    async def entry_pages(
        self, customer_ids: Collection[str], first: int, cursor: str | None
    ) -> dict[str, Page[CreditEntryView]]:
        """List a page of entries for each of several customers, newest first."""
        listed = select(E).where(E.c.environment_id == self._env, E.c.customer_id.in_(customer_ids))
        keys = (Key(E.c.created_at, descending=True), Key(E.c.id, descending=True))
        found = await rows(self._run, of_each(listed, E.c.customer_id, keys, first, cursor))
        return pages_by(found, "customer_id", customer_ids, first, _entry, began=cursor is not None)

    async def add_note(self, note: CreditNoteView) -> None:
        """Keep a credit note; its number is given when the work closes."""
        self.made.append(note)
        await add(
            self._run,
            CreditNoteRow(
                id=note.id,
                environment_id=self._env,
                customer_id=note.customer_id,
                invoice_id=note.invoice_id,
                number=note.number,
                currency=note.currency,
                reason=note.reason,
                net=note.net,
                tax=note.tax,
                total=note.total,
                reduced=note.reduced,
                to_balance=note.to_balance,
                refunded=note.refunded,
                out_of_band=note.out_of_band,
                created_at=note.created_at,
            ),
        )

    async def number_note(self, note_id: str, number: str) -> None:
        """Give a credit note its number."""
        await self._run.execute(update(C).where(C.c.id == note_id).values(number=number))

    async def not_refunded(self, note_id: str, amount: int) -> None:
        """Let an amount of a credit note that could not be paid back have gone to the balance."""
        kept = {"refunded": C.c.refunded - amount, "to_balance": C.c.to_balance + amount}
        await self._run.execute(update(C).where(C.c.id == note_id).values(kept))

    async def note(self, note_id: str) -> CreditNoteView | None:
        """Find a credit note."""
        found = await row(self._run, select(C).where(C.c.id == note_id, C.c.environment_id == self._env))
        return note_view(found) if found else None

    async def notes_of(self, invoice_ids: Collection[str]) -> dict[str, list[CreditNoteView]]:
        """List the credit notes of invoices, oldest first."""
        found: dict[str, list[CreditNoteView]] = {each: [] for each in invoice_ids}
        listed = select(C).where(C.c.environment_id == self._env, C.c.invoice_id.in_(invoice_ids))
        for each in await rows(self._run, listed.order_by(C.c.created_at, C.c.id)):
            found[each["invoice_id"]].append(note_view(each))
        return found


def _entry(found: Mapping[str, Any]) -> CreditEntryView:
    return CreditEntryView(**{name: found[name] for name in CreditEntryView.__slots__})


def note_view(found: Mapping[str, Any]) -> CreditNoteView:
    """Read a credit note."""
    return CreditNoteView(**{name: found[name] for name in CreditNoteView.__slots__})

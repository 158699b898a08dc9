"""Invoices, lines that are on one or wait for one, and what keeps time from being billed twice."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Integer, and_, bindparam, delete, func, literal_column, select, update

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceReason, InvoiceStatus
from billing.invoicing.values import LineKind
from models import paging
from models.columns import EVERYTHING, MOST, WHOLE
from models.given import among, here, sent
from models.invoice_views import Cursor
from models.paging import Key, Page, after, cursor_at, instant_and_id_in, of_each, ordered, pages_by
from models.rows import Runner, add_all, records, row, rows, upsert, value
from models.stores.due import due_of
from models.stores.invoice_rows import invoice_columns, invoice_view, line_columns, line_view, waiver_view
from models.tables.base import table
from models.tables.invoice import DocumentCounterRow, InvoiceLineRow, InvoiceRow, UsageCursorRow, WaiverRow
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select
    from sqlalchemy.sql import Executable

    from models.invoice_views import InvoiceView, LineView, WaiverView
    from models.stores.corrections import Place

V = table(InvoiceRow)
L = table(InvoiceLineRow)
W = table(WaiverRow)
U = table(UsageCursorRow)
N = table(DocumentCounterRow)
S = table(SubscriptionRow)
_NONE: ColumnElement[str] = literal_column("''")
WAITING = and_(L.c.invoice_id == _NONE, L.c.credit_note_id == _NONE)
"""Written out, as the index of what waits has it: what is given with each call is not known to be the same."""
BILLED = (
    select(L)
    .where(
        L.c.subscription_id == bindparam("subscription"),
        L.c.period_end > bindparam("since", type_=L.c.period_end.type),
        L.c.kind == LineKind.PERIOD,
    )
    .order_by(L.c.period_start, L.c.created_at, L.c.id)
)
CREDITS = select(L).where(among(L.c.credits_line_id, "ids")).order_by(L.c.id)
WAIVED = (
    select(W)
    .where(
        W.c.subscription_id == bindparam("subscription"),
        W.c.period_end > bindparam("since", type_=W.c.period_end.type),
    )
    .order_by(W.c.created_at, W.c.id)
)
LINES = select(L).where(among(L.c.invoice_id, "ids")).order_by(L.c.invoice_id, L.c.position, L.c.id)
LINES_BY_ID = select(L).where(here(L.c.environment_id), among(L.c.id, "ids"))
USAGE = (
    select(L)
    .where(
        L.c.subscription_id == bindparam("subscription"),
        L.c.period_end > bindparam("since", type_=L.c.period_end.type),
        L.c.kind == LineKind.USAGE,
    )
    .order_by(L.c.created_at, L.c.id)
)
USAGE_WITHIN = (
    select(L)
    .where(
        L.c.subscription_id.in_(
            select(S.c.id).where(S.c.customer_id == bindparam("customer"), S.c.resource_id == bindparam("scope"))
        ),
        L.c.feature_id == bindparam("feature"),
        L.c.kind == LineKind.USAGE,
        L.c.period_end > bindparam("since", type_=L.c.period_end.type),
        L.c.period_start <= bindparam("until", type_=L.c.period_start.type),
    )
    .order_by(L.c.created_at, L.c.id)
)
WAITING_OF = select(L).where(L.c.customer_id == bindparam("customer"), WAITING).order_by(L.c.created_at, L.c.id)
SAVE_LINE = update(L).where(L.c.id == bindparam("line"))
BY_ID = select(V).where(V.c.id == bindparam("of"), V.c.environment_id == bindparam("env"))
BY_IDS = select(V).where(here(V.c.environment_id), among(V.c.id, "ids"))
NEWEST_FIRST = (Key(V.c.created_at, descending=True), Key(V.c.id, descending=True))
DUE = due_of(V)
OPEN_OF = (
    select(V)
    .where(V.c.subscription_id == bindparam("subscription"), V.c.status.in_((InvoiceStatus.DRAFT, InvoiceStatus.OPEN)))
    .order_by(V.c.created_at, V.c.id)
)
SAVE = update(V).where(V.c.id == bindparam("invoice"))
CURSORS = select(U.c.price_id, U.c.billed_until, U.c.due_at).where(U.c.subscription_id == bindparam("subscription"))
FORGET_CURSORS = delete(U).where(U.c.subscription_id == bindparam("subscription"))


@dataclass(frozen=True, slots=True)
class InvoicesWanted:
    """Which invoices a list holds; None asks for any."""

    customer_id: str | None = None
    subscription_id: str | None = None
    statuses: tuple[InvoiceStatus, ...] | None = None


@cache
def _count_on(dialect: str) -> Executable:
    """Take numbers, of a kind that may have had none so far."""
    fresh = upsert(N, dialect).values(environment_id=bindparam("env"), kind=bindparam("of"), number=bindparam("many"))
    further = {"number": N.c.number + bindparam("many")}
    counted = fresh.on_conflict_do_update(index_elements=[N.c.environment_id, N.c.kind], set_=further)
    return counted.returning(N.c.number)


async def environment_of(run: Runner, invoice_id: str) -> str | None:
    """In which environment an invoice is: asked before an environment is known."""
    found: str | None = await value(run, select(V.c.environment_id).where(V.c.id == invoice_id))
    return found


def _listed(columns: frozenset[str]) -> Select[Any]:
    return select(V) if WHOLE in columns else select(*(V.c[each] for each in sorted(columns | {"id", "created_at"})))


@lru_cache(MOST)
def _first_of_customer(columns: frozenset[str]) -> Select[Any]:
    """Build once what is asked most: the first page of a customer's."""
    listed = _listed(columns).where(V.c.environment_id == bindparam("env"), V.c.customer_id == bindparam("customer"))
    return ordered(listed, NEWEST_FIRST).limit(bindparam("most", type_=Integer))


class Invoices:
    """The invoices of one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self.made: list[str] = []
        """The ids of the invoices that were made here, in order."""
        self.dropped: list[LineView] = []
        """The usage that ends dropped here, as it would have been billed."""

    async def by_id(self, invoice_id: str) -> InvoiceView | None:
        """Find an invoice."""
        found = await row(self._run, BY_ID, {"of": invoice_id, "env": self._env})
        return invoice_view(found) if found else None

    async def by_ids(self, ids: Collection[str]) -> dict[str, InvoiceView]:
        """Find several."""
        if not ids:
            return {}
        found = await rows(self._run, BY_IDS, {"env": self._env, "ids": sent(ids)})
        return {each["id"]: invoice_view(each) for each in found}

    async def page(
        self, wanted: InvoicesWanted, first: int, cursor: str | None, columns: frozenset[str] = EVERYTHING
    ) -> Page[InvoiceView]:
        """List invoices, newest first; only these columns are there."""
        given: dict[str, object] = {}
        if cursor is None and wanted == InvoicesWanted(wanted.customer_id or ""):
            given = {"env": self._env, "customer": wanted.customer_id, "most": first + 1}
            listed = _first_of_customer(columns)
        else:
            listed = _listed(columns).where(V.c.environment_id == self._env, *_conditions(wanted))
            if cursor is not None:
                listed = after(listed, NEWEST_FIRST, instant_and_id_in(cursor))
            listed = ordered(listed, NEWEST_FIRST).limit(first + 1)
        if WHOLE in columns:
            found = [invoice_view(each) for each in await rows(self._run, listed, given)]
        else:
            found = await records(self._run, listed, given)
        placed = tuple([paging.Place(each, each, _cursor) for each in found[:first]])
        return Page(placed, len(found) > first, cursor is not None)

    async def due(self, customer_id: str, until: datetime) -> list[InvoiceView]:
        """List a customer's invoices on which time alone acts at or before `until`."""
        given = {"customer": customer_id, "until": until}
        return [invoice_view(found) for found in await rows(self._run, DUE, given)]

    async def open_of(self, subscription_id: str) -> list[InvoiceView]:
        """List a subscription's drafts and unpaid invoices, oldest first."""
        return [invoice_view(found) for found in await rows(self._run, OPEN_OF, {"subscription": subscription_id})]

    async def paid_periods(self, subscription_id: str) -> int:
        """Count the periods of a subscription whose invoices are paid."""
        reasons = (InvoiceReason.SUBSCRIPTION_START, InvoiceReason.RENEWAL)
        mine = select(func.count()).where(V.c.subscription_id == subscription_id, V.c.environment_id == self._env)
        mine = mine.where(V.c.status == InvoiceStatus.PAID, V.c.reason.in_(reasons))
        return int(await value(self._run, mine))

    async def lines_of(self, invoice_ids: Collection[str]) -> dict[str, list[LineView]]:
        """List the lines of invoices, in their order."""
        found: dict[str, list[LineView]] = {each: [] for each in invoice_ids}
        for each in await rows(self._run, LINES, {"ids": sent(invoice_ids)}):
            found[each["invoice_id"]].append(line_view(each))
        return found

    async def billed(self, subscription_id: str, since: datetime) -> list[LineView]:
        """List the charges for licensed time that reach beyond an instant."""
        given = {"subscription": subscription_id, "since": since}
        return [line_view(found) for found in await rows(self._run, BILLED, given)]

    async def usage_of(self, subscription_id: str, since: datetime) -> list[LineView]:
        """List a subscription's lines for usage that reach beyond an instant, oldest first."""
        given = {"subscription": subscription_id, "since": since}
        return [line_view(found) for found in await rows(self._run, USAGE, given)]

    async def usage_within(self, place: Place, since: datetime, until: datetime) -> list[LineView]:
        """List the lines for a place's usage whose time meets that between two instants, oldest first."""
        named = {"customer": place.customer_id, "feature": place.feature_id, "scope": place.scope}
        given = {**named, "since": since, "until": until}
        return [line_view(found) for found in await rows(self._run, USAGE_WITHIN, given)]

    async def credits_of(self, line_ids: Collection[str]) -> dict[str, list[LineView]]:
        """List what credits each of these lines, oldest first."""
        found: dict[str, list[LineView]] = {each: [] for each in line_ids}
        if line_ids:
            for each in await rows(self._run, CREDITS, {"ids": sent(line_ids)}):
                found[each["credits_line_id"]].append(line_view(each))
        return found

    async def lines_by_id(self, ids: Collection[str]) -> dict[str, LineView]:
        """Find lines."""
        if not ids:
            return {}
        found = await rows(self._run, LINES_BY_ID, {"env": self._env, "ids": sent(ids)})
        return {each["id"]: line_view(each) for each in found}

    async def waived(self, subscription_id: str, since: datetime) -> list[WaiverView]:
        """List the waivers that reach beyond an instant, oldest first."""
        given = {"subscription": subscription_id, "since": since}
        return [waiver_view(found) for found in await rows(self._run, WAIVED, given)]

    async def waiting(self, customer_id: str) -> list[LineView]:
        """List a customer's lines that are on no invoice yet, oldest first."""
        return [line_view(found) for found in await rows(self._run, WAITING_OF, {"customer": customer_id})]

    async def waiting_pages(
        self, customer_ids: Collection[str], first: int, cursor: str | None
    ) -> dict[str, Page[LineView]]:
        """List a page of what waits for each of several customers, oldest first."""
        listed = select(L).where(L.c.environment_id == self._env, L.c.customer_id.in_(customer_ids), WAITING)
        wanted = of_each(listed, L.c.customer_id, (Key(L.c.created_at), Key(L.c.id)), first, cursor)
        found = await rows(self._run, wanted)
        return pages_by(found, "customer_id", customer_ids, first, line_view, began=cursor is not None)

    async def line(self, line_id: str) -> LineView | None:
        """Find a line, on an invoice or waiting for one."""
        return (await self.lines_by_id((line_id,))).get(line_id)

    async def add(self, invoice: InvoiceView) -> None:
        """Keep a new invoice."""
        await add_all(self._run, InvoiceRow, [{**invoice_columns(invoice), "environment_id": self._env}])
        self.made.append(invoice.id)

    async def save(self, invoice: InvoiceView) -> None:
        """Keep a changed invoice; its number is given by `number`."""
        values = {name: kept for name, kept in invoice_columns(invoice).items() if name not in ("id", "number")}
        await self._run.execute(SAVE, {"invoice": invoice.id, **values})

    async def number(self, invoice_id: str, number: str) -> None:
        """Give an invoice its number."""
        await self._run.execute(SAVE, {"invoice": invoice_id, "number": number})

    async def next_numbers(self, kind: str, many: int) -> int:
        """Take so many next numbers of a kind of document; answer the first. The kind is held until commit."""
        given = {"env": self._env, "of": kind, "many": many}
        return int(await value(self._run, _count_on(self._run.dialect.name), given)) - many + 1

    async def add_lines(self, lines: Sequence[LineView]) -> None:
        """Keep new lines."""
        kept = [{**line_columns(line), "environment_id": self._env} for line in lines]
        await add_all(self._run, InvoiceLineRow, kept)

    async def save_line(self, line: LineView) -> None:
        """Keep a changed line: its place, its discount, its tax."""
        values = {name: kept for name, kept in line_columns(line).items() if name != "id"}
        await self._run.execute(SAVE_LINE, {"line": line.id, **values})

    async def remove_lines(self, ids: Collection[str]) -> None:
        """Take back lines that wait, as if they had never been; a line of an invoice stays."""
        if ids:
            await self._run.execute(delete(L).where(L.c.id.in_(ids), WAITING))

    async def add_waivers(self, waivers: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was let go."""
        await add_all(self._run, WaiverRow, [{**each, "environment_id": self._env} for each in waivers])

    async def remove_waivers(self, change_id: str) -> None:
        """Forget what a change let go: it was undone."""
        await self._run.execute(delete(W).where(W.c.change_id == change_id))

    async def cursors(self, subscription_id: str) -> dict[str, Cursor]:
        """Up to when the usage of each metered price is billed, by price."""
        found = await rows(self._run, CURSORS, {"subscription": subscription_id})
        return {each["price_id"]: Cursor(each["billed_until"], each["due_at"]) for each in found}

    async def set_cursors(self, customer_id: str, subscription_id: str, cursors: Mapping[str, Cursor]) -> None:
        """Replace a subscription's cursors."""
        await self._run.execute(FORGET_CURSORS, {"subscription": subscription_id})
        kept = {"subscription_id": subscription_id, "environment_id": self._env, "customer_id": customer_id}
        moved = [{**kept, "price_id": price_id, **cursor._asdict()} for price_id, cursor in cursors.items()]
        await add_all(self._run, UsageCursorRow, moved)


def _conditions(wanted: InvoicesWanted) -> list[ColumnElement[bool]]:
    pairs = ((V.c.customer_id, wanted.customer_id), (V.c.subscription_id, wanted.subscription_id))
    conditions: list[ColumnElement[bool]] = [column == given for column, given in pairs if given is not None]
    if wanted.statuses is not None:
        conditions.append(V.c.status.in_(wanted.statuses))
    return conditions


def _cursor(found: Any) -> str:  # noqa: ANN401  (a view, or a record of some of its columns)
    return cursor_at(found.created_at, found.id)

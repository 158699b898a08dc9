"""What is asked about subscriptions again and again, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, func, or_, select, update

from billing.lifecycle import ChangeStatus
from models.given import among, here
from models.stores.lives import CHANGES
from models.tables.base import table
from models.tables.customer import PersonalTextRow
from models.tables.invoice import UsageCursorRow
from models.tables.subscription import CancellationRow, ScheduledChangeRow, SubscriptionItemRow, SubscriptionRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, ScalarSelect

S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S, H and C)
H = table(ScheduledChangeRow)
C = table(CancellationRow)
X = table(PersonalTextRow)
U = table(UsageCursorRow)
_UNTIL = bindparam("until", type_=S.c.due_at.type)


def _newest(*which: ColumnElement[bool]) -> ScalarSelect[str]:
    """A subscription's newest cancellation of these, found by the end of an index."""
    by = (C.c.undone_at.desc(), C.c.requested_at.desc(), C.c.id.desc())
    return select(C.c.id).where(C.c.subscription_id == S.c.id, *which).order_by(*by).limit(1).scalar_subquery()


_STANDS, _UNDONE = _newest(C.c.undone_at.is_(None)), _newest(C.c.undone_at.is_not(None))
L = C.alias("latest")
REASONS = (
    select(L, X.c.text.label("comment"), X.c.channel.label("said_by"))
    .select_from(S.join(L, L.c.id == func.coalesce(_STANDS, _UNDONE)).outerjoin(X, X.c.id == L.c.comment_id))
    .where(among(S.c.id, "ids"))
)
"""The cancellation that stands; else the one that was taken back last."""
STANDS_OR_STOOD = exists().where(C.c.subscription_id == S.c.id)
TOLD = select(S, CHANGES.label("changes"), STANDS_OR_STOOD.label("cancelled"))
"""A subscription, and whether there is what few have: it is asked for where it is there."""
BY_ID = TOLD.where(S.c.id == bindparam("of"), S.c.environment_id == bindparam("env"))
RESOURCE = select(S.c.resource_id).where(S.c.id == bindparam("of"), S.c.environment_id == bindparam("env"))
BY_IDS = TOLD.where(here(S.c.environment_id), among(S.c.id, "ids"))
OF_CUSTOMER = TOLD.where(S.c.customer_id == bindparam("customer"), here(S.c.environment_id)).order_by(
    S.c.created_at, S.c.id
)
AT_RESOURCE = OF_CUSTOMER.where(S.c.resource_id == bindparam("resource"))
DUE = TOLD.where(
    S.c.customer_id == bindparam("customer"),
    here(S.c.environment_id),
    or_(S.c.due_at <= _UNTIL, exists().where(U.c.subscription_id == S.c.id, U.c.due_at <= _UNTIL)),
).order_by(S.c.id)
CHANGES_BY_ID = select(H).where(here(H.c.environment_id), among(H.c.id, "ids"))
SAVE = update(S).where(S.c.id == bindparam("subscription"))
SETTLE = update(H).where(H.c.id == bindparam("change"), H.c.status == ChangeStatus.PENDING)
FORGET_ITEMS = delete(I).where(I.c.subscription_id == bindparam("subscription"))

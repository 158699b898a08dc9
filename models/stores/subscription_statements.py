"""What is asked about subscriptions again and again, built once."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, update

from billing.lifecycle import ChangeStatus
from models.given import among, here
from models.tables.base import table
from models.tables.customer import PersonalTextRow
from models.tables.subscription import CancellationRow, ScheduledChangeRow, SubscriptionItemRow, SubscriptionRow

S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S, H and C)
H = table(ScheduledChangeRow)
C = table(CancellationRow)
X = table(PersonalTextRow)
REASONS = (
    select(C, X.c.text.label("comment"))
    .select_from(C.outerjoin(X, X.c.id == C.c.comment_id))
    .where(among(C.c.subscription_id, "ids"))
    .order_by(C.c.requested_at, C.c.id)
)
BY_ID = select(S).where(S.c.id == bindparam("of"), S.c.environment_id == bindparam("env"))
RESOURCE = select(S.c.resource_id).where(S.c.id == bindparam("of"), S.c.environment_id == bindparam("env"))
BY_IDS = select(S).where(here(S.c.environment_id), among(S.c.id, "ids"))
OF_CUSTOMER = (
    select(S).where(S.c.customer_id == bindparam("customer"), here(S.c.environment_id)).order_by(S.c.created_at, S.c.id)
)
DUE = (
    select(S)
    .where(
        S.c.customer_id == bindparam("customer"),
        here(S.c.environment_id),
        S.c.due_at <= bindparam("until", type_=S.c.due_at.type),
    )
    .order_by(S.c.id)
)
SAVE = update(S).where(S.c.id == bindparam("subscription"))
SETTLE = update(H).where(H.c.id == bindparam("change"), H.c.status == ChangeStatus.PENDING)
FORGET_ITEMS = delete(I).where(I.c.subscription_id == bindparam("subscription"))

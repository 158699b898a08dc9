"""Pages of subscriptions: by what they are sorted, and where one ends."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam

from billing.dataclass import dataclass
from models.choices import SubscriptionOrder
from models.given import here
from models.paging import Key, cursor_at, ordered, page_of
from models.stores.subscription_statements import TOLD
from models.tables.base import table
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select

    from billing.lifecycle import State
    from models.paging import Page
    from models.views import SubscriptionView

S = table(SubscriptionRow)


@dataclass(frozen=True, slots=True)
class SubscriptionWanted:
    """Which subscriptions a list holds; None asks for any."""

    subscription_id: str | None = None
    states: tuple[State, ...] | None = None
    customer_id: str | None = None
    plan_id: str | None = None
    product_id: str | None = None
    resource_id: str | None = None
    external_id: str | None = None
    cancel_before: datetime | None = None
    customer_ids: tuple[str, ...] | None = None
    made_by: datetime | None = None


def keys_of(order: SubscriptionOrder) -> tuple[Key, Key]:
    """By what a list is sorted."""
    created = order in (SubscriptionOrder.CREATED_ASC, SubscriptionOrder.CREATED_DESC)
    descending = order in (SubscriptionOrder.CREATED_DESC, SubscriptionOrder.PERIOD_END_DESC)
    return Key(S.c.created_at if created else S.c.period_end, descending), Key(S.c.id, descending)


@cache
def first_of_customer(order: SubscriptionOrder) -> Select[Any]:
    """Build once what is asked most: the first page of a customer's, whatever they are."""
    listed = TOLD.where(here(S.c.environment_id), S.c.customer_id == bindparam("customer"))
    return ordered(listed, keys_of(order)).limit(bindparam("most", type_=Integer))


def page_from(
    found: Sequence[Mapping[str, Any]],
    keys: tuple[Key, Key],
    first: int,
    views: Mapping[str, SubscriptionView],
    *,
    began: bool,
) -> Page[SubscriptionView]:
    """Make a page of what was found, one row more than it holds."""
    name = keys[0].column.name
    return page_of(
        found,
        first,
        lambda each: cursor_at(each[name], each["id"]),
        lambda each: views[each["id"]],
        began=began,
    )

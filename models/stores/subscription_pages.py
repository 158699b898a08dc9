"""Pages of subscriptions: by what they are sorted, and where one ends."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Integer, bindparam, select

from billing.dataclass import dataclass
from models.choices import SubscriptionOrder
from models.columns import MOST, WHOLE
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
_COLUMNS: Final = {each.name: each for each in S.c} | {"metadata": S.c.labels.label("metadata")}


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


def listed_with(order: SubscriptionOrder, columns: frozenset[str]) -> Select[Any]:
    """Read these columns, those by which pages are sorted and found, and when something is due."""
    if WHOLE in columns:
        return TOLD
    always = {"id", "customer_id", "due_at", keys_of(order)[0].column.name}
    return select(*(_COLUMNS[each] for each in sorted(columns | always)))


@lru_cache(MOST)
def first_of_customer(order: SubscriptionOrder, columns: frozenset[str]) -> Select[Any]:
    """Build once what is asked most: the first page of a customer's, whatever they are."""
    listed = listed_with(order, columns).where(here(S.c.environment_id), S.c.customer_id == bindparam("customer"))
    return ordered(listed, keys_of(order)).limit(bindparam("most", type_=Integer))


def page_from(
    found: Sequence[Any],
    order: SubscriptionOrder,
    first: int,
    views: Mapping[str, SubscriptionView] | None,
    *,
    began: bool,
) -> Page[SubscriptionView]:
    """Make a page of what was found, one row more than it holds; without `views` the rows themselves are views."""
    name = keys_of(order)[0].column.name

    if views is None:
        return page_of(found, first, partial(_of_record, name), _itself, began=began)
    return page_of(
        found, first, lambda each: cursor_at(each[name], each["id"]), lambda each: views[each["id"]], began=began
    )


def _of_record(name: str, each: Any) -> str:  # noqa: ANN401  (a record of whatever columns)
    return cursor_at(getattr(each, name), each.id)


def _itself(each: Any) -> SubscriptionView:  # noqa: ANN401  (as above)
    view: SubscriptionView = each
    return view

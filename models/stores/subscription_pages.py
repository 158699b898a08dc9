"""Pages of subscriptions: by what they are sorted, and where one ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.choices import SubscriptionOrder
from models.paging import Key, cursor_at, page_of
from models.tables.base import table
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from models.paging import Page
    from models.views import SubscriptionView

S = table(SubscriptionRow)


def keys_of(order: SubscriptionOrder) -> tuple[Key, Key]:
    """By what a list is sorted."""
    created = order in (SubscriptionOrder.CREATED_ASC, SubscriptionOrder.CREATED_DESC)
    descending = order in (SubscriptionOrder.CREATED_DESC, SubscriptionOrder.PERIOD_END_DESC)
    return Key(S.c.created_at if created else S.c.period_end, descending), Key(S.c.id, descending)


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

"""Asking for coupons."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from resolvers import coupons as resolved
from schema.info import Info
from schema.objects.coupon import Coupon
from schema.promise import field, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import given, single


@part_type
class CouponsQuery:
    """Coupons."""

    @field
    async def coupon(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="Its id or key.")]
    ) -> Coupon | None:
        """One coupon, with its promotion codes; null where there is no such one."""
        wanted = single(id)
        view = await resolved.coupon(info.context, wanted) if wanted else None
        return Coupon.of(view) if view else None

    @field
    async def coupons(
        self,
        info: Info,
        archived: Annotated[
            bool | None, strawberry.argument(description="Archived ones or the others; null means both.")
        ] = False,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[Coupon]:
        """The coupons of the environment, newest first."""
        page = await resolved.coupons(info.context, page_of(first, after), archived=given(archived))
        return connection(page, Coupon.of)

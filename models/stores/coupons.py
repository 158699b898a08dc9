"""Coupons and promotion codes; how often one is redeemed is counted where it is decided, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from billing.discounts import Coupon, PromotionCode
from billing.invoicing.invoices import InvoiceStatus
from models.coupon_views import CouponView, PromotionCodeView
from models.paging import Key, after, cursor_at, instant_and_id_in, ordered, page_of
from models.rows import Runner, add, changed, even, row, rows
from models.tables.base import table
from models.tables.coupon import CouponRow, PromotionCodeRow
from models.tables.invoice import InvoiceRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Table, Update

    from models.paging import Page

C = table(CouponRow)
P = table(PromotionCodeRow)
V = table(InvoiceRow)
UNASKED = (InvoiceStatus.DRAFT, InvoiceStatus.VOID)


def _one_more(of: Table) -> Update:
    """Count one redemption, unless the thing is archived or was redeemed as often as it can be."""
    free = or_(of.c.maximum.is_(None), of.c.redeemed < of.c.maximum)
    return (
        update(of)
        .where(of.c.id == bindparam("redeem"), of.c.archived_at.is_(None), free)
        .values(redeemed=of.c.redeemed + 1)
    )


REDEEM_COUPON = _one_more(C)
REDEEM_CODE = _one_more(P)


class Coupons:
    """The coupons and promotion codes of one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def coupon(self, ref: str) -> CouponView | None:
        """Find a coupon by id or key."""
        named = or_(C.c.id == ref, C.c.key == ref)
        found = await row(self._run, select(C).where(C.c.environment_id == self._env, named))
        return coupon_view(found) if found else None

    async def by_ids(self, ids: Sequence[str]) -> dict[str, CouponView]:
        """Find coupons by id."""
        found = await rows(self._run, select(C).where(C.c.id.in_(even(ids)), C.c.environment_id == self._env))
        return {each["id"]: coupon_view(each) for each in found}

    async def page(self, first: int, cursor: str | None, *, archived: bool | None) -> Page[CouponView]:
        """List coupons, newest first; `archived` None means both."""
        keys = (Key(C.c.created_at, descending=True), Key(C.c.id, descending=True))
        listed = select(C).where(C.c.environment_id == self._env)
        if archived is not None:
            listed = listed.where(C.c.archived_at.is_not(None) if archived else C.c.archived_at.is_(None))
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        began = cursor is not None
        return page_of(found, first, lambda each: cursor_at(each["created_at"], each["id"]), coupon_view, began=began)

    async def add(self, coupon: CouponRow) -> None:
        """Keep a new coupon."""
        await add(self._run, coupon)

    async def archive(self, coupon_id: str, at: datetime) -> None:
        """Let a coupon give no more discounts."""
        await self._run.execute(update(C).where(C.c.id == coupon_id).values(archived_at=at))

    async def redeem(self, coupon_id: str) -> bool:
        """Count a redemption; False, and nothing is counted, where there are no more."""
        return await changed(self._run, REDEEM_COUPON, {"redeem": coupon_id}) == 1

    async def give_back(self, coupon_id: str, number: int) -> None:
        """Take redemptions back that never came to anything."""
        await self._run.execute(update(C).where(C.c.id == coupon_id).values(redeemed=C.c.redeemed - number))

    async def code(self, ref: str) -> PromotionCodeView | None:
        """Find a promotion code by id or by the word itself, in capitals."""
        named = or_(P.c.id == ref, P.c.code == ref)
        found = await row(self._run, select(P).where(P.c.environment_id == self._env, named))
        return code_view(found) if found else None

    async def codes_by_ids(self, ids: Sequence[str]) -> dict[str, PromotionCodeView]:
        """Find promotion codes by id."""
        found = await rows(self._run, select(P).where(P.c.id.in_(even(ids)), P.c.environment_id == self._env))
        return {each["id"]: code_view(each) for each in found}

    async def codes_page(self, coupon_id: str, first: int, cursor: str | None) -> Page[PromotionCodeView]:
        """List the promotion codes of a coupon, newest first."""
        keys = (Key(P.c.created_at, descending=True), Key(P.c.id, descending=True))
        listed = select(P).where(P.c.coupon_id == coupon_id, P.c.environment_id == self._env)
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        began = cursor is not None
        return page_of(found, first, lambda each: cursor_at(each["created_at"], each["id"]), code_view, began=began)

    async def add_code(self, code: PromotionCodeRow) -> None:
        """Keep a new promotion code."""
        await add(self._run, code)

    async def archive_code(self, code_id: str, at: datetime) -> None:
        """Let a promotion code give no more discounts."""
        await self._run.execute(update(P).where(P.c.id == code_id).values(archived_at=at))

    async def redeem_code(self, code_id: str) -> bool:
        """Count a redemption of the code itself, as `redeem` does of its coupon."""
        return await changed(self._run, REDEEM_CODE, {"redeem": code_id}) == 1

    async def give_code_back(self, code_id: str, number: int) -> None:
        """Take redemptions of the code itself back, as `give_back` does of its coupon."""
        await self._run.execute(update(P).where(P.c.id == code_id).values(redeemed=P.c.redeemed - number))

    async def bought(self, customer_id: str) -> bool:
        """Whether the customer was ever asked for money: an invoice above nothing that was not taken back."""
        asked = select(V.c.id).where(V.c.customer_id == customer_id, V.c.total > 0, V.c.status.not_in(UNASKED))
        return await row(self._run, asked.limit(1)) is not None


def coupon_view(found: Mapping[str, Any]) -> CouponView:
    """Make the value of a coupon's row."""
    terms = Coupon(
        coupon_id=found["id"],
        duration=found["duration"],
        months=found["months"],
        ppm=found["ppm"],
        amounts=tuple(sorted(found["amounts"].items())),
        products=tuple(found["products"]),
        redeem_by=found["redeem_by"],
        maximum=found["maximum"],
    )
    return CouponView(
        id=found["id"],
        key=found["key"],
        name=found["name"],
        terms=terms,
        redeemed=found["redeemed"],
        archived_at=found["archived_at"],
        created_at=found["created_at"],
    )


def code_view(found: Mapping[str, Any]) -> PromotionCodeView:
    """Make the value of a promotion code's row."""
    terms = PromotionCode(
        code=found["code"],
        maximum=found["maximum"],
        expires_at=found["expires_at"],
        customer_id=found["customer_id"],
        first_purchase_only=found["first_purchase_only"],
    )
    return PromotionCodeView(
        id=found["id"],
        coupon_id=found["coupon_id"],
        terms=terms,
        redeemed=found["redeemed"],
        archived_at=found["archived_at"],
        created_at=found["created_at"],
    )

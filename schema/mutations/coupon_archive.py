"""Archiving a coupon."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.coupon_archive import CouponArchive, archive_coupon
from resolvers.coupon_archive import CouponArchiveDone as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import identifier_or_key
from schema.objects.coupon import Coupon
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key


@input_type
class CouponArchiveInput:
    """The coupon to archive."""

    coupon_id: ID = about("The coupon's id or key.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CouponArchive:
        """Check every value."""
        return CouponArchive(
            coupon=identifier_or_key(self.coupon_id, "couponId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CouponArchiveDone:
    """The coupon gives no more discounts."""

    coupon: Coupon = about("The coupon.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CouponArchiveDone":
        """Show what was done."""
        return cls(coupon=Coupon.of(outcome.coupon), replayed=outcome.replayed)


CouponArchiveAnswer: TypeAlias = Annotated[
    CouponArchiveDone | AnyAct,
    strawberry.union(
        "CouponArchiveAnswer", description="What `couponArchive` answers: what was done, or how it was refused."
    ),
]


@part_type
class CouponArchiveMutation:
    """The act as a root field."""

    @mutation
    async def coupon_archive(self, info: Info, input: Annotated[CouponArchiveInput, INPUT]) -> CouponArchiveAnswer:
        """Let a coupon, and the promotion codes of it, give no more discounts; those that run go on."""
        return await answer(CouponArchiveAnswer, CouponArchiveDone.of, perform(archive_coupon, info.context, input))

"""Archiving a promotion code."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.coupon_archive import PromotionCodeArchive, archive_code
from resolvers.coupon_archive import PromotionCodeArchiveDone as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.coupon import PromotionCode
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, text


@input_type
class PromotionCodeArchiveInput:
    """The promotion code to archive."""

    promotion_code_id: ID = about("Its id, or the word itself.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PromotionCodeArchive:
        """Check every value."""
        return PromotionCodeArchive(
            code=text(self.promotion_code_id, "promotionCodeId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PromotionCodeArchiveDone:
    """The promotion code gives no more discounts."""

    promotion_code: PromotionCode = about("The promotion code.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "PromotionCodeArchiveDone":
        """Show what was done."""
        return cls(promotion_code=PromotionCode.of(outcome.code), replayed=outcome.replayed)


PromotionCodeArchiveAnswer: TypeAlias = Annotated[
    PromotionCodeArchiveDone | AnyAct,
    strawberry.union(
        "PromotionCodeArchiveAnswer",
        description="What `promotionCodeArchive` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PromotionCodeArchiveMutation:
    """The act as a root field."""

    @mutation
    async def promotion_code_archive(
        self, info: Info, input: Annotated[PromotionCodeArchiveInput, INPUT]
    ) -> PromotionCodeArchiveAnswer:
        """Let a promotion code give no more discounts; the coupon and its other codes go on."""
        return await answer(
            PromotionCodeArchiveAnswer, PromotionCodeArchiveDone.of, perform(archive_code, info.context, input)
        )

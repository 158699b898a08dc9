"""Checking and taking in one step."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.entitlements.decisions import Reason
from resolvers import entitlement_consume as resolved
from resolvers.entitlement_consume import EntitlementConsume, consume
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.feature import Feature
from schema.promise import (
    ACTOR,
    IDEMPOTENCY_KEY,
    INPUT,
    REPLAYED,
    about,
    input_type,
    mutation,
    object_type,
    part_type,
    shown,
)
from schema.refusals import AmountOutOfRange, AnyAct, FeatureNotMetered, ResourceRequired
from schema.scalars import Amount, optional_amount
from schema.texts import actor, idempotency_key, optional_text, text
from schema.usage_refusals import FeatureNotSummed


@input_type
class EntitlementConsumeInput:
    """What is to be used now."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    amount: Amount = about("How much: all of it or nothing is taken.", default=Amount("1"))
    idempotency_key: str = about(IDEMPOTENCY_KEY)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> EntitlementConsume:
        """Check every value."""
        return EntitlementConsume(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            resource=optional_text(self.resource, "resource"),
            amount=self.amount,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class EntitlementGranted:
    """The amount was taken, and is on disk. What it shares with a denial has the same type there."""

    view: strawberry.Private[resolved.EntitlementGranted]
    customer_id: ID | None = shown("The customer; never null here.", "customer_id")
    feature: Feature | None = shown("The feature; never null here.", lambda view: Feature.of(view.feature))
    amount: Amount = shown("What was taken.", "amount")
    used: Amount | None = shown("What is used of the limit in the present window; never null here.", "used")
    limit: Amount | None = shown("The limit; null is none.", "limit")
    unlimited: bool = shown("Whether there is no limit.", "unlimited")
    remaining: Amount | None = shown("What may still be used; null where there is no limit.", "remaining")
    over_by: Amount | None = shown("How far a soft limit is exceeded by what is used and held.", "over_by")
    resets_at: datetime | None = shown("When counting begins again; null is never.", "resets_at")
    record_id: ID = shown("The row of the usage ledger.", "record_id")
    replayed: bool = shown(REPLAYED, "replayed")

    @classmethod
    def of(cls, outcome: resolved.EntitlementGranted) -> "EntitlementGranted":
        """Show what was taken."""
        return cls(view=outcome)


@object_type
class EntitlementDenied:
    """The amount was not taken. This is a decision, not an error: nothing was written."""

    customer_id: ID | None = about("The customer; null where there is no such one.")
    feature: Feature | None = about("The feature; null where there is no such one.")
    reason: Reason = about("Why it is denied.")
    requested: Amount = about("What was asked for.")
    used: Amount | None = about("What is used of the limit in the present window.")
    limit: Amount | None = about("The limit; null is none.")
    unlimited: bool = about("Whether there is no limit.")
    remaining: Amount | None = about("What may still be used.")
    over_by: Amount | None = about("How far usage is above the limit.")
    resets_at: datetime | None = about("When counting begins again; null is never.")

    @classmethod
    def of(cls, outcome: resolved.EntitlementDenied) -> "EntitlementDenied":
        """Show why it is denied."""
        return cls(
            customer_id=ID(outcome.customer_id) if outcome.customer_id else None,
            feature=Feature.of(outcome.feature) if outcome.feature else None,
            reason=outcome.reason,
            requested=Amount(outcome.requested),
            used=optional_amount(outcome.used),
            limit=optional_amount(outcome.limit),
            unlimited=outcome.unlimited,
            remaining=optional_amount(outcome.remaining),
            over_by=optional_amount(outcome.over_by),
            resets_at=outcome.resets_at,
        )


def decided(
    outcome: resolved.EntitlementGranted | resolved.EntitlementDenied,
) -> EntitlementGranted | EntitlementDenied:
    """Show the decision."""
    if isinstance(outcome, resolved.EntitlementGranted):
        return EntitlementGranted.of(outcome)
    return EntitlementDenied.of(outcome)


EntitlementConsumeAnswer: TypeAlias = Annotated[
    EntitlementGranted
    | EntitlementDenied
    | AnyAct
    | FeatureNotMetered
    | FeatureNotSummed
    | ResourceRequired
    | AmountOutOfRange,
    strawberry.union(
        "EntitlementConsumeAnswer",
        description="What `entitlementConsume` answers: granted, denied with the reason, or how it was refused.",
    ),
]


@part_type
class EntitlementConsumeMutation:
    """The act as a root field."""

    @mutation
    async def entitlement_consume(
        self, info: Info, input: Annotated[EntitlementConsumeInput, INPUT]
    ) -> EntitlementConsumeAnswer:
        """Use a metered feature: checked and taken in one step, never above the limit, all or nothing."""
        return await answer(EntitlementConsumeAnswer, decided, perform(consume, info.context, input))

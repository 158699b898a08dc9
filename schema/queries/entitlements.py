"""Asking what a customer may use."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from models.choices import Consistency
from resolvers import entitlements as resolved
from resolvers.context import Context
from resolvers.deciding import EntitlementView
from schema.answers import answer
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.entitlement import Entitlement, HowFresh
from schema.promise import field, field_of, part_type
from schema.refusals import AmountOutOfRange, AnyQuestion, DateOutOfRange, HistoryNotKept, ResourceRequired
from schema.texts import given, optional_text, text, texts

MOST_FEATURES = 200

EntitlementAnswer: TypeAlias = Annotated[
    Entitlement | ResourceRequired | HistoryNotKept | AmountOutOfRange | DateOutOfRange | AnyQuestion,
    strawberry.union(
        "EntitlementAnswer", description="What `entitlement` answers: the decision, or why there is none."
    ),
]

Whose: TypeAlias = Annotated[CustomerRef, strawberry.argument(description="Whose.")]
At: TypeAlias = Annotated[
    datetime | None,
    strawberry.argument(
        description="At another instant than now: the past reads the ledger, the future what is known."
    ),
]


@part_type
class EntitlementsQuery:
    """Decisions."""

    @field
    async def entitlement(
        self,
        info: Info,
        customer: Whose,
        feature: Annotated[str, strawberry.argument(description="Which feature, by key or id.")],
        resource: Annotated[
            str | None, strawberry.argument(description="For which resource, where the customer has several.")
        ] = UNSET,
        requested: Annotated[
            str | None,
            strawberry.argument(description="An amount that would be used, or a value that would be chosen."),
        ] = UNSET,
        at: At = UNSET,
        consistency: HowFresh = Consistency.EVENTUAL,
    ) -> EntitlementAnswer:
        """Whether a customer may use a feature, why, how much, and until when that is certain."""
        asked = _decided(info.context, customer, feature, resource, requested, at, consistency)
        return await answer(EntitlementAnswer, Entitlement.of, asked)

    @field_of(list[Entitlement])
    async def entitlements(
        self,
        info: Info,
        customer: Whose,
        resource: Annotated[str | None, strawberry.argument(description="For one resource only.")] = UNSET,
        at: At = UNSET,
        features: Annotated[
            list[str] | None, strawberry.argument(description="Of these features only, by key or id.")
        ] = UNSET,
        consistency: HowFresh = Consistency.EVENTUAL,
    ) -> list[EntitlementView]:
        """What a customer may use, one entry per feature and, where several resources have it, per resource."""
        wanted = texts(features, "features", MOST_FEATURES)
        return await resolved.entitlements(
            info.context,
            customer.to_ref(),
            resource=optional_text(resource, "resource"),
            at=given(at),
            features=wanted,
            consistency=consistency,
        )


async def _decided(
    ctx: Context,
    customer: CustomerRef,
    feature: str,
    resource: str | None,
    requested: str | None,
    at: datetime | None,
    consistency: Consistency,
) -> EntitlementView:
    return await resolved.entitlement(
        ctx,
        customer.to_ref(),
        text(feature, "feature"),
        resource=optional_text(resource, "resource"),
        requested=optional_text(requested, "requested"),
        at=given(at),
        consistency=consistency,
    )

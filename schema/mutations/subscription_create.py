"""Subscribing."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.invoicing.values import BillingMode
from billing.trials import TrialEnding
from resolvers import checks
from resolvers import inputs as commands
from resolvers.subscription_create import SubscriptionCreate, create
from resolvers.subscription_create import SubscriptionCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import AddOnInput, CustomerRef, IntervalInput, add_ons_of, interval_of
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CreateRefusal
from schema.scalars import Metadata
from schema.texts import actor, given, idempotency_key, metadata, optional_text, optional_whole, text, whole

LONGEST_TRIAL = 3_650


@input_type
class FirstSubscriptionInput:
    """A new subscription of a customer who is known from elsewhere."""

    plan_id: ID = about("The plan, by id or key.")
    version: int | None = about("Its version; the latest published one unless said.", default=UNSET)
    currency: str | None = about(
        "The ISO 4217 code of the currency; the customer's, or the plan's only one, unless said.", default=UNSET
    )
    interval: IntervalInput | None = about("How often it renews; the plan's only interval unless said.", default=UNSET)
    quantity: int = about("How many of the plan: seats, workspaces.", default=1)
    add_ons: list[AddOnInput] | None = about("The add-ons.", default=UNSET)
    resource_id: str | None = about(
        "The website, workspace or the like that it is for; needed for a second subscription of a product.",
        default=UNSET,
    )
    external_id: str | None = about("The host's own id, unique in the environment.", default=UNSET)
    starts_at: datetime | None = about("When it begins; now unless said.", default=UNSET)
    billing_mode: BillingMode | None = about(
        "What a credit is a share of, and whether a cancel date moves the anchor; the environment's unless said.",
        default=UNSET,
    )
    anchor: datetime | None = about(
        "From when periods are counted, within one interval from the beginning; the beginning unless said. Not with a"
        " trial, whose end it is.",
        default=UNSET,
    )
    trial_days: int | None = about("How many days are tried; the plan's unless said, 0 for none.", default=UNSET)
    trial_ending: TrialEnding | None = about(
        "What the trial's end does where there is no payment method by then; the environment's unless said.",
        default=UNSET,
    )
    metadata: Metadata | None = about("The merchant's own notes.", default=UNSET)
    coupon_id: ID | None = about("A coupon for it from its first invoice on, by id or key.", default=UNSET)
    promotion_code: str | None = about("A promotion code instead of a coupon.", default=UNSET)

    def to_command(self) -> SubscriptionCreate:
        """Check every value; whose it is, others say."""
        return SubscriptionCreate(
            customer=commands.CustomerRef(),
            plan=text(self.plan_id, "planId"),
            version=optional_whole(self.version, "version"),
            currency=optional_text(self.currency, "currency", 3),
            interval=interval_of(self.interval),
            quantity=whole(self.quantity, "quantity", most=checks.MOST_QUANTITY),
            add_ons=add_ons_of(self.add_ons) or (),
            resource=optional_text(self.resource_id, "resourceId"),
            external_id=optional_text(self.external_id, "externalId"),
            starts_at=given(self.starts_at),
            billing_mode=given(self.billing_mode),
            anchor=given(self.anchor),
            trial_days=optional_whole(self.trial_days, "trialDays", 0, LONGEST_TRIAL),
            trial_ending=given(self.trial_ending),
            metadata=metadata(self.metadata),
            coupon=optional_text(self.coupon_id, "couponId"),
            promotion_code=optional_text(self.promotion_code, "promotionCode"),
        )


@input_type
class SubscriptionCreateInput(FirstSubscriptionInput):
    """A new subscription."""

    customer: CustomerRef = about("Who subscribes.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionCreate:
        """Check every value."""
        return replace(
            super().to_command(),
            customer=self.customer.to_ref(),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCreated:
    """The subscription is there."""

    subscription: Subscription = about("The subscription.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCreated":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionCreateAnswer: TypeAlias = Annotated[
    SubscriptionCreated | AnyAct | CreateRefusal,
    strawberry.union(
        "SubscriptionCreateAnswer",
        description="What `subscriptionCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionCreateMutation:
    """The act as a root field."""

    @mutation
    async def subscription_create(
        self, info: Info, input: Annotated[SubscriptionCreateInput, INPUT]
    ) -> SubscriptionCreateAnswer:
        """Subscribe a customer to a plan, at once or later, with or without a trial."""
        return await answer(SubscriptionCreateAnswer, SubscriptionCreated.of, perform(create, info.context, input))

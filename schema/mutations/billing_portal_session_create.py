"""Letting a customer into the hosted portal. (S8)"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.billing_portal_session_create import (
    BillingPortalSessionCreate,
    PortalFlow,
    create_session,
)
from resolvers.billing_portal_session_create import BillingPortalSessionCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, customer_of
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CustomerArchived, ReturnUrlNotAllowed
from schema.texts import LONGEST_ID, actor, idempotency_key, optional_identifier, optional_text, url


@input_type
class BillingPortalSessionCreateInput:
    """A link to the hosted portal; a subscription or a customer must be named by a merchant."""

    subscription_id: ID | None = about("The subscription that the portal opens with.", default=UNSET)
    customer: CustomerRef | None = about("The customer, where no subscription is named.", default=UNSET)
    flow: PortalFlow = about("What the portal opens with.", default=PortalFlow.HOME)
    return_url: str | None = about(
        "Where the portal leads back to: on the environment's list, at most 2048 characters.", default=UNSET
    )
    locale: str | None = about("The language of the portal; the customer's unless said.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> BillingPortalSessionCreate:
        """Check every value."""
        return BillingPortalSessionCreate(
            subscription_id=optional_identifier(self.subscription_id, "subscriptionId"),
            customer=customer_of(self.customer),
            flow=self.flow,
            return_url=url(self.return_url, "returnUrl"),
            locale=optional_text(self.locale, "locale", LONGEST_ID),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class BillingPortalSessionCreated:
    """The link is there."""

    session_id: ID = about("The id of the session.")
    url: str | None = about("The link, shown once: null when replayed.")
    secret_shown: bool = about("Whether the link was shown before.")
    expires_at: datetime = about("Until when it can be opened.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "BillingPortalSessionCreated":
        """Show what was done."""
        return cls(
            session_id=ID(outcome.session.id),
            url=outcome.url,
            secret_shown=outcome.url is None,
            expires_at=outcome.session.expires_at,
            replayed=outcome.replayed,
        )


BillingPortalSessionCreateAnswer: TypeAlias = Annotated[
    BillingPortalSessionCreated | AnyAct | CustomerArchived | ReturnUrlNotAllowed,
    strawberry.union(
        "BillingPortalSessionCreateAnswer",
        description="What `billingPortalSessionCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class BillingPortalSessionCreateMutation:
    """The act as a root field."""

    @mutation
    async def billing_portal_session_create(
        self, info: Info, input: Annotated[BillingPortalSessionCreateInput, INPUT]
    ) -> BillingPortalSessionCreateAnswer:
        """Make a link to the hosted portal, which opens once. (S8, T6)"""
        return await answer(
            BillingPortalSessionCreateAnswer,
            BillingPortalSessionCreated.of,
            perform(create_session, info.context, input),
        )

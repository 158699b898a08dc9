"""Cancelling many."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CancelReason, CancelTiming, State
from billing.refusals import InvalidInput
from billing.schedules import MOST_CYCLES
from resolvers.bulk_cancellation import Chosen, Terms
from resolvers.job_cancel import JobAnswered
from resolvers.subscriptions_cancel import SubscriptionsCancel, cancel_many
from schema.answers import answer, perform
from schema.ending_refusals import TermsRefusal
from schema.ending_terms import EndMoneyInput
from schema.info import Info
from schema.inputs import CustomerRef, NoticeInput, notice_of
from schema.objects.job import Job
from schema.promise import (
    ACTOR,
    IDEMPOTENCY_KEY,
    INPUT,
    REPLAYED,
    about,
    input_type,
    mutation,
    object_type,
    one_of_type,
    part_type,
)
from schema.refusals import AnyAct
from schema.texts import actor, comment, each, given, idempotency_key, identifier, optional_text, optional_whole, some

MOST_IDS = 1_000
MOST_STATES = 20
MOST_CUSTOMERS = 100


@input_type
class SubscriptionsFilter:
    """Which subscriptions, by what they are when their turn comes; at least one of these is said."""

    plan_id: ID | None = about("On this plan, by id or key.", default=UNSET)
    states: list[State] | None = about("In one of these states, at most 20.", default=UNSET)
    customers: list[CustomerRef] | None = about("Of one of these customers, at most 100.", default=UNSET)

    def to_chosen(self) -> Chosen:
        """Check what is wanted."""
        states, customers = given(self.states), given(self.customers)
        where = "subscriptions.filter"
        if given(self.plan_id) is None and states is None and customers is None:
            raise InvalidInput("Say which: by plan, state or customer.", field=where)
        return Chosen(
            plan=optional_text(self.plan_id, f"{where}.planId"),
            states=None if states is None else tuple(some(states, f"{where}.states", MOST_STATES)),
            customers=None
            if customers is None
            else tuple(
                customer.to_ref(f"{where}.customers")
                for customer in some(customers, f"{where}.customers", MOST_CUSTOMERS)
            ),
        )


@one_of_type
class SubscriptionsChosen:
    """Subscriptions by their ids, or by what they are."""

    ids: list[ID] | None = about(
        "These, at most 1000; one that is not here is an item that is skipped by name.", default=UNSET
    )
    filter: SubscriptionsFilter | None = about("All that were made before now and meet this.", default=UNSET)

    def to_chosen(self) -> Chosen:
        """Check what is wanted."""
        if (chosen := given(self.filter)) is not None:
            return chosen.to_chosen()
        ids = some(given(self.ids) or (), "subscriptions.ids", MOST_IDS)
        return Chosen(ids=each(ids, "subscriptions.ids", identifier, MOST_IDS))


@input_type
class SubscriptionsCancelInput(EndMoneyInput):
    """A cancellation of many subscriptions on the same terms."""

    subscriptions: SubscriptionsChosen = about("Which subscriptions.")
    timing: CancelTiming | None = about("When each takes effect; the preset may say it.", default=UNSET)
    date: datetime | None = about(
        "The instant, with timing ON_DATE only: after now, at most ten years away.", default=UNSET
    )
    cycles: int | None = about(
        "With timing AFTER_CYCLES only: after how many periods, 1 being the present one.", default=UNSET
    )
    notice: NoticeInput | None = about(
        "With timing AFTER_NOTICE only: how long before its end it is said.", default=UNSET
    )
    reason: CancelReason | None = about("Why; kept with each.", default=UNSET)
    comment: str | None = about("What else is said about it, at most 1000 characters; kept with each.", default=UNSET)
    dry_run: bool = about("Whether nothing is cancelled: the items then say what would happen.", default=False)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionsCancel:
        """Check every value."""
        return SubscriptionsCancel(
            chosen=self.subscriptions.to_chosen(),
            terms=Terms(
                timing=given(self.timing),
                date=given(self.date),
                cycles=optional_whole(self.cycles, "cycles", most=MOST_CYCLES),
                notice=notice_of(self.notice),
                money=self.to_money(),
                reason=given(self.reason),
                comment=comment(self.comment, "comment"),
            ),
            dry_run=self.dry_run,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionsCancelStarted:
    """The job is queued: a worker carries it out."""

    job: Job = about("The job, with its progress.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: JobAnswered) -> "SubscriptionsCancelStarted":
        """Show what was done."""
        return cls(job=Job.of(outcome.job), replayed=outcome.replayed)


SubscriptionsCancelAnswer: TypeAlias = Annotated[
    SubscriptionsCancelStarted | AnyAct | TermsRefusal,
    strawberry.union(
        "SubscriptionsCancelAnswer",
        description="What `subscriptionsCancel` answers: the job, or how it was refused.",
    ),
]


@part_type
class SubscriptionsCancelMutation:
    """The act as a root field."""

    @mutation
    async def subscriptions_cancel(
        self, info: Info, input: Annotated[SubscriptionsCancelInput, INPUT]
    ) -> SubscriptionsCancelAnswer:
        """Cancel many subscriptions on the same terms, one by one; a dry run says what it would do. (K13)"""
        done = perform(cancel_many, info.context, input)
        return await answer(SubscriptionsCancelAnswer, SubscriptionsCancelStarted.of, done)

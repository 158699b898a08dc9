"""Moving a test clock."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.test_clock_advance import TestClockAdvance, advance
from resolvers.test_clock_advance import TestClockAdvanced as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, DateOutOfRange, TestClockNeeded
from schema.texts import actor, idempotency_key


@input_type
class TestClockAdvanceInput:
    """Where the clock goes."""

    to: datetime = about("The new present: after the old one.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> TestClockAdvance:
        """Check every value."""
        return TestClockAdvance(
            to=self.to,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class TestClockAdvanced:
    """The clock was moved."""

    now: datetime = about("The present now.")
    target: datetime = about("Where the clock is going.")
    running: bool = about("Whether it is still on its way; the worker goes on.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "TestClockAdvanced":
        """Show what was done."""
        return cls(
            now=outcome.now,
            target=outcome.target,
            running=outcome.running,
            replayed=outcome.replayed,
        )


TestClockAdvanceAnswer: TypeAlias = Annotated[
    TestClockAdvanced | AnyAct | TestClockNeeded | DateOutOfRange,
    strawberry.union(
        "TestClockAdvanceAnswer", description="What `testClockAdvance` answers: what was done, or how it was refused."
    ),
]


@part_type
class TestClockAdvanceMutation:
    """The act as a root field."""

    @mutation
    async def test_clock_advance(
        self, info: Info, input: Annotated[TestClockAdvanceInput, INPUT]
    ) -> TestClockAdvanceAnswer:
        """Move a test clock forward, at most two years a call: what is due happens, in order."""
        return await answer(TestClockAdvanceAnswer, TestClockAdvanced.of, perform(advance, info.context, input))

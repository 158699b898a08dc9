"""Until something is due the few columns that a decision reads of a subscription say what its facts say."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings

from models.stores.giving import GivenPlan, source_of
from models.stores.lives import AsOf, lives_of
from models.stores.steady import Steady, subscribed_of
from tests.scenarios import documents
from tests.scenarios.lives import Player, by_the_clock, lives
from tests.scenarios.story import Story

if TYPE_CHECKING:
    from tests.scenarios.lives import Life
    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

LATER = [timedelta(days=days) for days in (0, 3, 20, 45, 400)]


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(life=lives())
def test_few_columns_say_what_facts_say(sqlite_worlds: SqliteWorlds, life: Life) -> None:
    sqlite_worlds.walked(partial(_compared, life=life))


async def _compared(world: World, life: Life) -> None:
    story = await Story.begin(world)
    await story.act(documents.UPSERT, externalId="acme")
    player = Player(story, by_the_clock)
    for step in life:
        await player.play([step])
        await _agree(world)


async def _agree(world: World) -> None:
    plans: defaultdict[str, GivenPlan] = defaultdict(lambda: GivenPlan("any", 1, 1, {}))
    context = await world.context()
    async with context.read() as read:
        customer = await read.customers.by_external_id("acme")
        assert customer is not None
        moments = [AsOf(customer.id, context.at + later) for later in LATER]
        few = await subscribed_of(read.run, read.environment_id, context.at, moments)
        facts = await lives_of(read.run, read.environment_id, context.at, moments)
    for moment in moments:
        told = [source_of(each, plans, moment.at) for each in few[moment]]
        assert told == [source_of(each, plans, moment.at) for each in facts[moment]]
    assert all(isinstance(of, Steady) for _, _, of in few[moments[0]]), "the worker left nothing due"

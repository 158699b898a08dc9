"""Laws of time, tried on random lives: how one waits makes no difference, and what was said stays true."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings

from tests.scenarios import documents
from tests.scenarios.lives import FEATURES, Player, alone, by_the_clock, in_steps, lived, lives
from tests.scenarios.story import Story

if TYPE_CHECKING:
    from tests.scenarios.lives import Life, Lived, Wait
    from tests.scenarios.story import Told
    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

FEW = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
AFTERWARDS = timedelta(days=80)


@FEW
@given(life=lives())
def test_how_one_waits_makes_no_difference(sqlite_worlds: SqliteWorlds, life: Life) -> None:
    def waiting(wait: Wait) -> Lived:
        return sqlite_worlds.walked(partial(lived, life=life, wait=wait, until=AFTERWARDS))

    direct, stopping, stopped = waiting(by_the_clock), waiting(in_steps), waiting(alone)

    assert stopping == direct, "going to c by way of b is going to c"
    assert stopped.answers == direct.answers, "without a worker every answer is the same"
    assert (stopped.events, stopped.rows) == (direct.events, direct.rows), "the worker catches up"
    assert direct.then == direct.seen, "the past is told as it was told when it was the present"
    assert stopped.then == stopped.seen


@FEW
@given(life=lives(most=4))
def test_what_is_previewed_is_what_happens(sqlite_worlds: SqliteWorlds, life: Life) -> None:
    sqlite_worlds.walked(partial(_previewed, life=life))


async def _previewed(world: World, life: Life) -> None:
    story = await Story.begin(world)
    await story.act(documents.UPSERT, externalId="acme")
    player = Player(story, by_the_clock)
    *before, (waited, (kind, given)) = life
    await player.play(before)
    await story.advance(await player.later(waited))
    asked = {key: each for key, each in given.items() if each is not None}
    if kind == "cancel":
        await _cancelled_as_previewed(player, asked)
    elif kind == "change":
        await _changed_as_previewed(player, asked)


async def _changed_as_previewed(player: Player, asked: dict[str, Any]) -> None:
    preview = await player.story.act(documents.PREVIEW, subscriptionId=player.subscription, **asked)
    now = player.story.names.plain((await player.now()).isoformat())

    answer = await player.story.act(documents.CHANGE, subscriptionId=player.subscription, **asked)

    if answer["__typename"] != "SubscriptionChanged":
        assert preview == answer
        return
    replaced = [each | {"status": "PENDING"} for each in answer.get("replacedChanges", [])]
    assert sorted(preview.get("replacedChanges", []), key=str) == sorted(replaced, key=str)
    if preview["timing"] == "IMMEDIATE":
        assert preview["appliesAt"] == now
    else:
        assert preview["appliesAt"] == answer["change"]["appliesAt"]
    await _found_as_previewed(player.story, preview, preview["appliesAt"])


async def _cancelled_as_previewed(player: Player, asked: dict[str, Any]) -> None:
    days = asked.pop("days", None)
    if days is not None:
        asked["date"] = (await player.now()) + timedelta(days=days)
    preview = await player.story.act(documents.CANCELLATION_PREVIEW, subscriptionId=player.subscription, **asked)

    answer = await player.story.act(documents.CANCEL, subscriptionId=player.subscription, **asked)

    if answer["__typename"] != "SubscriptionCanceled":
        assert preview == answer
        return
    assert (preview["timing"], preview["effectiveAt"]) == (asked["timing"], answer["effectiveAt"])
    await _found_as_previewed(player.story, preview, preview["effectiveAt"])
    assert (await player.story.subscription(player.subscription or ""))["status"] == "CANCELED"


async def _found_as_previewed(story: Story, preview: Told, at: str) -> None:
    when = datetime.fromisoformat(at + ("T00:00:00+00:00" if "T" not in at else "+00:00"))
    await story.advance(when)
    found = (await story.world.ask(documents.ENTITLEMENTS, ref={"externalId": "acme"}))["entitlements"]
    promised = {each["feature"]: each.get("after", {}) for each in preview.get("entitlements", [])}
    assert {each["featureKey"]: _level(each) for each in found if _given(each)} == {
        key: {name: level.get(name) for name in ("limit", "unlimited", "value")}
        for key, level in promised.items()
        if level
    }
    assert set(FEATURES) <= {each["featureKey"] for each in found}


def _given(entitlement: dict[str, Any]) -> bool:
    return bool(entitlement["hasAccess"] or entitlement["limit"] is not None or entitlement["unlimited"])


def _level(entitlement: dict[str, Any]) -> dict[str, Any]:
    return {name: entitlement[name] for name in ("limit", "unlimited", "value")}

"""An act under a key is done once: what it answered is answered again, and a key means one input of one principal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.resolvers.root_fields import ACTS, MANAGE, READ, ROOT_FIELDS, RootField
from tests.resolvers.scene import CREATE, GRANT, UNKNOWN, UPSERT

if TYPE_CHECKING:
    from tests.resolvers.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRETS = {"apiKeyCreate": "secret", "billingPortalSessionCreate": "url", "customerTokenCreate": "token"}
NEEDS_KEY = ("entitlementConsume", "usageReport")
every_act = pytest.mark.parametrize("of", ACTS, ids=[each.name for each in ACTS])


async def done(
    scene: Scene, of: RootField, key: str, *, place: str = "main", by: str | None = None, **more: Any
) -> Any:
    """Carry out an act about acme under an idempotency key."""
    holder = scene.own if place == "main" else scene.foreign
    variables = of.variables(holder, merchant=by is None or by.startswith("sk_"))
    variables["input"] |= {"idempotencyKey": key, **more}
    answer = await scene.world.ask(of.document, key=by, place=place, **variables)
    return answer[of.name]


def replay(of: RootField, first: Any) -> Any:
    """What a replay answers: the same, without its secret."""
    hidden = {SECRETS[of.name]: None, "secretShown": True} if of.name in SECRETS else {}
    return first | {"replayed": True} | hidden


@every_act
async def test_the_same_call_again_answers_the_same_and_writes_nothing(of: RootField, scene: Scene) -> None:
    first = await done(scene, of, "once")
    assert first["__typename"] == of.payload, first
    assert first["replayed"] is False
    written = scene.digest()

    assert await done(scene, of, "once") == replay(of, first)
    assert await done(scene, of, "once", by=scene.with_scopes(only=of.needed)) == replay(of, first)
    assert scene.digest() == written


@every_act
async def test_the_same_call_under_another_key_is_another_act(of: RootField, scene: Scene) -> None:
    await done(scene, of, "once")

    again = await done(scene, of, "twice")

    assert again.get("replayed", False) is False


@every_act
async def test_a_key_means_one_input(of: RootField, scene: Scene) -> None:
    await done(scene, of, "once")
    written = scene.mark()

    other = await done(scene, of, "once", actor="Somebody")

    assert other == {
        "__typename": "IdempotencyConflict",
        "message": "This key was used before with another input: use a new key for a new act.",
        "code": "IDEMPOTENCY_CONFLICT",
        "field": "idempotencyKey",
    }
    assert scene.mark() == written


@pytest.mark.parametrize("of", [each for each in ACTS if each.held], ids=lambda of: of.name)
async def test_a_key_means_one_object_even_if_the_other_is_unknown(of: RootField, scene: Scene) -> None:
    await done(scene, of, "once")
    variables = of.variables(UNKNOWN)
    variables["input"]["idempotencyKey"] = "once"

    other = (await scene.world.ask(of.document, **variables))[of.name]

    # an unknown customer is a decision there, and no act
    decision = of.name in {"entitlementConsume", "entitlementReserve"}
    assert other["__typename"] == ("EntitlementDenied" if decision else "IdempotencyConflict")


@every_act
async def test_a_refusal_is_not_remembered(of: RootField, scene: Scene) -> None:
    refused = await done(scene, of, "once", by=scene.with_scopes(without=of.scope))
    assert refused["code"] == "SCOPE_MISSING"

    assert (await done(scene, of, "once"))["replayed"] is False


@every_act
async def test_many_calls_at_once_are_one_act(of: RootField, scene: Scene) -> None:
    rows = scene.rows("idempotency")

    answers = await asyncio.gather(*(done(scene, of, "once") for _ in range(4)))

    (first,) = [each for each in answers if not each["replayed"]]
    assert [each for each in answers if each["replayed"]] == [replay(of, first)] * 3
    assert scene.rows("idempotency") == rows + 1


@every_act
async def test_environments_have_keys_of_their_own(of: RootField, scene: Scene) -> None:
    here = await done(scene, of, "once")
    there = await done(scene, of, "once", place="other")

    assert (here["__typename"], there["__typename"]) == (of.payload, of.payload)
    assert (here["replayed"], there["replayed"]) == (False, False)


async def test_acts_have_keys_of_their_own(scene: Scene) -> None:
    for name in ("grantCreate", "overrideSet", "entitlementConsume", "usageReport", "customerTokenCreate"):
        answer = await done(scene, ROOT_FIELDS[name], "once")
        assert (answer["__typename"], answer["replayed"]) == (ROOT_FIELDS[name].payload, False)


async def test_each_customer_is_one_principal_whichever_token_and_the_merchant_another(scene: Scene) -> None:
    of = ROOT_FIELDS["subscriptionDowngrade"]
    first = await scene.world.token("acme", scopes=[MANAGE, READ])
    second = await scene.world.token("acme", scopes=[MANAGE, READ], subscription=scene.own.plain)
    made = await done(scene, of, "once", by=first)
    assert made["replayed"] is False

    assert await done(scene, of, "once", by=second) == replay(of, made)
    assert (await done(scene, of, "once"))["replayed"] is False
    rival = await scene.world.token("rival", scopes=[MANAGE, READ])
    variables = of.variables(scene.rival)
    variables["input"]["idempotencyKey"] = "once"
    assert (await scene.world.ask(of.document, key=rival, **variables))[of.name]["replayed"] is False


@every_act
async def test_who_has_waited_long_enough_is_told(of: RootField, scene: Scene) -> None:
    in_flight = scene.world.database.in_flight
    in_flight.patience = 0.02
    before = scene.mark()

    async with in_flight((scene.world.places["main"].environment.id, of.name, "merchant", "once")):
        late = await done(scene, of, "once")

    assert late == {
        "__typename": "IdempotencyInProgress",
        "message": "The first call with this key is still running: ask again shortly.",
        "code": "IDEMPOTENCY_IN_PROGRESS",
        "field": "idempotencyKey",
    }
    assert scene.mark() == before
    assert (await done(scene, of, "once"))["replayed"] is False


async def test_who_waits_is_answered_when_the_first_is_done(scene: Scene) -> None:
    of = ROOT_FIELDS["grantCreate"]
    in_flight = scene.world.database.in_flight
    async with in_flight((scene.world.places["main"].environment.id, of.name, "merchant", "once")):
        waiting = asyncio.create_task(done(scene, of, "once"))
        await asyncio.sleep(0.05)
        assert not waiting.done()

    assert (await waiting)["replayed"] is False


BAD_KEYS = {
    "empty": "",
    "long": "k" * 256,
    "nul": "a\x00b",
    "bell": "a\x07",
    "line": "a\nb",
    "delete": "\x7f",
    "c1": "\x85",
}


@every_act
async def test_a_key_is_one_line_of_at_most_255_characters(of: RootField, scene: Scene) -> None:
    before = scene.mark()
    for bad in BAD_KEYS.values():
        refused = await done(scene, of, bad)
        assert (refused["__typename"], refused["field"]) == ("InvalidInput", "idempotencyKey"), repr(bad)
    assert scene.mark() == before

    longest = "ключ 🗝 " * 36 + "key"
    assert len(longest) == 255
    assert (await done(scene, of, longest))["replayed"] is False
    assert (await done(scene, of, longest))["replayed"] is True


@pytest.mark.parametrize("name", NEEDS_KEY)
async def test_usage_is_not_taken_without_a_key(name: str, scene: Scene) -> None:
    of = ROOT_FIELDS[name]
    before = scene.mark()
    without = of.variables(scene.own)
    del without["input"]["idempotencyKey"]

    null: dict[str, Any] = {"input": {**without["input"], "idempotencyKey": None}}
    for variables in (without, null):
        answer = await scene.world.post(of.document, **variables)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert scene.mark() == before


async def test_what_was_denied_may_be_granted_under_the_same_key(scene: Scene) -> None:
    of = ROOT_FIELDS["entitlementConsume"]
    denied = await done(scene, of, "once", amount="1000")
    assert (denied["__typename"], denied["reason"]) == ("EntitlementDenied", "REQUESTED_EXCEEDS_LIMIT")
    more = {"customer": scene.own.ref, "feature": "lfs_bandwidth", "resource": "b", "amount": "1000"}
    await scene.world.ask(GRANT, input=more)

    granted = await done(scene, of, "once", amount="1000")

    assert (granted["__typename"], granted["amount"], granted["replayed"]) == ("EntitlementGranted", "1000", False)


async def test_who_was_not_found_may_be_found_under_the_same_key(scene: Scene) -> None:
    asked = {"customer": {"externalId": "late"}, "planId": "free", "idempotencyKey": "once"}
    assert (await scene.world.ask(CREATE, input=asked))["subscriptionCreate"]["code"] == "NOT_FOUND"

    await scene.world.ask(UPSERT, input={"externalId": "late"})

    assert "subscription" in (await scene.world.ask(CREATE, input=asked))["subscriptionCreate"]


async def test_numbers_of_a_replay_are_those_of_the_first_time_and_objects_those_of_now(scene: Scene) -> None:
    consume, rename = ROOT_FIELDS["entitlementConsume"], ROOT_FIELDS["customerUpsert"]
    first = await done(scene, consume, "once")
    await done(scene, consume, "more", amount="7")
    assert await done(scene, consume, "once") == replay(consume, first)

    named = await done(scene, rename, "name", name="Before")
    await done(scene, rename, "name again", name="After")
    assert (await done(scene, rename, "name", name="Before"))["customer"] == named["customer"] | {"name": "After"}


async def test_a_key_is_kept_for_thirty_days_and_holds_no_secret(scene: Scene) -> None:
    made = await done(scene, ROOT_FIELDS["apiKeyCreate"], "once")
    kept = [row for row in scene.table("idempotency") if row["key"] == "once"]

    assert [(row["expires_at"] - row["created_at"]) // 1_000_000 for row in kept] == [30 * 24 * 3600]
    assert made["secret"] not in str(kept)

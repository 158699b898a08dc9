"""Inside the portal a customer sees what is theirs, and does what the server allows, through the same resolvers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from billing.policies import CancellationMode, SelfServicePolicy
from models.sqlite import Sqlite
from tests.plangate.portal.visiting import MONTHLY, Browser, Portal, Shown

CONFIRMED = "Your cancellation is confirmed"
ALREADY = "This subscription is already cancelled"
REFUSED = "That was not possible"
BY_REQUEST = SelfServicePolicy(allow_cancel=False, allow_change=False, instructions="Write to cancel@main.example.")
AT_ONCE = SelfServicePolicy(mode=CancellationMode.IMMEDIATE)
ENDS = "February 1, 2024, 12:00 AM UTC"

STANDS = """query($id: ID!) { subscription(id: $id) { state cancelAt scheduledChanges { kind }
  cancellation { reason comment channel undoneAt } } }"""
EVENTS = """query($ref: CustomerRef!) { events(filter: {customer: $ref}, first: 100) { edges { node {
  type channel before after } } } }"""
CANCEL = """mutation($input: SubscriptionCancelInput!) { subscriptionCancel(input: $input) {
  __typename ... on UserError { code message } } }"""
DOWNGRADE = """mutation($input: SubscriptionDowngradeInput!) { subscriptionDowngrade(input: $input) {
  __typename ... on UserError { code message } } }"""


async def stands(portal: Portal, subscription: str) -> dict[str, Any]:
    found: dict[str, Any] = (await portal.world.ask(STANDS, id=subscription))["subscription"]
    return found


async def events(portal: Portal) -> list[dict[str, Any]]:
    """The customer's events, oldest first."""
    found = await portal.world.ask(EVENTS, ref={"externalId": "acme"})
    nodes = [edge["node"] for edge in found["events"]["edges"]]
    assert nodes[0]["type"] == "customer.created"
    return nodes


async def cancelled(portal: Portal) -> tuple[Browser, Shown]:
    """A customer who has just cancelled, and the page that says so."""
    browser, home = await portal.visit()
    return browser, await browser.cancel(home)


async def test_two_clicks_end_it_and_one_keeps_it(portal: Portal, held: str) -> None:
    browser, home = await portal.visit()
    assert home.kinds == ["MANAGE", "CANCEL_AT_PERIOD_END"]

    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])
    untouched = await stands(portal, held)
    done = await browser.send(confirm, "/cancel")
    after = await stands(portal, held)
    pending = await browser.get("/portal")
    kept = await browser.send(pending, "/keep")

    assert (confirm.status, confirm.title) == (200, "Cancel Team?")
    assert f"Your subscription ends on {ENDS}. Until then everything works as before." in confirm.text
    assert confirm.text.split("What ends with it")[1].startswith(" Members Automation minutes Package storage")
    assert untouched == {"state": "ACTIVE", "cancelAt": None, "scheduledChanges": [], "cancellation": None}
    assert (done.path, done.title) == (f"/portal/subscriptions/{held}/status", CONFIRMED)
    assert f"Team ends on {ENDS}. Until then you keep everything it includes." in done.text
    assert "Received on January 1, 2024, 12:00 AM UTC" in done.text
    assert after == {
        "state": "PENDING_CANCELLATION",
        "cancelAt": "2024-02-01T00:00:00Z",
        "scheduledChanges": [{"kind": "CANCEL"}],
        "cancellation": {"reason": None, "comment": None, "channel": "PORTAL", "undoneAt": None},
    }
    assert pending.kinds == ["UNDO_CANCELLATION"]
    assert (kept.title, (await browser.get("/portal")).kinds) == ("You are staying on Team", home.kinds)
    assert (await stands(portal, held))["state"] == "ACTIVE"
    assert [(e["type"], e["channel"]) for e in await events(portal)][-2:] == [
        ("subscription.cancellation_scheduled", "PORTAL"),
        ("subscription.cancellation_undone", "PORTAL"),
    ]


async def test_reload_back_and_a_double_click_do_nothing_twice(portal: Portal, held: str) -> None:
    browser, home = await portal.visit()
    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])
    pressed = await asyncio.gather(*(browser.send(confirm, "/cancel") for _ in range(4)))
    once = await events(portal)

    reloaded = await browser.get(pressed[0].path)
    back = await browser.get(confirm.path)
    kept = await browser.send(reloaded, "/keep")
    kept_again = await browser.send(reloaded, "/keep")
    stale = await browser.get(pressed[0].path)

    assert {(page.status, page.title) for page in (*pressed, reloaded)} == {(200, CONFIRMED)}
    assert (back.title, back.kinds) == (ALREADY, ["UNDO_CANCELLATION"])
    assert {page.title for page in (kept, kept_again, stale)} == {"You are staying on Team"}
    kinds = [event["type"] for event in await events(portal)]
    assert kinds[len(once) :] == ["subscription.cancellation_undone"]
    assert kinds.count("subscription.cancellation_scheduled") == 1
    assert (await stands(portal, held))["state"] == "ACTIVE"


async def test_a_link_to_cancelling_goes_straight_there_and_to_the_status_once_it_is_done(
    portal: Portal, held: str
) -> None:
    browser, confirm = await portal.visit(subscriptionId=held, flow="SUBSCRIPTION_CANCEL")
    await browser.send(confirm, "/cancel")
    _, again = await portal.visit(subscriptionId=held, flow="SUBSCRIPTION_CANCEL")
    await portal.world.advance(timedelta(days=40))
    _, ended = await portal.visit(subscriptionId=held, flow="SUBSCRIPTION_CANCEL")

    assert (confirm.path, confirm.title) == (f"/portal/subscriptions/{held}/cancel", "Cancel Team?")
    assert (again.status, again.title, again.kinds) == (200, ALREADY, ["UNDO_CANCELLATION"])
    assert (ended.status, ended.title, ended.kinds) == (200, ALREADY, [])


async def test_where_the_policy_says_at_once_it_ends_at_once_and_stays_ended(portal: Portal, held: str) -> None:
    await portal.policy(AT_ONCE)
    browser, home = await portal.visit()
    confirm = await browser.get(home.button("CANCEL_NOW").attributes["href"])
    done = await browser.send(confirm, "/cancel")
    twice = await browser.send(confirm, "/cancel")
    keep = await browser.post(f"/portal/subscriptions/{held}/keep", confirm.form("/cancel")[1])
    after = await browser.get("/portal")

    assert home.kinds == ["MANAGE", "CANCEL_NOW"]
    assert "Your subscription ends as soon as you confirm." in confirm.text
    assert "This cannot be undone." in confirm.text
    assert [(page.title, page.kinds) for page in (done, twice)] == [(CONFIRMED, [])] * 2
    assert "Team has ended. You will not be charged for it again." in done.text
    assert (keep.status, keep.title) == (409, ALREADY)
    assert (after.kinds, "Cancelled" in after.text, "Ended on January 1, 2024" in after.text) == ([], True, True)
    assert "Your present plan includes no product usage." in after.text


async def test_nobody_confirms_another_end_than_the_one_they_read(portal: Portal, held: str) -> None:
    browser, home = await portal.visit()
    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])
    await portal.policy(AT_ONCE)

    asked_again = await browser.send(confirm, "/cancel")

    assert (asked_again.path, asked_again.title) == (confirm.path, "Cancel Team?")
    assert "Your subscription ends as soon as you confirm." in asked_again.text
    assert (await stands(portal, held))["state"] == "ACTIVE"


async def test_a_hidden_action_is_refused_by_the_server_with_the_merchants_instructions(
    portal: Portal, held: str
) -> None:
    browser, home = await portal.visit()
    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])
    await portal.policy(BY_REQUEST)

    closed = await browser.get("/portal")
    looked = await browser.get(confirm.path)
    sent = await browser.send(confirm, "/cancel")

    assert (closed.kinds, "Write to cancel@main.example." in closed.text) == ([], True)
    assert [(page.status, page.title) for page in (looked, sent)] == [(403, REFUSED)] * 2
    assert ["Write to cancel@main.example." in page.text for page in (looked, sent)] == [True, True]
    assert (await stands(portal, held))["state"] == "ACTIVE"


async def test_without_instructions_there_are_words_all_the_same(portal: Portal, held: str) -> None:
    await portal.policy(SelfServicePolicy(allow_cancel=False, allow_change=False))
    await portal.environment(widgets={"support": {"email": "help@main.example"}})
    browser, home = await portal.visit()

    refused = await browser.get(f"/portal/subscriptions/{held}/cancel")

    assert home.kinds == ["CONTACT_SUPPORT"]
    assert home.button("CONTACT_SUPPORT").attributes["href"] == "mailto:help@main.example"
    assert (refused.status, refused.kinds) == (403, ["CONTACT_SUPPORT"])
    assert refused.text.startswith("That was not possible Please contact us to do this. Nothing was changed.")


async def test_the_reason_is_asked_afterwards_kept_once_and_told_as_its_own_event(portal: Portal, held: str) -> None:
    browser, done = await cancelled(portal)
    before = await events(portal)

    silent = await browser.send(done, "/reason")
    thanks = await browser.send(done, "/reason", reason="other", comment=" We moved.\r\nThanks! ")
    again = await browser.send(done, "/reason", reason="other", comment="We moved.\nThanks!")
    status = await browser.get(f"/portal/subscriptions/{held}/status")

    assert (silent.title, thanks.title, again.title) == (CONFIRMED, "Thank you", "Thank you")
    assert (await stands(portal, held))["cancellation"] == {
        "reason": "OTHER",
        "comment": "We moved.\nThanks!",
        "channel": "PORTAL",
        "undoneAt": None,
    }
    (told,) = (await events(portal))[len(before) :]
    assert (told["type"], told["channel"], told["before"]) == (
        "subscription.cancellation_reason_given",
        "PORTAL",
        {"reason": None},
    )
    assert {**told["after"], "commentId": "", "commentDigest": ""} == {
        "reason": "other",
        "commentId": "",
        "commentDigest": "",
    }
    assert "We moved" not in str(told)
    assert status.title == CONFIRMED
    assert "Would you tell us why?" not in status.text


async def test_words_are_kept_only_beside_the_reason_that_takes_them(portal: Portal, held: str) -> None:
    browser, done = await cancelled(portal)

    thanks = await browser.send(done, "/reason", reason="unused", comment="not asked for")

    assert thanks.title == "Thank you"
    kept = (await stands(portal, held))["cancellation"]
    assert (kept["reason"], kept["comment"]) == ("UNUSED", None)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"reason": "other", "comment": "x" * 1001}, 422),
        ({"reason": "other", "comment": "a\x00b"}, 422),
        ({"reason": "other", "comment": "\x1b[31m"}, 422),
        ({"reason": "because"}, 422),
        ({"reason": "OTHER"}, 422),
        ({"reason": "other", "comment": "x" * 20_000}, 413),
    ],
)
async def test_a_bad_answer_gets_a_page_and_leaves_the_cancellation_standing(
    portal: Portal, held: str, fields: dict[str, str], status: int
) -> None:
    browser, done = await cancelled(portal)
    before = await events(portal)

    answer = await browser.send(done, "/reason", **fields)

    assert (answer.status, answer.title) == (status, REFUSED)
    assert await events(portal) == before
    assert (await stands(portal, held))["state"] == "PENDING_CANCELLATION"


async def test_there_is_no_reason_without_a_cancellation_and_none_asked_for_a_merchants(
    portal: Portal, held: str
) -> None:
    browser, home = await portal.visit()
    token = (await browser.get(home.button("MANAGE").attributes["href"])).form("/cancel")[1]
    path = f"/portal/subscriptions/{held}"
    early = await browser.post(f"{path}/reason", token | {"reason": "unused"})
    nothing_to_keep = await browser.post(f"{path}/keep", token)
    nothing_to_thank = await browser.get(f"{path}/thanks")
    await portal.world.ask(CANCEL, input={"subscriptionId": held, "timing": "END_OF_PERIOD"})
    merchants = await browser.get(f"{path}/status")

    assert [(page.status, page.title) for page in (early, nothing_to_keep)] == [(409, REFUSED)] * 2
    assert nothing_to_thank.path == "/portal"
    assert (merchants.title, "Would you tell us why?" in merchants.text) == (CONFIRMED, False)


async def test_a_planned_change_is_shown_and_taken_back(portal: Portal, held: str) -> None:
    await portal.world.ask(DOWNGRADE, input={"subscriptionId": held, "planId": "free"})
    browser, home = await portal.visit()
    undone = await browser.send(home, "/undo")
    again = await browser.send(home, "/undo")
    plain = await browser.get("/portal")

    assert f"Your plan changes to Free on {ENDS}" in home.text
    assert home.kinds == ["UNDO_CHANGE", "CANCEL_AT_PERIOD_END"]
    assert [page.title for page in (undone, again)] == ["You are staying on Team"] * 2
    assert "The planned change is undone." in undone.text
    assert (plain.kinds, "Renews on February 1, 2024" in plain.text) == (["MANAGE", "CANCEL_AT_PERIOD_END"], True)
    assert (await stands(portal, held))["scheduledChanges"] == []


async def test_a_change_that_was_made_cannot_be_taken_back(portal: Portal, held: str) -> None:
    await portal.world.ask(DOWNGRADE, input={"subscriptionId": held, "planId": "free"})
    browser, home = await portal.visit()
    await portal.world.advance(timedelta(days=40))

    late = await browser.send(home, "/undo")

    assert (late.status, late.title) == (409, REFUSED)
    assert (await browser.get(home.form("/undo")[0].removesuffix("/undo"))).path == "/portal"


async def test_anothers_and_unknown_things_are_not_there_in_the_same_words(portal: Portal, held: str) -> None:
    other = await portal.world.subscribed("other", "team", **MONTHLY)
    await portal.world.ask(DOWNGRADE, input={"subscriptionId": other, "planId": "free"})
    theirs = (await portal.visit("other"))[1].form("/undo")[0].removesuffix("/undo")
    browser, home = await portal.visit()
    token = (await browser.get(home.button("MANAGE").attributes["href"])).form("/cancel")[1]
    ids = [other, f"sub_{'0' * 26}", "sub_x", "cus_1", f"sub_{'%00' * 26}", "..", "a%2Fb", "é"]
    doors = [f"/portal/subscriptions/{each}/{door}" for each in ids for door in ("cancel", "status", "thanks")]
    pages = [await browser.get(path) for path in (*doors, theirs, f"/portal/changes/sch_{'0' * 26}", "/portal/x")]
    acts = [f"/portal/subscriptions/{other}/{act}" for act in ("cancel", "keep", "reason")]
    sent = [await browser.post(path, token) for path in (*acts, f"{theirs}/undo", "/portal/changes/x/undo")]

    assert {(page.status, page.text) for page in (*pages, *sent)} == {
        (404, "That was not possible Not available here. Nothing was changed. Back to billing")
    }
    assert (await stands(portal, other))["state"] == "ACTIVE"


async def test_a_token_of_another_visit_opens_nothing(portal: Portal, held: str) -> None:
    stranger, _ = await portal.visit()
    browser, home = await portal.visit()
    confirm = home.button("CANCEL_AT_PERIOD_END").attributes["href"]
    stolen = (await stranger.get(confirm)).form("/cancel")[1]["csrf_token"]
    action, fields = (await browser.get(confirm)).form("/cancel")

    wrong = [
        await browser.post(action, fields | {"csrf_token": token})
        for token in (stolen, "", fields["csrf_token"][:-1], fields["csrf_token"].upper(), "é")
    ]
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    from_elsewhere = await browser.post(action, fields)

    assert [(page.status, page.title) for page in (*wrong, from_elsewhere)] == [(403, REFUSED)] * 6
    assert (await stands(portal, held))["state"] == "ACTIVE"


async def test_while_the_store_cannot_be_written_a_page_says_so(portal: Portal, held: str) -> None:
    browser, home = await portal.visit()
    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])
    store = portal.world.database._store  # pyright: ignore[reportPrivateUsage]  (nobody waits long here)
    assert isinstance(store, Sqlite)
    store._writer.patience = 0.05  # pyright: ignore[reportPrivateUsage]  (as above)

    async with portal.world.database.working():
        busy = await browser.send(confirm, "/cancel")

    assert (busy.status, busy.title, busy.response.headers["retry-after"]) == (503, REFUSED, "2")
    assert (await stands(portal, held))["state"] == "ACTIVE"
    assert (await browser.send(confirm, "/cancel")).title == CONFIRMED


async def test_wrong_methods_and_odd_paths_are_never_a_fault_of_ours(portal: Portal, held: str) -> None:
    browser, _ = await portal.visit()
    one = f"/portal/subscriptions/{held}"
    paths = ["/portal", "/portal/leave", f"{one}/cancel", f"{one}/keep", f"{one}/status", "/portal/a/b/c", "/portal//"]

    for path in paths:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = await browser.client.request(method, path, content=b"\xff" * 9)
            assert answer.status_code < 500, (method, path)

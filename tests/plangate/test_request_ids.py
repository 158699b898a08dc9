"""An event tells the request that asked for it, by the id that the answer and the log have too. (C15)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import structlog

from plangate.visits import Visits
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

CANCEL = """mutation($id: ID!, $key: String) { subscriptionCancel(input: {
  subscriptionId: $id, timing: END_OF_PERIOD, idempotencyKey: $key}) { __typename } }"""
CONSUME = """mutation($ref: CustomerRef!, $key: String!) { entitlementConsume(input: {
  customer: $ref, feature: "lfs_bandwidth", amount: "1", idempotencyKey: $key}) { __typename } }"""
EVENTS = """query($ref: CustomerRef!) { events(filter: {customer: $ref}, first: 100) { edges { node {
  type requestId cause } } } }"""
ACME = {"externalId": "acme"}


async def test_an_event_tells_its_request_and_what_time_brought_tells_none(database: Database) -> None:
    world = await World.begin(database)
    subscription = await world.subscribed("acme", "team", currency="USD", interval={"unit": "MONTH"})
    door = Visits(world.endpoint(), structlog.get_logger("tests"), world.clock, https=False)

    async def said(document: str, request_id: str | None = None, **variables: Any) -> str:
        headers = {"Authorization": f"Bearer {world.places['main'].secret}"}
        headers |= {"X-Request-Id": request_id} if request_id else {}
        transport = httpx2.ASGITransport(app=door)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            body = {"query": document, "variables": variables}
            answer = await client.post("/graphql", json=body, headers=headers)
        assert "errors" not in answer.json()
        named: str = answer.headers["x-request-id"]
        return named

    first = await said(CANCEL, "checkout-7:1", id=subscription, key="once")
    again = await said(CANCEL, "checkout-7:2", id=subscription, key="once")
    consumed = await said(CONSUME, ref=ACME, key="one")
    await world.advance(datetime(2024, 2, 2, tzinfo=UTC))

    events = (await world.ask(EVENTS, ref=ACME))["events"]["edges"]
    told = [(each["node"]["type"], each["node"]["requestId"], each["node"]["cause"]) for each in events]
    assert (first, again) == ("checkout-7:1", "checkout-7:2")
    assert consumed.startswith("req_")
    assert [each for each in told if each[0].startswith(("subscription.canc", "usage."))] == [
        ("subscription.cancellation_scheduled", "checkout-7:1", "REQUEST"),
        ("usage.consumed", consumed, "REQUEST"),
        ("subscription.canceled", None, "AUTOMATIC"),
    ]
    as_customer = await world.ask(EVENTS, key=await world.token("acme"), ref=ACME)
    assert {each["node"]["requestId"] for each in as_customer["events"]["edges"]} == {None}

"""Whatever an act of the schema changes, what memory would answer afterwards is what is read. (ADR 21)

The clock stands still, so that only the numbers of events can tell that something happened.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models.session import Database
from models.snapshots import Snapshots
from tests.resolvers.root_fields import ACTS, MANY
from tests.snapshots import Compared
from tests.steady import ABOUT_A_CUSTOMER, ABOUT_A_SUBSCRIPTION, ABOUT_THE_CATALOG, documents
from tests.world import World

if TYPE_CHECKING:
    from tests.resolvers.copies import FileScene
    from tests.resolvers.root_field import RootField
    from tests.resolvers.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASKED = """query($of: CustomerRef!) {
  entitlements(customer: $of, features: ["lfs_bandwidth", "lfs_storage", "saml_sso", "support"]) { featureKey }
  storage: entitlement(customer: $of, feature: "lfs_storage") { __typename }
  bandwidth: entitlement(customer: $of, feature: "lfs_bandwidth", resource: "b") { __typename }
  packages: entitlement(customer: $of, feature: "packages_transfer", resource: "c", requested: "1") { __typename }
  sso: entitlement(customer: $of, feature: "saml_sso") { __typename } }"""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+]00:00)")
INSTANTS = 15
"""So many of those that answers name are crossed."""
ONE = timedelta(microseconds=1)
RELEASE = "mutation($id: ID!) { reservationRelease(input: {id: $id}) { __typename } }"
OF_HOLDS = ("reservationRelease", "reservationSettle")
IN_A_ROW = sorted((*ACTS, *MANY), key=lambda each: each.name in ("entitlementReserve", "testClockAdvance"))
"""What a reservation holds something of is not kept: to hold comes last."""


async def ask(scene: Scene) -> None:
    """Ask about everybody whom an act may be about, and about somebody of another environment."""
    for customer in (scene.own.customer, scene.own.spare):
        await scene.world.ask(ASKED, of={"id": customer})
        for document in documents(ABOUT_A_CUSTOMER):
            await scene.world.ask(document, of={"id": customer})
    for document in documents(ABOUT_THE_CATALOG):
        await scene.world.ask(document)
    for document in documents(ABOUT_A_SUBSCRIPTION):
        await scene.world.ask(document, id=scene.own.plain)
    await scene.world.ask(ASKED, place="other", of={"externalId": "acme"})


async def refused(scene: Scene, act: RootField) -> bool:
    """Do it about what acme holds, or be refused."""
    answer: Any = await scene.world.post(act.document, **act.variables(scene.own))
    return answer["data"] is None or "code" in answer["data"][act.name]


async def test_after_every_act_memory_would_answer_what_is_read(scene: FileScene) -> None:
    """One act after another; one that those before have made impossible has the scene to itself."""
    compared = Compared.of(scene.world.database)
    await scene.world.ask(RELEASE, id=scene.own.reservation)
    await ask(scene)
    alone: list[RootField] = []
    for act in IN_A_ROW:
        if await refused(scene, act):
            alone.append(act)
        await ask(scene)
    in_a_row, changed, whole = compared.compared, compared.counts.changed, compared.whole
    for act in alone:
        scene.restore()
        if act.name not in OF_HOLDS:
            await scene.world.ask(RELEASE, id=scene.own.reservation)
        for _ in range(2):
            await ask(scene)
        assert not await refused(scene, act), act.name
        await ask(scene)
    assert len(alone) < 20, [each.name for each in alone]
    assert compared.compared > in_a_row > 300
    assert compared.whole > whole > 300
    assert changed > 40


async def test_time_alone_makes_of_whole_answers_what_is_read(scene: FileScene) -> None:
    """Just before, at and after every instant that an answer names, and once all that was due is made permanent."""
    world, own = scene.world, scene.own
    world.database.snapshots = memory = Snapshots(2**24, world.database._store, world.database.asked)
    await world.ask(RELEASE, id=own.reservation)
    none = Database(world.database.url, snapshot_bytes=0)
    contexts = replace(world.contexts, database=none)
    cold = World(none, world.clock, contexts, world.places, world.keys)
    asked: list[tuple[str, dict[str, Any]]] = [
        (document, {"of": {"id": own.customer}}) for document in documents(ABOUT_A_CUSTOMER)
    ]
    asked += [(document, {"id": own.planned}) for document in documents(ABOUT_A_SUBSCRIPTION)]

    async def alike() -> list[bytes]:
        told = [await world.body(document, **given) for document, given in asked]
        assert told == [await cold.body(document, **given) for document, given in asked]
        return told

    crossed: list[datetime] = []
    for _ in range(INSTANTS):
        for document, given in (*asked, *asked):
            await world.body(document, **given)
        present = (await world.context()).at
        named = {datetime.fromisoformat(each) for body in await alike() for each in INSTANT.findall(body.decode())}
        crossed.append(min(each for each in named if each > present + ONE))
        for at in (crossed[-1] - ONE, crossed[-1], crossed[-1] + ONE):
            await world.jump(at)
            await alike()
        if len(crossed) % 3 == 0:
            await world.advance(ONE)
            await alike()
    await none.close()
    assert world.endpoint()._answers.given > len(asked) * len(crossed)
    assert memory.bytes < memory.most

"""Whatever an act of the schema changes, what memory would answer afterwards is what is read. (ADR 21)

The clock stands still, so that only the numbers of events can tell that something happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.resolvers.root_fields import ACTS, MANY
from tests.snapshots import Compared

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
RELEASE = "mutation($id: ID!) { reservationRelease(input: {id: $id}) { __typename } }"
OF_HOLDS = ("reservationRelease", "reservationSettle")
IN_A_ROW = sorted((*ACTS, *MANY), key=lambda each: each.name in ("entitlementReserve", "testClockAdvance"))
"""What a reservation holds something of is not kept: to hold comes last."""


async def ask(scene: Scene) -> None:
    """Ask about everybody whom an act may be about, and about somebody of another environment."""
    for customer in (scene.own.customer, scene.own.spare):
        await scene.world.ask(ASKED, of={"id": customer})
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
    in_a_row, changed = compared.compared, compared.counts.changed
    for act in alone:
        scene.restore()
        if act.name not in OF_HOLDS:
            await scene.world.ask(RELEASE, id=scene.own.reservation)
        await ask(scene)
        assert not await refused(scene, act), act.name
        await ask(scene)
    assert len(alone) < 20, [each.name for each in alone]
    assert compared.compared > in_a_row > 300
    assert changed > 40

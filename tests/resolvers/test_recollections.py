"""Whatever an act of the schema writes, what the next consumption would take from memory is what it reads. (ADR 27)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.recollections import Compared
from tests.resolvers.root_fields import ACTS, MANY

if TYPE_CHECKING:
    from tests.resolvers.copies import FileScene
    from tests.resolvers.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONSUME = "mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) { __typename } }"
IN_A_ROW = sorted((*ACTS, *MANY), key=lambda each: each.name == "testClockAdvance")


async def use(scene: Scene) -> None:
    """Use a little of several features, of several resources."""
    for feature in ("lfs_bandwidth", "packages_transfer"):
        for resource in (None, "b"):
            wanted = {"customer": {"id": scene.own.customer}, "feature": feature, "resource": resource}
            asked = {**wanted, "amount": "0.001", "idempotencyKey": scene.world.fresh_key()}
            await scene.world.ask(CONSUME, input=asked)


async def test_after_every_act_a_consumption_would_take_what_it_reads(scene: FileScene) -> None:
    """The clock stands still, so that only sequences can tell that something was written."""
    compared = Compared.of_database(scene.world.database)
    await use(scene)
    for act in IN_A_ROW:
        answer: Any = await scene.world.post(act.document, **act.variables(scene.own))
        done = answer["data"] is not None and "code" not in answer["data"][act.name]
        before = compared.compared
        await use(scene)
        assert done or compared.compared > before, act.name
    assert compared.compared > 40

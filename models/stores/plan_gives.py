"""What versions of plans give, as lists show it: of each row only the columns that somebody asked for."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, select

from models.columns import MOST
from models.give_views import GiveView
from models.given import among, here, sent
from models.rows import Runner, records
from models.tables.base import table
from models.tables.catalog import FeatureRow, PlanEntitlementRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Select


GIVE = table(PlanEntitlementRow)
FEATURE = table(FeatureRow)
OF_FEATURE: Final = "feature."
"""What the names of a feature's columns begin with, among those of what is given."""

_view: Final = cast("Callable[[tuple[Any, Any]], GiveView]", partial(cast("Any", tuple).__new__, GiveView))
"""Make a view of its parts: by its own name it takes three times as long."""


class PlanGives:
    """What the plans of an environment give."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def of(self, version_ids: Sequence[str], columns: frozenset[str]) -> dict[str, list[GiveView]]:
        """List what versions give, each with its feature; of both only these columns are there, and the ids."""
        shown: dict[str, list[GiveView]] = {each: [] for each in version_ids}
        gives = await records(self._run, _gives(columns), {"ids": sent(version_ids)})
        given = {"env": self._env, "ids": sent({each.feature_id for each in gives})}
        features = {each.id: each for each in await records(self._run, _features(columns), given)} if gives else {}
        for each in gives:
            shown[each.plan_version_id].append(_view((each, features[each.feature_id])))
        return shown


@lru_cache(MOST)
def _gives(columns: frozenset[str]) -> Select[Any]:
    named = sorted(each for each in columns if not each.startswith(OF_FEATURE))
    read = [
        func.coalesce(GIVE.c[each], 0).label(each) if each == "rollover_minimum" else GIVE.c[each] for each in named
    ]
    listed = select(GIVE.c.plan_version_id, GIVE.c.feature_id, *read)
    return listed.where(among(GIVE.c.plan_version_id, "ids")).order_by(GIVE.c.position)


@lru_cache(MOST)
def _features(columns: frozenset[str]) -> Select[Any]:
    named = sorted(each.removeprefix(OF_FEATURE) for each in columns if each.startswith(OF_FEATURE))
    listed = select(FEATURE.c.id, *(FEATURE.c[each] for each in named))
    return listed.where(here(FEATURE.c.environment_id), among(FEATURE.c.id, "ids"))

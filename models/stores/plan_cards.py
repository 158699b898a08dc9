"""Versions of plans without their prices and what they give: what lists and other objects show of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, literal, or_, select

from models.columns import EVERYTHING, MOST, WHOLE
from models.given import among, here, sent
from models.rows import Runner, records, rows
from models.tables.base import table
from models.tables.catalog import PlanRow, PlanVersionRow
from models.types import Flag
from models.views import PlanCard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Select

PLAN = table(PlanRow)
VERSION = table(PlanVersionRow)
VERSIONS = select(
    *(PLAN.c.id, PLAN.c.key, PLAN.c.product_id, PLAN.c.add_on, PLAN.c.latest_version, PLAN.c.archived_at),
    VERSION.c.id.label("version_id"),
    *(column for column in VERSION.c if column.name not in ("id", "environment_id", "created_at")),
).join_from(PLAN, VERSION, VERSION.c.plan_id == PLAN.c.id)
VERSIONS_BY_ID = VERSIONS.where(here(PLAN.c.environment_id), among(VERSION.c.id, "ids"))
LATEST = VERSIONS.where(PLAN.c.environment_id == bindparam("env"), VERSION.c.version == PLAN.c.latest_version)
EVERY_PLAN = LATEST.order_by(PLAN.c.created_at, PLAN.c.id)
PLANS_BY_ID = LATEST.where(among(PLAN.c.id, "ids"))
PLANS_BY_KEY = LATEST.where(among(PLAN.c.key, "ids"))
NAMED = or_(PLAN.c.id == bindparam("of"), PLAN.c.key == bindparam("of"))
PLAN_NAMED = LATEST.where(NAMED)
PLAN_PINNED = VERSIONS.where(
    PLAN.c.environment_id == bindparam("env"), NAMED, VERSION.c.version == bindparam("version")
)
SOLD = LATEST.where(PLAN.c.archived_at.is_(None), PLAN.c.add_on == bindparam("add_ons"))
SHOWN = VERSION.c.hidden == literal(value=False, type_=Flag())
PLANS_OF = LATEST.where(
    PLAN.c.archived_at.is_(None),
    PLAN.c.add_on == literal(value=False, type_=Flag()),
    SHOWN,
    among(PLAN.c.product_id, "ids"),
)

ALWAYS: Final = frozenset({"id", "version_id", "key", "rank"})
"""What a list of plans is sorted by, and what belongs to each is found by."""
_COLUMNS: Final = {each.name: each for each in VERSIONS.selected_columns} | {
    "metadata": VERSION.c.labels.label("metadata")
}


@lru_cache(MOST)
def _on_sale(columns: frozenset[str], *, of_product: bool, hidden: bool) -> Select[Any]:
    listed = SOLD.where(PLAN.c.product_id == bindparam("product")) if of_product else SOLD
    listed = _only(columns, listed)
    return listed if hidden else listed.where(SHOWN)


@lru_cache(MOST)
def _versions(columns: frozenset[str]) -> Select[Any]:
    return _only(columns, VERSIONS_BY_ID)


def _only(columns: frozenset[str], listed: Select[Any]) -> Select[Any]:
    if WHOLE in columns:
        return listed
    return listed.with_only_columns(*[_COLUMNS[each] for each in sorted(columns | ALWAYS)])


class PlanCards:
    """The plans of an environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def on_sale(
        self,
        product_id: str | None = None,
        columns: frozenset[str] = EVERYTHING,
        *,
        add_ons: bool = False,
        hidden: bool = False,
    ) -> list[PlanCard]:
        """List the latest published versions, lowest rank first; only these columns are there."""
        listed = _on_sale(columns, of_product=product_id is not None, hidden=hidden)
        return _by_rank(await self._with(columns, listed, add_ons=add_ons, product=product_id))

    async def of_products(self, product_ids: Sequence[str]) -> dict[str, list[PlanCard]]:
        """List the plans on sale of several products, each as `on_sale` lists them."""
        found: dict[str, list[PlanCard]] = {each: [] for each in product_ids}
        for plan in _by_rank(await self._found(PLANS_OF, ids=sent(product_ids))):
            found[plan.product_id].append(plan)
        return found

    async def every(self) -> list[PlanCard]:
        """List the latest version of every plan and add-on, hidden and archived ones too, in the order of making."""
        return await self._found(EVERY_PLAN)

    async def named(self, ref: str, version: int | None = None) -> PlanCard | None:
        """Find a plan by id or key: its latest published version, or the one that is pinned."""
        found = await self._found(PLAN_NAMED if version is None else PLAN_PINNED, of=ref, version=version)
        return found[0] if found else None

    async def by_id(self, ids: Sequence[str]) -> dict[str, PlanCard]:
        """Find the latest published version of plans."""
        return {plan.id: plan for plan in await self._found(PLANS_BY_ID, ids=sent(ids))}

    async def by_key(self, keys: Sequence[str]) -> dict[str, PlanCard]:
        """Find the latest published version of plans by key."""
        return {plan.key: plan for plan in await self._found(PLANS_BY_KEY, ids=sent(keys))}

    async def versions(self, ids: Sequence[str], columns: frozenset[str] = EVERYTHING) -> dict[str, PlanCard]:
        """Find plan versions; only these columns are there."""
        found = await self._with(columns, _versions(columns), ids=sent(ids))
        return {plan.version_id: plan for plan in found}

    async def _with(self, columns: frozenset[str], statement: Select[Any], **given: object) -> list[PlanCard]:
        if WHOLE in columns:
            return await self._found(statement, **given)
        return await records(self._run, statement, {"env": self._env, **given})

    async def _found(self, statement: Select[Any], **given: object) -> list[PlanCard]:
        return [plan_card(each) for each in await rows(self._run, statement, {"env": self._env, **given})]


def plan_card(found: Mapping[str, Any]) -> PlanCard:
    """Read one version of a plan."""
    return PlanCard(
        id=found["id"],
        version_id=found["version_id"],
        version=found["version"],
        latest_version=found["latest_version"],
        key=found["key"],
        product_id=found["product_id"],
        name=found["name"],
        description=found["description"],
        kind=found["kind"],
        rank=found["rank"],
        add_on=found["add_on"],
        trial_days=found["trial_days"],
        instalments=found["instalments"],
        access_after_completion=found["access_after_completion"],
        hidden=found["hidden"],
        includes=tuple(found["includes"]),
        add_on_keys=tuple(found["add_on_keys"]),
        metadata=found["labels"],
        base=found["base_plan"],
        published_at=found["published_at"],
        archived_at=found["archived_at"],
    )


def _by_rank(plans: list[PlanCard]) -> list[PlanCard]:
    """Sort plans by rank, those of equal rank by key; here, as a database's own collation differs from another's."""
    return sorted(plans, key=lambda plan: (plan.rank, plan.key))

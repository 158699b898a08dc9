"""What speaks about a customer's features: subscriptions, allowances and overrides, as of any instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import bindparam, exists, or_, select, union, update

from billing.entitlements.sources import Allowance, Give, Sources, Speaking
from models.rows import Runner, add, even, row, rows, tuples
from models.stores.catalog import GIVE, GIVEN, engine_feature
from models.stores.due import due_of
from models.stores.giving import GivenPlan, source_of
from models.stores.lives import AsOf
from models.stores.overriding import overrides_at
from models.stores.plan_cards import PLAN, VERSION
from models.stores.reservations import HELD_OF_GRANTS, R
from models.stores.steady import subscribed_of
from models.sums import halves_of, whole
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import GrantRow, OverrideRow, UsageBurnRow
from models.tables.subscription import SubscriptionHistoryRow, SubscriptionRow
from models.types import Instant, Text
from models.views import GrantView, OverrideView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Override
    from models.reading import Part
    from models.stores.giving import Holding, Subscription
    from models.views import FeatureView

C = table(CustomerRow)
G = table(GrantRow)
O = table(OverrideRow)  # noqa: E741  (beside G and B)
B = table(UsageBurnRow)
_FEATURES = bindparam("features", type_=Text(), expanding=True)
_VERSIONS = bindparam("versions", type_=Text(), expanding=True)
_CUSTOMERS = bindparam("customers", type_=Text(), expanding=True)
_EARLIEST = bindparam("earliest", type_=Instant)
_LATEST = bindparam("latest", type_=Instant)
GIVEN_BY = (
    select(VERSION.c.id, PLAN.c.key, VERSION.c.version, VERSION.c.rank, *GIVEN)
    .select_from(
        VERSION.join(PLAN, PLAN.c.id == VERSION.c.plan_id).outerjoin(
            GIVE, (GIVE.c.plan_version_id == VERSION.c.id) & GIVE.c.feature_id.in_(_FEATURES)
        )
    )
    .where(VERSION.c.id.in_(_VERSIONS))
)
_FEATURE_ID = 4
_GIVE: Final[tuple[Part, ...]] = ((_FEATURE_ID, _FEATURE_ID + len(Give._fields), Give),)
FEW = select(C.c.id, *(exists().where(of.c.customer_id == C.c.id) for of in (O, G, R))).where(C.c.id.in_(_CUSTOMERS))
GRANTS_DUE, OVERRIDES_DUE = due_of(G), due_of(O)
ALLOWANCES = (
    select(G)
    .where(G.c.customer_id.in_(_CUSTOMERS), G.c.feature_id.in_(_FEATURES), G.c.created_at <= _LATEST)
    .where(or_(G.c.revoked_at.is_(None), G.c.revoked_at > _EARLIEST))
    .order_by(G.c.created_at, G.c.id)
)
OVERRIDES = (
    select(O)
    .where(O.c.customer_id.in_(_CUSTOMERS), O.c.feature_id.in_(_FEATURES), O.c.created_at <= _LATEST)
    .where(or_(O.c.cleared_at.is_(None), O.c.cleared_at > _EARLIEST, O.c.starts_at > _EARLIEST))
    .order_by(O.c.created_at, O.c.id)
)
_FACTS, _SUBSCRIBED = table(SubscriptionHistoryRow), table(SubscriptionRow)
TURNS = union(
    select(_FACTS.c.since).where(_FACTS.c.customer_id == bindparam("customer")),
    select(_SUBSCRIBED.c.access_until).where(_SUBSCRIBED.c.customer_id == bindparam("customer")),
    *(
        select(each).where(O.c.customer_id == bindparam("customer"), O.c.feature_id.in_(_FEATURES))
        for each in (O.c.created_at, O.c.starts_at, O.c.ends_at, O.c.cleared_at)
    ),
)


class Few(NamedTuple):
    """Of customers, those who ever had an override, a grant or a reservation: only they are asked for them."""

    overridden: frozenset[str]
    granted: frozenset[str]
    reserving: frozenset[str]


class Entitlements:
    """The sources of entitlements of one environment; `present` is the instant up to which the rows are true."""

    def __init__(self, run: Runner, environment_id: str, present: datetime) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._present = present

    async def sources(
        self,
        customer: Holding,
        features: Sequence[FeatureView],
        at: datetime,
        lives: Sequence[Subscription] | None = None,
    ) -> dict[str, Sources]:
        """Gather what speaks about each feature, by feature id; `lives` stand in for the subscriptions as they are."""
        stand_in = None if lives is None else {AsOf(customer.id, at): lives}
        speaking = (await self.speaking_of([customer], features, at, stand_in))[customer.id]
        return {feature.id: speaking.about(feature.id) for feature in features}

    async def speaking_of(
        self,
        customers: Sequence[Holding],
        features: Sequence[FeatureView],
        at: datetime,
        lives: Mapping[AsOf, Sequence[Subscription]] | None = None,
        few: Few | None = None,
    ) -> dict[str, Speaking]:
        """Gather what speaks about the features of each customer, by customer id."""
        moments = [(customer, at) for customer in customers]
        standing = await self.standing_of(moments, features, lives, few)
        granted = [each.id for each in customers if few is None or each.id in few.granted]
        allowances = await self._allowances(granted, [each.id for each in features], at)
        for (customer_id, id_), given in allowances.items():
            standing[customer_id, at].allowances[id_] = tuple(given)
        return {customer.id: standing[customer.id, at] for customer in customers}

    async def standing_of(
        self,
        moments: Sequence[tuple[Holding, datetime]],
        features: Sequence[FeatureView],
        lives: Mapping[AsOf, Sequence[Subscription]] | None = None,
        few: Few | None = None,
    ) -> dict[tuple[str, datetime], Speaking]:
        """Gather what stands without allowances: subscriptions and overrides, of each customer at its own instant."""
        asked = [AsOf(customer.id, at) for customer, at in moments]
        if lives is None:
            lives = await subscribed_of(self._run, self._env, self._present, asked)
        ids = [feature.id for feature in features]
        versions = {
            item.plan_version_id for of in lives.values() for _, _, subscribed in of for item in subscribed.items
        }
        plans = await self.given(versions, ids)
        overridden = [each for each in asked if few is None or each.customer_id in few.overridden]
        overrides = await self._overrides(overridden, ids)
        known = {feature.id: engine_feature(feature) for feature in features}
        standing: dict[tuple[str, datetime], Speaking] = {}
        for customer, at in moments:
            speaking = tuple([source_of(life, plans, at) for life in lives[AsOf(customer.id, at)]])
            archived = customer.archived_at is not None and customer.archived_at <= at
            standing[customer.id, at] = Speaking(known, speaking, archived)
        for (customer_id, at), of in standing.items() if overrides else ():
            for id_ in ids:
                if (customer_id, id_) in overrides:
                    of.overrides[id_] = overrides_at(overrides[customer_id, id_], at, past=at < self._present)
        return standing

    async def allowances(self, customer_id: str, feature_id: str, at: datetime) -> tuple[Allowance, ...]:
        """Read what was given on top to one customer of one feature."""
        return tuple((await self._allowances([customer_id], [feature_id], at)).get((customer_id, feature_id), ()))

    async def overrides(self, customer_id: str, feature_id: str, at: datetime) -> tuple[Override, ...]:
        """Read what stands in place of everything else for one customer and one feature."""
        found = await self._overrides([AsOf(customer_id, at)], [feature_id])
        return overrides_at(found.get((customer_id, feature_id), ()), at, past=False)

    async def turns(self, customer_id: str, feature_ids: Sequence[str]) -> list[datetime]:
        """List, in order, the instants from which subscriptions or overrides may speak otherwise than before."""
        found = await rows(self._run, TURNS, {"customer": customer_id, "features": feature_ids})
        return sorted(instant for each in found if (instant := each["since"]) is not None)

    async def given(self, version_ids: set[str], feature_ids: Sequence[str]) -> dict[str, GivenPlan]:
        """Read what plan versions give of these features."""
        if not version_ids:
            return {}
        plans: dict[str, GivenPlan] = {}
        gives: dict[str, dict[str, Give]] = {each: {} for each in version_ids}
        asked = {"versions": even(version_ids), "features": even(feature_ids)}
        answer = await self._run.execute(GIVEN_BY, asked)
        (give_of,) = answer.reading.parts(_GIVE)
        for each in answer.found:
            id_, feature_id = each[0], each[_FEATURE_ID]
            of = gives[id_]
            if id_ not in plans:
                plans[id_] = GivenPlan(each[1], each[2], each[3], of)
            if feature_id is not None:
                of[feature_id] = give_of(each)
        return plans

    async def few(self, customer_ids: Sequence[str]) -> Few:
        """Tell which of these customers have what few have."""
        found = await tuples(self._run, FEW, {"customers": even(customer_ids)})
        return Few(*(frozenset(each[0] for each in found if each[place]) for place in (1, 2, 3)))

    async def grants_of(
        self, customer_ids: Sequence[str], feature_id: str | None, *, ended: bool
    ) -> dict[str, list[GrantView]]:
        """List the grants of several customers, oldest first; ended ones only if asked for."""
        listed = select(G).where(G.c.customer_id.in_(customer_ids), G.c.environment_id == self._env)
        if feature_id is not None:
            listed = listed.where(G.c.feature_id == feature_id)
        if not ended:
            unexpired = or_(G.c.expires_at.is_(None), G.c.expires_at > self._present)
            listed = listed.where(G.c.revoked_at.is_(None), unexpired)
        found: dict[str, list[GrantView]] = {each: [] for each in customer_ids}
        for each in await rows(self._run, listed.order_by(G.c.created_at, G.c.id)):
            found[each["customer_id"]].append(grant_view(each))
        return found

    async def grant(self, grant_id: str) -> GrantView | None:
        """Find a grant."""
        found = await row(self._run, select(G).where(G.c.id == grant_id, G.c.environment_id == self._env))
        return grant_view(found) if found else None

    async def add_grant(self, grant: GrantRow) -> None:
        """Keep a new grant."""
        await add(self._run, grant)

    async def revoke_grant(self, grant_id: str, at: datetime) -> None:
        """End a grant now."""
        await self._run.execute(update(G).where(G.c.id == grant_id).values(revoked_at=at, due_at=None))

    async def burn_grant(self, grant_id: str, amount: int) -> None:
        """Take an amount from a grant; a negative one goes back to it."""
        await self._run.execute(update(G).where(G.c.id == grant_id).values(used=G.c.used + amount))

    async def overrides_of(self, customer_ids: Sequence[str], feature_id: str | None) -> dict[str, list[OverrideView]]:
        """List the overrides that are set for several customers and have not ended."""
        listed = select(O).where(
            O.c.customer_id.in_(customer_ids),
            O.c.environment_id == self._env,
            or_(O.c.cleared_at.is_(None), O.c.cleared_at > self._present),
            or_(O.c.ends_at.is_(None), O.c.ends_at > self._present),
        )
        if feature_id is not None:
            listed = listed.where(O.c.feature_id == feature_id)
        found: dict[str, list[OverrideView]] = {each: [] for each in customer_ids}
        for each in await rows(self._run, listed.order_by(O.c.created_at, O.c.id)):
            found[each["customer_id"]].append(override_view(each))
        return found

    async def override(self, override_id: str) -> OverrideView | None:
        """Find an override; one whose end has come is told as cleared then."""
        found = await row(self._run, select(O).where(O.c.id == override_id, O.c.environment_id == self._env))
        if found is None:
            return None
        over = found["cleared_at"] is None and found["ends_at"] is not None and found["ends_at"] <= self._present
        return override_view({**found, "cleared_at": found["ends_at"]} if over else found)

    async def overrides_set(self, customer_id: str, feature_id: str, resource: str) -> list[OverrideView]:
        """List what stands or will for a feature and resource, soonest first; each gives way to the next."""
        named = (O.c.customer_id == customer_id, O.c.feature_id == feature_id, O.c.resource == resource)
        standing = or_(O.c.cleared_at.is_(None), O.c.cleared_at > self._present)
        listed = select(O).where(*named, O.c.environment_id == self._env, standing).order_by(O.c.starts_at, O.c.id)
        return [override_view(found) for found in await rows(self._run, listed)]

    async def add_override(self, override: OverrideRow) -> None:
        """Keep a new override."""
        await add(self._run, override)

    async def clear_override(self, override_id: str, at: datetime) -> None:
        """Take an override away now, or let it stand until then; its end is then due."""
        due_at = at if at > self._present else None
        await self._run.execute(update(O).where(O.c.id == override_id).values(cleared_at=at, due_at=due_at))

    async def due(self, customer_id: str, until: datetime) -> tuple[list[GrantView], list[OverrideView]]:
        """List a customer's grants and overrides whose end has come and was not noted."""
        given = {"customer": customer_id, "until": until}
        grants, overrides = await rows(self._run, GRANTS_DUE, given), await rows(self._run, OVERRIDES_DUE, given)
        return [grant_view(each) for each in grants], [override_view(each) for each in overrides]

    async def settle_grant(self, grant_id: str) -> None:
        """Note that a grant's end was seen."""
        await self._run.execute(update(G).where(G.c.id == grant_id).values(due_at=None))

    async def settle_override(self, override_id: str, at: datetime) -> None:
        """Note that an override's end was seen; another may be set in its place."""
        await self._run.execute(update(O).where(O.c.id == override_id).values(due_at=None, cleared_at=at))

    async def _allowances(
        self, customer_ids: Sequence[str], feature_ids: Sequence[str], at: datetime
    ) -> dict[tuple[str, str], list[Allowance]]:
        """Read what was given on top, by customer and feature, with what was used and is held of it as of `at`."""
        if not customer_ids:
            return {}
        found = await rows(self._run, ALLOWANCES, _given([AsOf(each, at) for each in customer_ids], feature_ids))
        ids = [each["id"] for each in found]
        burned = await self._burned(ids, at) if ids and at < self._present else None
        held = await self._held(ids, at) if ids else {}
        allowances: dict[tuple[str, str], list[Allowance]] = {}
        for each in found:
            used = each["used"] if burned is None else burned.get(each["id"], 0)
            about = (each["customer_id"], each["feature_id"])
            allowances.setdefault(about, []).append(_allowance(each, used, held.get(each["id"], 0)))
        return allowances

    async def _held(self, grant_ids: Sequence[str], at: datetime) -> dict[str, int]:
        found = await rows(self._run, HELD_OF_GRANTS, {"grants": even(grant_ids), "at": at})
        return {each["grant_id"]: int(each["amount"]) for each in found}

    async def _burned(self, grant_ids: Sequence[str], at: datetime) -> dict[str, int]:
        high, low = halves_of(B.c.amount)
        wanted = select(B.c.grant_id, high.label("high"), low.label("low")).group_by(B.c.grant_id)
        found = await rows(self._run, wanted.where(B.c.grant_id.in_(grant_ids), B.c.occurred_at <= at))
        return {each["grant_id"]: whole(each["high"], each["low"]) for each in found}

    async def _overrides(
        self, asked: Sequence[AsOf], feature_ids: Sequence[str]
    ) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        """Read the rows that any of these instants may meet, by customer and feature."""
        overrides: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for each in await rows(self._run, OVERRIDES, _given(asked, feature_ids)) if asked else ():
            overrides.setdefault((each["customer_id"], each["feature_id"]), []).append(each)
        return overrides


def _given(asked: Sequence[AsOf], feature_ids: Sequence[str]) -> dict[str, object]:
    instants = [each.at for each in asked]
    customers = even({each.customer_id for each in asked})
    return {"customers": customers, "features": feature_ids, "earliest": min(instants), "latest": max(instants)}


def grant_view(found: Mapping[str, Any]) -> GrantView:
    """Read a grant."""
    return GrantView(
        id=found["id"],
        customer_id=found["customer_id"],
        feature_id=found["feature_id"],
        resource=found["resource"],
        kind=found["kind"],
        amount=found["amount"],
        used=found["used"],
        value=found["value"],
        priority=found["priority"],
        starts_at=found["starts_at"],
        expires_at=found["expires_at"],
        revoked_at=found["revoked_at"],
        reason=found["reason"],
        created_at=found["created_at"],
    )


def override_view(found: Mapping[str, Any]) -> OverrideView:
    """Read an override."""
    return OverrideView(
        id=found["id"],
        customer_id=found["customer_id"],
        feature_id=found["feature_id"],
        resource=found["resource"],
        revoked=found["revoked"],
        limit=found["limit"],
        hard=found["hard"],
        value=found["value"],
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        cleared_at=found["cleared_at"],
        reason=found["reason"],
        created_at=found["created_at"],
    )


def _allowance(found: Mapping[str, Any], used: int, held: int) -> Allowance:
    return Allowance(
        id=found["id"],
        resource=found["resource"],
        kind=found["kind"],
        amount=found["amount"],
        used=used,
        priority=found["priority"],
        starts_at=found["starts_at"],
        created_at=found["created_at"],
        expires_at=found["expires_at"],
        value=found["value"],
        held=held,
    )

"""Environments, their policies, keys and token signing keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, update

from billing.invoicing.settings import policy_of
from billing.policies import CancellationMode, SelfServicePolicy
from models.choices import PolicyScope
from models.rows import Runner, add, changed, row, rows, value
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.environment import ApiKeyRow, EnvironmentRow, PolicyRow, RevokedTokenRow, SequenceRow, SigningKeyRow
from models.views import ApiKeyView, EnvironmentView, SigningKeyView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from billing.invoicing.policy import BillingPolicy
    from models.choices import KeyKind
    from models.reading import Part

C = table(CustomerRow)
E = table(EnvironmentRow)
K = table(ApiKeyRow)
Q = table(SequenceRow)
S = table(SigningKeyRow)
R = table(RevokedTokenRow)
P = table(PolicyRow)
CLOCK = select(E.c.clock_at, E.c.clock_target).where(E.c.id == bindparam("of"))
CLOCK_HELD = CLOCK.with_for_update()
KEY_BY_DIGEST = select(K).where(K.c.digest == bindparam("of"))
_SEEN = [E.c[name] for name in EnvironmentView._fields]
_OF_SECRET = [K.c.id.label("key_id"), K.c.kind.label("key_kind"), K.c.scopes, K.c.revoked_at, Q.c.seq]
OPENED = (
    select(*_OF_SECRET, *_SEEN)
    .select_from(K)
    .join(E, E.c.id == K.c.environment_id)
    .join(Q, Q.c.owner_id == E.c.id)
    .where(K.c.digest == bindparam("of"))
)
_OF_KEY = [S.c.id.label("kid"), S.c.environment_id, S.c.public, S.c.private_encrypted]
_OF_CUSTOMER = [C.c.id.label("customer_id"), C.c.archived_at, C.c.tokens_not_before]
SIGNED = (
    select(*_OF_KEY, *_OF_CUSTOMER, R.c.jti.label("revoked"), *_SEEN)
    .select_from(S)
    .join(E, E.c.id == S.c.environment_id)
    .outerjoin(C, (C.c.id == bindparam("customer")) & (C.c.environment_id == S.c.environment_id))
    .outerjoin(R, (R.c.environment_id == S.c.environment_id) & (R.c.jti == bindparam("jti")))
    .where(S.c.id == bindparam("kid"), S.c.retired_at.is_(None))
)
BILLING = select(E.c.billing).where(E.c.id == bindparam("of"))
BY_ID = select(E).where(E.c.id == bindparam("of"))


class Opened(NamedTuple):
    """What a presented key is, and the environment that it opens, where its sequence stood at `seq`."""

    key_id: str
    kind: KeyKind
    scopes: frozenset[str]
    revoked_at: datetime | None
    environment: EnvironmentView
    seq: int


class Signed(NamedTuple):
    """What a customer token that names a key has to be held against."""

    key: SigningKeyView
    environment: EnvironmentView
    customer_known: bool
    archived_at: datetime | None
    tokens_not_before: datetime | None
    revoked: bool


class Environments:
    """Worlds by id or key; not bound to one environment, because credentials are looked up before one is known."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection."""
        self._run = run

    async def by_id(self, environment_id: str) -> EnvironmentView | None:
        """Find by id."""
        found = await row(self._run, BY_ID, {"of": environment_id})
        return _environment(found) if found else None

    async def by_key(self, key: str) -> EnvironmentView | None:
        """Find by key."""
        found = await row(self._run, select(E).where(E.c.key == key))
        return _environment(found) if found else None

    async def every(self) -> list[EnvironmentView]:
        """List all, oldest first."""
        return [_environment(found) for found in await rows(self._run, select(E).order_by(E.c.created_at, E.c.id))]

    async def kept_since(self, environment_id: str) -> datetime:
        """Answer since when this environment keeps what happened."""
        since: datetime = await value(self._run, select(E.c.created_at).where(E.c.id == environment_id))
        return since

    async def add(self, environment: EnvironmentRow, policy: PolicyRow) -> None:
        """Keep a new environment with its policy and its own sequence."""
        await add(self._run, environment)
        await add(self._run, policy, SequenceRow(owner_id=environment.id, environment_id=environment.id))

    async def update(self, environment_id: str, values: Mapping[str, Any]) -> None:
        """Set columns of an environment."""
        await self._run.execute(update(E).where(E.c.id == environment_id).values(**values))

    async def billing(self, environment_id: str) -> BillingPolicy:
        """Read how an environment bills; nothing set is the shipped policy."""
        return policy_of(await value(self._run, BILLING, {"of": environment_id}) or {})

    async def grace_days(self, environment_id: str) -> int:
        """How many days a subscription that is past due gives access."""
        return int(await value(self._run, select(E.c.grace_days).where(E.c.id == environment_id)))

    async def policy(self, environment_id: str) -> SelfServicePolicy:
        """Find the environment's self-service policy."""
        found = await row(
            self._run,
            select(P).where(P.c.environment_id == environment_id, P.c.scope == PolicyScope.ENVIRONMENT),
        )
        if found is None:
            return SelfServicePolicy()
        return SelfServicePolicy(
            allow_cancel=found["allow_cancel"],
            allow_change=found["allow_change"],
            mode=CancellationMode(found["mode"]),
            instructions=found["instructions"],
            allow_instalment_cancel=found["allow_instalment_cancel"],
        )

    async def set_policy(self, environment_id: str, policy: SelfServicePolicy) -> None:
        """Replace the environment's self-service policy."""
        await self._run.execute(
            update(P)
            .where(P.c.environment_id == environment_id, P.c.scope == PolicyScope.ENVIRONMENT)
            .values(
                allow_cancel=policy.allow_cancel,
                allow_change=policy.allow_change,
                mode=policy.mode,
                instructions=policy.instructions,
                allow_instalment_cancel=policy.allow_instalment_cancel,
            ),
        )

    async def clock(self, environment_id: str, *, hold: bool = False) -> tuple[datetime | None, datetime | None]:
        """Read a test clock: where it stands, and where it is being advanced to; `hold` keeps it there until commit."""
        found = await row(self._run, CLOCK_HELD if hold else CLOCK, {"of": environment_id})
        return (found["clock_at"], found["clock_target"]) if found else (None, None)

    async def aim_clock(self, environment_id: str, target: datetime) -> None:
        """Give a test clock an instant to be walked to, from wherever it stands by now."""
        await self._run.execute(
            update(E).where(E.c.id == environment_id, E.c.clock_at <= target).values(clock_target=target),
        )

    async def set_clock(
        self, environment_id: str, at: datetime, target: datetime | None, *, aimed: datetime | None = None
    ) -> bool:
        """Move a test clock; it never goes back. False where it stands later, or is not `aimed` there any more."""
        there = [E.c.clock_target == aimed] if aimed is not None else []
        moved = update(E).where(E.c.id == environment_id, E.c.clock_at <= at, *there)
        return await changed(self._run, moved.values(clock_at=at, clock_target=target)) == 1


class Keys:
    """API keys, token signing keys and revoked tokens."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection."""
        self._run = run

    async def by_digest(self, digest: str) -> ApiKeyView | None:
        """Find the key that a presented secret belongs to."""
        found = await row(self._run, KEY_BY_DIGEST, {"of": digest})
        return _key(found) if found else None

    async def opened_by(self, digest: str) -> Opened | None:
        """Find the key that a presented secret belongs to, and its environment."""
        answer = await self._run.execute(OPENED, {"of": digest})
        if not answer.found:
            return None
        secret_of, environment_of = answer.reading.parts(_PARTS)
        key_id, kind, scopes, revoked_at, seq = secret_of(answer.found[0])
        return Opened(key_id, kind, frozenset(scopes), revoked_at, environment_of(answer.found[0]), seq)

    async def by_id(self, environment_id: str, key_id: str) -> ApiKeyView | None:
        """Find a key of an environment."""
        found = await row(self._run, select(K).where(K.c.id == key_id, K.c.environment_id == environment_id))
        return _key(found) if found else None

    async def every(self, environment_id: str) -> list[ApiKeyView]:
        """List an environment's keys, oldest first."""
        listed = select(K).where(K.c.environment_id == environment_id).order_by(K.c.created_at, K.c.id)
        return [_key(found) for found in await rows(self._run, listed)]

    async def add(self, key: ApiKeyRow) -> None:
        """Keep a new key's digest."""
        await add(self._run, key)

    async def revoke(self, key_id: str, at: datetime) -> None:
        """Stop a key; a second time changes nothing."""
        await self._run.execute(update(K).where(K.c.id == key_id, K.c.revoked_at.is_(None)).values(revoked_at=at))

    async def signing_key(self, environment_id: str) -> SigningKeyView | None:
        """Find the key that signs an environment's tokens today."""
        newest = (
            select(S)
            .where(S.c.environment_id == environment_id, S.c.retired_at.is_(None))
            .order_by(S.c.created_at.desc(), S.c.id)
        )
        found = await row(self._run, newest.limit(1))
        return _signing_key(found) if found else None

    async def signed_by(self, kid: str, customer_id: str, jti: str) -> Signed | None:
        """Find the key that a token names, and what there is of the customer and the id that it tells."""
        found = await row(self._run, SIGNED, {"kid": kid, "customer": customer_id, "jti": jti})
        if found is None:
            return None
        key = SigningKeyView(found["kid"], found["environment_id"], found["public"], found["private_encrypted"])
        known, revoked = found["customer_id"] is not None, found["revoked"] is not None
        at, not_before = found["archived_at"], found["tokens_not_before"]
        return Signed(key, _environment(found), known, at, not_before, revoked)

    async def add_signing_key(self, key: SigningKeyRow) -> None:
        """Keep a new signing key."""
        await add(self._run, key)

    async def revoke_token(self, token: RevokedTokenRow) -> None:
        """Remember that a token was revoked."""
        if not await self.token_revoked(token.environment_id, token.jti):
            await add(self._run, token)

    async def token_revoked(self, environment_id: str, jti: str) -> bool:
        """Whether a token of an environment was revoked by its id."""
        of = (R.c.environment_id == environment_id, R.c.jti == jti)
        return await value(self._run, select(R.c.jti).where(*of)) is not None

    async def forget_tokens(self, before: datetime) -> int:
        """Forget revocations of tokens that have expired anyway."""
        return await changed(self._run, delete(R).where(R.c.expires_at < before))


def _environment(found: Mapping[str, Any]) -> EnvironmentView:
    return _seen(*(found[name] for name in EnvironmentView._fields))


def _seen(*found: Any) -> EnvironmentView:  # noqa: ANN401  (columns of any type)
    *plain, zone, locale, clock_at, clock_target, days, require_actor, return_urls, widgets = found
    rest = (clock_at, clock_target, days, require_actor, tuple(return_urls), widgets)
    return EnvironmentView._make((*plain, ZoneInfo(zone), locale, *rest))


_PARTS: Final[tuple[Part, ...]] = (
    (0, len(_OF_SECRET), tuple),
    (len(_OF_SECRET), len(_OF_SECRET) + len(_SEEN), _seen),
)


def _key(found: Mapping[str, Any]) -> ApiKeyView:
    return ApiKeyView(
        id=found["id"],
        environment_id=found["environment_id"],
        kind=found["kind"],
        name=found["name"],
        hint=found["hint"],
        scopes=tuple(found["scopes"]),
        created_at=found["created_at"],
        revoked_at=found["revoked_at"],
    )


def _signing_key(found: Mapping[str, Any]) -> SigningKeyView:
    return SigningKeyView(
        id=found["id"],
        environment_id=found["environment_id"],
        public=found["public"],
        private_encrypted=found["private_encrypted"],
    )

"""Who is asking: from a request's headers to the context of a call.

A secret key, a publishable key or a customer token stands behind `Authorization: Bearer`; without one the call is the
public's. Whatever is wrong is refused as CREDENTIAL_INVALID, _EXPIRED or _REVOKED, without saying more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from billing.lifecycle import Channel
from models.choices import KeyKind
from models.snapshots import NOTHING, Name, Read, Stand
from models.stores.environments import Environments, Keys
from plangate.http.problems import CredentialProblem
from plangate.tokens import invalid, revoked
from resolvers.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.rows import Runner
    from models.stores.environments import Opened, Signed
    from models.views import EnvironmentView
    from plangate.contexts import Contexts
    from plangate.http.head import Head
    from plangate.tokens import Claims, Presented
    from resolvers.context import Context

SECRET_PREFIX: Final = "sk_"  # noqa: S105  (what a secret begins with)
PUBLISHABLE_PREFIX: Final = "pk_"
KEY_PREFIXES: Final = (SECRET_PREFIX, PUBLISHABLE_PREFIX)
_KINDS: Final = {KeyKind.SECRET: PrincipalKind.SECRET, KeyKind.PUBLISHABLE: PrincipalKind.PUBLISHABLE}
_PUBLIC: Final = Principal(PrincipalKind.PUBLIC)


class _Holder(NamedTuple):
    """Whom a key makes of who sends it, and where."""

    principal: Principal
    environment: EnvironmentView


class Doorkeeper:
    """Makes the context of a request, or raises `CredentialProblem`."""

    def __init__(self, contexts: Contexts, public_environment: str | None) -> None:
        """Without a credential show the catalog of `public_environment`, a key; None shows nothing."""
        self._contexts = contexts
        self._public_environment = public_environment

    async def identify(self, head: Head) -> Context:
        """Look at the credential. The real clock is read once, here."""
        now = self._contexts.clock.now()
        credential = _credential(head)
        if credential is None:
            return await self._public(now)
        if credential.startswith(KEY_PREFIXES):
            return await self._by_key(self._contexts.secrets.digest(credential), now)
        said = self._contexts.tokens.read(credential)
        return await self._contexts.database.asked(
            lambda run: self._by_token(run, said, head, now), brief=True, alone=True
        )

    def known(self, head: Head, now: datetime) -> EnvironmentView | None:
        """Say where a key acts, if that is in memory and certain at once; None where it has to be looked at."""
        credential = _bearer(head.all(b"authorization"))
        if credential is None or not credential.startswith(KEY_PREFIXES):
            return None
        digest = self._contexts.secrets.digest(credential)
        kept: Read[_Holder] | None = self._contexts.database.keys.known(Name("", None, digest), digest, now)
        return kept.answer.environment if kept is not None else None

    async def _public(self, now: datetime) -> Context:
        environment, public = None, self._public_environment
        if public is not None:
            environment = await self._contexts.database.asked(lambda run: Environments(run).by_key(public), brief=True)
        return self._contexts.make(_PUBLIC, environment, now=now)

    async def _by_key(self, digest: str, now: datetime) -> Context:
        holder = await self._holder(digest, now)
        return self._contexts.make(holder.principal, holder.environment, now=now)

    async def _holder(self, digest: str, now: datetime) -> _Holder:
        """Find whom a key makes of who sends it: in memory, while nothing happened in its environment.

        What is not so for good is not kept: an environment's test clock moves, and no event tells it.
        """
        database, name = self._contexts.database, Name("", None, digest)
        look = await database.keys.look(name)
        kept: Read[_Holder] | None = look.find(name, digest, now)
        if kept is not None:
            return kept.answer
        opened = await database.asked(lambda run: Keys(run).opened_by(digest), brief=True, alone=True)
        holder = _held(opened)
        if look is not NOTHING and opened is not None and holder.environment.clock_at is None:
            environment_id = holder.environment.id
            stand = Stand(environment_id, environment_id, opened.seq, opened.seq)
            look.keep(digest, Read(holder, now, None, stand, name))
        return holder

    async def _by_token(self, run: Runner, said: Presented, head: Head, now: datetime) -> Context:
        signed = await Keys(run).signed_by(said.kid, said.claims.sub, said.claims.jti)
        claims = self._contexts.tokens.prove(said, signed.key if signed else None, now)
        if signed is None or _taken_back(signed, claims):
            raise revoked()
        _demand_origin(head, claims)
        principal = Principal(
            PrincipalKind.CUSTOMER,
            frozenset(claims.scopes),
            customer_id=claims.sub,
            subscription_id=claims.sub_id,
            token_id=claims.jti,
            token_expires_at=datetime.fromtimestamp(claims.exp, UTC),
        )
        return self._contexts.make(principal, signed.environment, Channel.CUSTOMER, now=now)


def _held(opened: Opened | None) -> _Holder:
    """Say who holds a key; raises `CredentialProblem` of one that opens nothing, or no more."""
    if opened is None:
        raise invalid()
    if opened.revoked_at is not None:
        raise revoked()
    return _Holder(Principal(_KINDS[opened.kind], opened.scopes, key_id=opened.key_id), opened.environment)


def claimed(head: Head) -> PrincipalKind:
    """Say what sort of credential was sent, before anything of it is believed."""
    sent = head.all(b"authorization")
    if not sent:
        return PrincipalKind.PUBLIC
    credential = sent[0].partition(" ")[2].strip(" ")
    if credential.startswith(SECRET_PREFIX):
        return PrincipalKind.SECRET
    return PrincipalKind.PUBLISHABLE if credential.startswith(PUBLISHABLE_PREFIX) else PrincipalKind.CUSTOMER


def _credential(head: Head) -> str | None:
    """Read the bearer credential; None where no Authorization was sent."""
    sent = head.all(b"authorization")
    if not sent:
        return None
    credential = _bearer(sent)
    if credential is None:
        raise invalid()
    return credential


def _bearer(sent: Sequence[str]) -> str | None:
    scheme, _, credential = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    return credential.strip(" ") or None if scheme.lower() == "bearer" else None


def _taken_back(signed: Signed, claims: Claims) -> bool:
    """Whether the token was revoked, or the customer is gone, archived, or had all tokens revoked after it was made."""
    if signed.revoked or not signed.customer_known or signed.archived_at is not None:
        return True
    not_before = signed.tokens_not_before
    return not_before is not None and claims.iat < not_before.timestamp()


def _demand_origin(head: Head, claims: Claims) -> None:
    """Refuse a token in a page that it was not made for; a server's call has no Origin and is not asked."""
    origins = head.all(b"origin")
    if claims.origin is not None and origins and origins != [claims.origin]:
        raise CredentialProblem("ORIGIN_NOT_ALLOWED", "This token was made for another site.", 403)

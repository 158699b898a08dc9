"""Who is asking is read from the headers alone, and whatever is wrong is refused without saying in what way."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from billing.lifecycle import Channel
from models.session import Database
from plangate.auth import Doorkeeper
from plangate.http.head import Head
from plangate.http.problems import CredentialProblem
from plangate.tokens import TYPE
from resolvers.api_key_revoke import ApiKeyRevoke, revoke_key
from resolvers.customer_archive import CustomerArchive, archive
from resolvers.customer_token_create import CustomerTokenCreate, create_token
from resolvers.customer_token_revoke import CustomerTokenRevoke, revoke_tokens
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.environment_set import EnvironmentSet, environment_set
from resolvers.inputs import CustomerRef
from resolvers.keys import api_keys
from resolvers.principal import Principal, PrincipalKind
from tests.world import START, World

if TYPE_CHECKING:
    from resolvers.context import Context

ACME = CustomerRef(external_id="acme")
NO_CREDENTIALS = (
    "", " ", "Bearer", "Bearer ", "Basic dTpw", "Bearer sk_test_", "Bearer pk_live_x", "Bearer a.b.c", "Bearer x",
    "sk_test_x", "Bearer é", "Bearer \0", f"Bearer sk_{'x' * 8_000}", "Bearer sk_test_' OR 1=1 --",
)  # fmt: skip


@dataclass(slots=True)
class House:
    """A world with the customer acme, and its door."""

    world: World
    public: str | None = None

    async def context(self, *credential: str, **headers: str) -> Context:
        """Come in with these Authorization headers."""
        doorkeeper = Doorkeeper(self.world.contexts, self.public)
        raw = [(b"authorization", each.encode()) for each in credential]
        raw += [(name.encode(), value.encode()) for name, value in headers.items()]
        return await doorkeeper.identify(Head(raw))

    async def said(self, *credential: str, **headers: str) -> tuple[int, str]:
        """Give the status and the code with which these headers are refused."""
        with pytest.raises(CredentialProblem) as problem:
            await self.context(*credential, **headers)
        challenge = {"WWW-Authenticate": "Bearer"} if problem.value.status == 401 else {}
        assert problem.value.headers == challenge
        return problem.value.status, problem.value.code

    async def token(self, **wanted: str) -> str:
        command = CustomerTokenCreate(ACME, origin=wanted.get("origin"))
        made = await create_token(await self.world.context(), command)
        return f"Bearer {made.token}"


@pytest.fixture
async def house(sqlite_database: Database) -> House:
    world = await World.begin(sqlite_database)
    await upsert(await world.context(), CustomerUpsert(external_id="acme"))
    return House(world)


async def test_a_secret_key_is_the_merchant_of_its_environment(house: House) -> None:
    place = house.world.places["main"]
    keys = await api_keys(await house.world.context())

    ctx = await house.context(f"Bearer {place.secret}")

    assert ctx.principal == Principal(PrincipalKind.SECRET, frozenset({"*"}), key_id=keys[0].id)
    assert (ctx.env.key, ctx.channel) == ("main", Channel.API)


async def test_a_publishable_key_is_no_merchant(house: House) -> None:
    place = house.world.places["main"]

    ctx = await house.context(f"bearer  {place.publishable}")

    assert (ctx.principal.kind, ctx.principal.scopes) == (PrincipalKind.PUBLISHABLE, frozenset())


async def test_a_token_is_its_customer(house: House) -> None:
    ctx = await house.context(await house.token())

    async with ctx.read() as read:
        acme = await read.customers.by_external_id("acme")
    assert acme is not None
    principal = ctx.principal
    assert (principal.kind, principal.customer_id) == (PrincipalKind.CUSTOMER, acme.id)
    assert (principal.scopes, ctx.channel) == (frozenset({"read", "manage"}), Channel.CUSTOMER)


async def test_nobody_sees_the_environment_that_is_named_or_none(house: House) -> None:
    nobody = await house.context()
    house.public = "main"
    shown = await house.context()
    house.public = "missing"
    nothing = await house.context()

    assert (nobody.principal, nobody.environment, nothing.environment) == (Principal(PrincipalKind.PUBLIC), None, None)
    assert (shown.principal, shown.env.key) == (Principal(PrincipalKind.PUBLIC), "main")


async def test_the_present_is_the_test_clocks_and_the_real_one_stands_beside_it(house: House) -> None:
    await house.world.settle("real", None)
    house.world.clock.move(timedelta(days=3))

    tested = await house.context(f"Bearer {house.world.places['main'].secret}")
    real = await house.context(f"Bearer {house.world.places['real'].secret}")

    later = START + timedelta(days=3)
    assert (tested.at, tested.recorded_at) == (START, later)
    assert (real.at, real.recorded_at) == (later, later)


async def test_what_is_no_credential_is_invalid(house: House) -> None:
    said = {credential: await house.said(credential) for credential in NO_CREDENTIALS}

    assert said == dict.fromkeys(NO_CREDENTIALS, (401, "CREDENTIAL_INVALID"))


async def test_two_good_credentials_are_one_too_many(house: House) -> None:
    credential = f"Bearer {house.world.places['main'].secret}"

    assert await house.said(credential, credential) == (401, "CREDENTIAL_INVALID")


async def test_a_changed_key_is_another_key(house: House) -> None:
    secret = house.world.places["main"].secret
    changed = secret[:-1] + ("A" if secret[-1] != "A" else "B")

    assert await house.said(f"Bearer {changed}") == (401, "CREDENTIAL_INVALID")
    assert await house.said(f"Bearer {secret.upper()}") == (401, "CREDENTIAL_INVALID")
    assert await house.said(f"Bearer {house.world.contexts.secrets.digest(secret)}") == (401, "CREDENTIAL_INVALID")


async def test_what_a_key_opens_comes_from_memory_until_something_happens_there(house: House) -> None:
    """Another program sets the environment, then revokes the key: both are known when it is presented next. (ADR 21)"""
    place = await house.world.settle("real", None)
    other = Database(house.world.database.url)
    contexts = replace(house.world.contexts, database=other)
    owner = Principal(PrincipalKind.SECRET, frozenset({"*"}))
    there = contexts.make(owner, place.environment, Channel.CLI)
    heard: list[str] = []
    house.world.database.heard_by(heard.append)

    async def read() -> int:
        heard.clear()
        await house.context(f"Bearer {place.secret}")
        return len(heard)

    await read()
    assert [await read() for _ in range(3)] == [0] * 3

    assert not (await house.context(f"Bearer {place.secret}")).env.require_actor
    await environment_set(there, EnvironmentSet(require_actor=True))
    assert (await house.context(f"Bearer {place.secret}")).env.require_actor

    await read()
    for key in await api_keys(there):
        await revoke_key(there, ApiKeyRevoke(key.id, actor="somebody"))
    assert await house.said(f"Bearer {place.secret}") == (401, "CREDENTIAL_REVOKED")
    await other.close()


async def test_a_revoked_key_opens_nothing_more(house: House) -> None:
    ctx = await house.world.context()
    for key in await api_keys(ctx):
        await revoke_key(ctx, ApiKeyRevoke(key.id))
    place = house.world.places["main"]

    assert await house.said(f"Bearer {place.secret}") == (401, "CREDENTIAL_REVOKED")
    assert await house.said(f"Bearer {place.publishable}") == (401, "CREDENTIAL_REVOKED")


async def test_a_token_expires_by_the_real_clock_whatever_a_test_clock_says(house: House) -> None:
    token = await house.token()
    await house.world.advance(timedelta(days=300))
    assert (await house.context(token)).at == START + timedelta(days=300)

    house.world.clock.move(timedelta(minutes=15, seconds=6))
    assert await house.said(token) == (401, "CREDENTIAL_EXPIRED")


async def test_a_token_is_taken_back_by_its_id_or_with_all_others(house: House) -> None:
    ctx = await house.world.context()
    one, other = await house.token(), await house.token()
    jti = (await house.context(one)).principal.token_id

    await revoke_tokens(ctx, CustomerTokenRevoke(ACME, token_id=jti))
    assert await house.said(one) == (401, "CREDENTIAL_REVOKED")
    assert (await house.context(other)).principal.kind is PrincipalKind.CUSTOMER

    house.world.clock.move(timedelta(seconds=1))
    await revoke_tokens(await house.world.context(), CustomerTokenRevoke(ACME))
    assert await house.said(other) == (401, "CREDENTIAL_REVOKED")

    house.world.clock.move(timedelta(seconds=1))
    assert (await house.context(await house.token())).principal.kind is PrincipalKind.CUSTOMER


async def test_a_token_is_not_taken_back_by_its_id_from_another_environment(house: House) -> None:
    await house.world.settle("second", START)
    await house.world.subscribed("acme", "free", place="second")
    token = await house.token()
    jti = (await house.context(token)).principal.token_id

    await revoke_tokens(await house.world.context("second"), CustomerTokenRevoke(ACME, token_id=jti))
    assert (await house.context(token)).principal.kind is PrincipalKind.CUSTOMER

    await revoke_tokens(await house.world.context(), CustomerTokenRevoke(ACME, token_id=jti))
    assert await house.said(token) == (401, "CREDENTIAL_REVOKED")


async def test_an_archived_customers_token_is_over(house: House) -> None:
    token = await house.token()
    await archive(await house.world.context(), CustomerArchive(ACME))

    assert await house.said(token) == (401, "CREDENTIAL_REVOKED")


async def test_a_token_for_one_site_is_refused_in_another_and_taken_from_a_server(house: House) -> None:
    token = await house.token(origin="https://app.example.com")

    assert (await house.context(token)).principal.kind is PrincipalKind.CUSTOMER
    assert (await house.context(token, origin="https://app.example.com")).env.key == "main"
    for origin in ("https://app.example.com.evil.example", "http://app.example.com", "null", ""):
        assert await house.said(token, origin=origin) == (403, "ORIGIN_NOT_ALLOWED")


async def test_a_token_without_a_site_is_taken_in_any(house: House) -> None:
    ctx = await house.context(await house.token(), origin="https://anywhere.example")

    assert ctx.principal.kind is PrincipalKind.CUSTOMER


async def test_a_token_of_one_environment_is_nobody_in_another(house: House) -> None:
    await house.world.settle("second", START)
    mine = await house.context(await house.token())
    theirs = await house.context(f"Bearer {house.world.places['second'].secret}")

    async with theirs.read() as read:
        assert await read.customers.by_id(mine.principal.customer_id or "") is None
    assert (mine.env.key, theirs.env.key) == ("main", "second")


@pytest.mark.parametrize("odd", [{}, {"sub": "a\0b"}, {"jti": "\0"}, {"sub": "\ud800"}, {"jti": "\U0010ffff"}])
async def test_what_a_forged_token_tells_is_refused_by_name_on_each_database(
    database: Database, odd: dict[str, str]
) -> None:
    world = await World.begin(database)
    header = {"alg": "Ed25519", "kid": "A" * 43, "typ": TYPE}
    claims = {"iss": "plangate", "aud": "x", "sub": "cus_x", "jti": "j", "iat": 1, "exp": 2} | odd
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), b"x" * 64]
    forged = ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)

    assert await House(world).said(f"Bearer {forged}") == (401, "CREDENTIAL_INVALID")

"""Environments, their keys and their portal links: found by what is presented, spent once, stopped for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from billing.invoicing.policy import BillingPolicy, Seller, TaxRule
from billing.invoicing.settings import policy_written
from billing.policies import CancellationMode, SelfServicePolicy
from models.choices import EnvironmentKind, KeyKind, PolicyScope
from models.rows import add
from models.tables import (
    ApiKeyRow,
    EnvironmentRow,
    PolicyRow,
    PortalSessionRow,
    RevokedTokenRow,
    SigningKeyRow,
)
from tests.models.world import CUSTOMER, ENV, START, day, undone, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.session import Database
    from models.work import Work


@pytest.fixture
async def work(shop: Database) -> AsyncIterator[Work]:
    """A unit of work in the shop's environment, with another one beside it."""
    async with undone(shop) as session:
        opened = working(session)
        await opened.environments.add(
            EnvironmentRow(id="live", key="live", name="Live", kind=EnvironmentKind.LIVE, created_at=day(1)),
            PolicyRow(
                id="pol2", environment_id="live", scope=PolicyScope.ENVIRONMENT, mode=CancellationMode.IMMEDIATE,
                allow_cancel=False, instructions="Call us.",
            ),
        )  # fmt: skip
        await add(
            session,
            ApiKeyRow(
                id="key2", environment_id="live", kind=KeyKind.PUBLISHABLE, name="Web", digest="d2", hint="wxyz",
                scopes=[], created_at=START,
            ),
        )  # fmt: skip
        yield opened


async def test_how_an_environment_bills_is_as_shipped_until_it_is_set(work: Work) -> None:
    policy = BillingPolicy(seller=Seller("Nordwind GmbH", ("Hafenstraße 1",)), taxes=(TaxRule(190_000, country="DE"),))
    before = await work.environments.billing(ENV)
    await work.environments.update(ENV, {"billing": policy_written(policy)})

    assert (before, await work.environments.billing(ENV)) == (BillingPolicy(), policy)
    assert await work.environments.billing("live") == BillingPolicy()


async def test_an_environment_is_found_by_id_or_key(work: Work) -> None:
    found = await work.environments.by_key("test")

    assert found is not None
    assert found == await work.environments.by_id(ENV)
    assert (found.kind, found.zone.key, found.clock_at) == (EnvironmentKind.TEST, "Europe/Berlin", START)
    assert (found.require_actor, found.return_urls, found.widgets) == (False, ("https://example.test/",), {})
    assert [each.key for each in await work.environments.every()] == ["test", "live"]
    assert await work.environments.by_key("nowhere") is None


async def test_a_new_environment_has_its_policy_and_its_sequence(work: Work) -> None:
    work.environment_id = "live"
    policy = SelfServicePolicy(
        allow_cancel=False, allow_change=True, mode=CancellationMode.IMMEDIATE, instructions="Call us."
    )

    assert await work.environments.policy("live") == policy
    assert await work.bump("live")
    await work.environments.set_policy("live", replace(policy, allow_cancel=True))
    assert await work.environments.policy("live") == replace(policy, allow_cancel=True)
    assert (await work.environments.policy(ENV)).allow_cancel
    assert await work.environments.policy("nowhere") == SelfServicePolicy()


async def test_a_test_clock_never_goes_back(work: Work) -> None:
    await work.environments.set_clock(ENV, day(5), day(9))
    await work.environments.set_clock(ENV, day(4), None)
    await work.environments.set_clock("live", day(4), None)

    assert await work.environments.clock(ENV) == (day(5), day(9))
    assert await work.environments.clock("live") == (None, None)
    assert await work.environments.kept_since(ENV) == START


async def test_a_key_is_found_by_its_digest_and_in_its_environment_only(work: Work) -> None:
    found = await work.keys.by_digest("d1")

    assert found is not None
    assert (found.id, found.environment_id, found.scopes, found.revoked_at) == ("key", ENV, ("*",), None)
    assert await work.keys.by_digest("d3") is None
    assert await work.keys.by_id("live", "key") is None
    assert [key.id for key in await work.keys.every("live")] == ["key2"]


async def test_a_key_is_revoked_once(work: Work) -> None:
    await work.keys.revoke("key", day(1))
    await work.keys.revoke("key", day(2))
    found = await work.keys.by_id(ENV, "key")

    assert found is not None
    assert found.revoked_at == day(1)


async def test_the_newest_signing_key_signs_until_it_is_retired(work: Work) -> None:
    newer = SigningKeyRow(id="kid2", environment_id=ENV, public="p2", private_encrypted="e2", created_at=day(1))
    retired = SigningKeyRow(
        id="kid3", environment_id=ENV, public="p3", private_encrypted="e3", created_at=day(2), retired_at=day(3)
    )
    await work.keys.add_signing_key(newer)
    await work.keys.add_signing_key(retired)
    signing = await work.keys.signing_key(ENV)
    older = await work.keys.signed_by("kid", "nobody", "t")

    assert (signing and signing.id, older and older.key.public) == ("kid2", "p")
    assert older is not None
    assert (older.environment.id, older.customer_known, older.revoked) == (ENV, False, False)
    assert await work.keys.signed_by("kid3", "nobody", "t") is None
    assert await work.keys.signing_key("live") is None


async def test_a_revoked_token_is_remembered_until_it_would_have_expired(work: Work) -> None:
    for _ in range(2):
        await work.keys.revoke_token(RevokedTokenRow(jti="t", environment_id=ENV, expires_at=day(5)))

    assert [await work.keys.token_revoked(ENV, jti) for jti in ("t", "jti", "u")] == [True, True, False]
    assert await work.keys.forget_tokens(day(5)) == 1
    assert [await work.keys.token_revoked(ENV, jti) for jti in ("t", "jti")] == [True, False]


async def test_a_token_is_revoked_in_its_own_environment_alone(work: Work) -> None:
    await work.keys.revoke_token(RevokedTokenRow(jti="t", environment_id="live", expires_at=day(5)))
    assert [await work.keys.token_revoked(of, "t") for of in ("live", ENV)] == [True, False]

    await work.keys.revoke_token(RevokedTokenRow(jti="t", environment_id=ENV, expires_at=day(6)))
    assert [await work.keys.token_revoked(of, "t") for of in ("live", ENV)] == [True, True]


def portal_link() -> PortalSessionRow:
    """A link that nobody has followed yet."""
    return PortalSessionRow(
        id="ses", environment_id=ENV, customer_id=CUSTOMER, flow="CANCEL", link_digest="l", expires_at=day(1),
        created_at=START,
    )  # fmt: skip


async def test_a_portal_link_is_spent_once(work: Work) -> None:
    link = portal_link()
    await work.portal.add(link)
    before = await work.portal.by_link("l")

    assert before is not None
    assert (before.spent_at, before.session_expires_at) == (None, None)
    assert await work.portal.spend("ses", "s1", day(0.5), day(0.6))
    assert not await work.portal.spend("ses", "s2", day(0.5), day(0.7))
    assert await work.portal.by_session("s2") is None
    after = await work.portal.by_session("s1")
    assert after == await work.portal.by_id(ENV, "ses")
    assert after == replace(before, spent_at=day(0.5), session_expires_at=day(0.6))
    assert await work.portal.by_id("live", "ses") is None


async def test_a_portal_session_ends_early_or_not_at_all(work: Work) -> None:
    link = portal_link()
    await work.portal.add(link)
    await work.portal.spend("ses", "s", day(1), day(2))
    for at in (day(1.5), day(3)):
        await work.portal.end("ses", at)
    found = await work.portal.by_session("s")

    assert found is not None
    assert found.session_expires_at == day(1.5)

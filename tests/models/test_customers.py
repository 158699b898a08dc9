"""Customers are found by either id and by how their names begin, in their own environment only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.lifecycle import Channel
from models.choices import CustomerKind, EnvironmentKind
from models.rows import add
from models.stores.customers import Customers
from models.tables import CustomerRow, EnvironmentRow, PersonalTextRow, TrialRow
from tests.models.world import CUSTOMER, ENV, PRODUCT, START, customer, day, undone, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.session import Database
    from models.work import Work


@pytest.fixture
async def work(shop: Database) -> AsyncIterator[Work]:
    """Some customers, one of them elsewhere."""
    async with undone(shop) as session:
        await add(
            session,
            EnvironmentRow(id="live", key="live", name="Live", kind=EnvironmentKind.LIVE, created_at=START),
            customer("c1", external_id="acme", name="Acme Ltd", email="billing@acme.test", created_at=day(1)),
            customer("c2", external_id="ACME-2", name="100% Acme_", created_at=day(2), labels={"größe": "klein"}),
            customer("c3", external_id="zeta", name="Zeta", email="acme@zeta.test", created_at=day(3)),
            customer("c4", name="Acme gone", created_at=day(4), archived_at=day(5)),
            CustomerRow(
                id="c5", environment_id="live", external_id="acme", kind=CustomerKind.CONSUMER, created_at=day(9)
            ),
        )
        yield working(session)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("acme", ["c3", "c2", "c1"]),
        ("ACME ", ["c1"]),
        ("100%", ["c2"]),
        ("1%", []),
        ("100% acme_", ["c2"]),
        ("_", []),
        ("billing@", ["c1"]),
        ("ltd", []),
        ("acme/", []),
    ],
)
async def test_a_search_meets_how_something_begins(search: str, found: list[str], work: Work) -> None:
    page = await work.customers.page(10, None, search=search)

    assert [view.id for _, view in page.rows] == found


@pytest.mark.parametrize(
    ("archived", "found"),
    [(False, ["c3", "c2", "c1", CUSTOMER]), (True, ["c4"]), (None, ["c4", "c3", "c2", "c1", CUSTOMER])],
)
async def test_archived_customers_are_listed_if_asked_for(archived: bool | None, found: list[str], work: Work) -> None:
    page = await work.customers.page(10, None, archived=archived)

    assert [view.id for _, view in page.rows] == found


async def test_a_customer_is_found_in_its_environment_only(work: Work) -> None:
    found = await work.customers.by_external_id("acme")

    assert found is not None
    assert found.id == "c1"
    assert await work.customers.by_id("c5") is None
    assert set(await work.customers.by_ids(["c1", "c5", "c9"])) == {"c1"}
    elsewhere = await Customers(work.customers._run, "live").by_external_id("acme")
    assert elsewhere is not None
    assert elsewhere.id == "c5"


async def test_what_is_changed_comes_back(work: Work) -> None:
    await work.customers.update("c2", {"name": "Ünï 名", "address": {"city": "Köln"}, "archived_at": day(7)})
    found = await work.customers.by_id("c2")

    assert found is not None
    assert (found.name, found.address, found.archived_at) == ("Ünï 名", {"city": "Köln"}, day(7))
    assert (found.metadata, found.tax_ids, found.kind) == ({"größe": "klein"}, (), CustomerKind.BUSINESS)


async def test_a_new_customer_has_a_sequence_and_one_trial_of_a_product(work: Work) -> None:
    await work.customers.add(customer("new"))
    await work.customers.add_text(
        PersonalTextRow(id="t", environment_id=ENV, customer_id="new", text="Hi", salt="s", channel=Channel.PORTAL)
    )

    assert await work.bump("new")
    assert not await work.customers.had_trial("new", PRODUCT)
    trial = TrialRow(customer_id="new", product_id=PRODUCT, environment_id=ENV, subscription_id="s", started_at=START)
    await work.customers.add_trial(trial)
    assert await work.customers.had_trial("new", PRODUCT)

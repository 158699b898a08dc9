"""Bulk cancellation: a job ends many on the same terms, each by the rules of one, and a dry run knew. (K13)"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from billing.refusals import MovedMeanwhile
from models.choices import JobKind
from models.rows import rows
from models.stores.lives import belonging
from models.stores.subscription_statements import REASONS
from models.tables.base import table
from models.tables.customer import PersonalTextRow
from models.tables.job import JobRow
from models.tables.journal import EventRow
from models.tables.subscription import CancellationRow
from resolvers import job_running
from resolvers.bulk_cancellation import CancelWork
from tests.scenarios import cancelling_many, documents
from tests.scenarios.cancelling_many import asked, became, run, start, told_money
from tests.scenarios.ending_money import add_waiting, customer, kept, waiting
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.story import MONTHLY, YEARLY

if TYPE_CHECKING:
    from models.job_views import JobItemView, JobView
    from models.work import Work
    from resolvers.context import Caller
    from tests.scenarios.story import Story

NOBODY = "sub_nobody"
NOW = {"timing": "IMMEDIATE", "prorate": True, "invoiceNow": True, "openInvoices": "KEEP_RETRYING"}


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def _holds(shop: Story, name: str, plan: str, *, credit: int = 0, **more: Any) -> str:
    """Let a customer who can pay so many cents have a subscription of the same name."""
    await customer(shop, name, credit=credit)
    terms = {"currency": "USD", "interval": MONTHLY} | more
    return await shop.subscribe_also(name, plan, externalId=name, **terms)


async def test_a_dry_run_tells_the_money_of_each_and_in_total_and_the_job_moves_just_that(shop: Story) -> None:  # K13
    paid = await _holds(shop, "paid", "ten", credit=1000)
    owing = await _holds(shop, "owing", "ten")
    gone = await _holds(shop, "gone", "ten", credit=1000)
    await shop.act(documents.CANCEL, subscriptionId=gone, timing="IMMEDIATE")
    yen = await _holds(shop, "yen", "thirty", currency="JPY")
    await shop.advance("2024-01-22")
    await add_waiting(shop, paid, "paid")
    ids = [paid, NOBODY, owing, paid, gone, yen]
    before, heard = await kept(shop), {name: await shop.news(name) for name in ("paid", "owing", "yen")}

    tried = await run(shop, **NOW, subscriptions={"ids": ids}, dryRun=True)

    foreseen = {
        "paid": ("DONE", "2024-01-22", "USD invoiced 5.77"),
        NOBODY: ("NOT_FOUND",),
        "owing": ("DONE", "2024-01-22", "USD credited 3.23"),
        "gone": ("ALREADY_ENDED",),
        "yen": ("DONE", "2024-01-22", "JPY credited 968"),
    }
    assert await became(shop, tried) == foreseen
    assert await kept(shop) == before
    assert {name: await shop.news(name) for name in heard} == {name: [] for name in heard}
    told = await asked(shop, tried)
    assert (told["state"], told["dryRun"], told["progress"]["total"]) == ("DONE", True, 5)
    assert [told_money(each) for each in told["money"]] == ["JPY credited 968", "USD invoiced 5.77 credited 3.23"]

    done = await run(shop, **NOW, subscriptions={"ids": ids}, reason="OTHER", comment="The site closes.", actor="ann")

    assert await became(shop, done) == foreseen
    after = await asked(shop, done)
    assert (after["state"], after["dryRun"], after["money"]) == ("DONE", False, told["money"])
    assert (await bills(shop, "paid"))[1][:2] == ("OPEN", "5.77")
    assert [status for status, _, _ in await bills(shop, "owing")] == ["OPEN"]
    assert (await balance(shop, "paid"), await balance(shop, "owing")) == ({"USD": "0.00"}, {})
    ((_, kind, by, why), *_) = await shop.news("owing")
    assert (kind, by) == ("subscription.canceled", "API")
    assert (why["jobId"][1], why["reason"][1]) == (shop.names.of(done), "other")
    again = await run(shop, **NOW, subscriptions={"ids": ids})
    assert {code for code, *_ in (await became(shop, again)).values()} == {"ALREADY_ENDED", "NOT_FOUND"}


async def test_a_filter_names_who_is_meant_and_what_waits_can_be_undone_as_a_single_end_can(shop: Story) -> None:  # K14
    names = ("one", "two", "moved", "left")
    ids = {each: await _holds(shop, each, "ten") for each in names}
    ids["yearly"] = await _holds(shop, "yearly", "ten", interval=YEARLY)
    other = await _holds(shop, "other", "twenty")
    await shop.act(documents.CANCEL, subscriptionId=ids["left"], timing="END_OF_PERIOD")
    wanted = {"filter": {"planId": "ten", "customers": [{"externalId": each} for each in ids if each != "two"]}}

    job = await run(shop, timing="END_OF_PERIOD", subscriptions=wanted)

    assert await became(shop, job) == {
        "one": ("DONE", "2024-02-01"),
        "moved": ("DONE", "2024-02-01"),
        "left": ("DONE", "2024-02-01"),
        "yearly": ("DONE", "2025-01-01"),
    }
    by_state = await run(shop, timing="END_OF_PERIOD", subscriptions={"filter": {"states": ["ACTIVE"]}}, dryRun=True)
    assert await became(shop, by_state) == {
        "two": ("DONE", "2024-02-01"), "other": ("DONE", "2024-02-01")
    }  # fmt: skip

    await shop.act(documents.CANCEL, subscriptionId=ids["moved"], timing="ON_DATE", date="2024-01-20T00:00:00Z")
    await shop.advance("2024-02-05")
    undone = (await shop.world.ask(cancelling_many.UNDO, input={"id": job}))["answer"]
    await shop.world.worker().catch_up()

    assert undone["job"] == {"id": job, "state": "RUNNING"}
    assert {name: code for name, (code, *_) in (await became(shop, job)).items()} == {
        "one": "ALREADY_ENDED", "moved": "ALREADY_ENDED", "left": "NO_CANCELLATION_PENDING", "yearly": "UNDONE"
    }  # fmt: skip
    states = {name: (await shop.subscription(each))["state"] for name, each in {**ids, "other": other}.items()}
    assert states == {
        "one": "CANCELED", "moved": "CANCELED", "left": "CANCELED", "yearly": "ACTIVE", "two": "ACTIVE",
        "other": "ACTIVE",
    }  # fmt: skip
    dry = (await shop.world.ask(cancelling_many.UNDO, input={"id": by_state}))["answer"]
    assert (dry["code"], dry["field"]) == ("INVALID_INPUT", "id")


async def test_who_leaves_the_choice_before_its_turn_is_left_alone(shop: Story) -> None:
    one, two = await _holds(shop, "one", "ten"), await _holds(shop, "two", "ten")
    job = await start(shop, timing="IMMEDIATE", subscriptions={"filter": {"planId": "ten"}})
    worker = shop.world.worker()
    while (await asked(shop, job))["progress"]["total"] < 2:
        await worker.step()
    await shop.act(documents.CHANGE, subscriptionId=one, planId="twenty")

    await worker.catch_up()

    assert {name: code for name, (code, *_) in (await became(shop, job)).items()} == {
        "one": "MOVED_MEANWHILE", "two": "DONE"
    }  # fmt: skip
    assert [(await shop.subscription(each))["status"] for each in (one, two)] == ["ACTIVE", "CANCELED"]


class LateRefusal(CancelWork):
    """Ends one subscription, and refuses only then."""

    async def do(self, by: Caller, work: Work, job: JobView, item: JobItemView) -> dict[str, Any]:
        """Cancel, and refuse."""
        await super().do(by, work, job, item)
        raise MovedMeanwhile("Too late.")


async def test_of_an_item_that_is_refused_nothing_is_kept_whatever_was_written(
    shop: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = await _holds(shop, "paid", "ten", credit=1000)
    before = await kept(shop), await shop.subscription(paid)
    await shop.news("paid")
    monkeypatch.setattr(job_running, "KINDS", {JobKind.CANCELLATION: LateRefusal()})

    job = await run(shop, **NOW, subscriptions={"ids": [paid]})

    assert await became(shop, job) == {"paid": ("MOVED_MEANWHILE",)}
    assert (await kept(shop), await shop.subscription(paid)) == before
    assert await shop.news("paid") == []


async def test_terms_that_exclude_themselves_start_nothing(shop: Story) -> None:
    everybody = {"filter": {"states": ["ACTIVE"]}}
    refused: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"subscriptions": everybody}, ("INVALID_INPUT", "timing")),
        ({"timing": "IMMEDIATE", "subscriptions": {"filter": {}}}, ("INVALID_INPUT", "subscriptions.filter")),
        ({"timing": "IMMEDIATE", "subscriptions": {"ids": []}}, ("INVALID_INPUT", "subscriptions.ids")),
        (
            {"timing": "IMMEDIATE", "subscriptions": {"filter": {"planId": "none"}}},
            ("NOT_FOUND", "subscriptions.filter.planId"),
        ),
        ({"timing": "ON_DATE", "subscriptions": everybody}, ("INVALID_INPUT", "date")),
        (
            {"timing": "ON_DATE", "date": "2023-12-31T00:00:00Z", "subscriptions": everybody},
            ("DATE_OUT_OF_RANGE", "date"),
        ),
        ({"timing": "AFTER_CYCLES", "cycles": 4000, "subscriptions": everybody}, ("INVALID_INPUT", "cycles")),
        ({"timing": "END_OF_PERIOD", "prorate": True, "subscriptions": everybody}, ("NOTHING_UNUSED", "prorate")),
        (
            {"timing": "IMMEDIATE", "prorate": True, "access": "UNTIL_PAID_THROUGH", "subscriptions": everybody},
            ("ACCESS_OR_MONEY", "access"),
        ),
    ]
    for input, told in refused:
        answer = (await shop.world.ask(cancelling_many.START, input=input))["answer"]
        assert (answer["code"], answer["field"]) == told, input
    assert (await shop.world.ask("{ jobs { edges { node { id } } } }"))["jobs"]["edges"] == []


async def test_a_dry_run_of_an_undo_tells_the_money_of_each_and_takes_nothing_back(shop: Story) -> None:  # K14, K13
    ids = {name: await _holds(shop, name, "ten", credit=1000) for name in ("stays", "gone")}
    await shop.advance("2024-01-11")
    cut: dict[str, Any] = {"timing": "ON_DATE", "date": "2024-01-22T00:00:00Z", "prorate": True, "invoiceNow": True}
    job = await run(shop, **cut, subscriptions={"ids": [*ids.values()]})
    await shop.act(documents.CANCEL, subscriptionId=ids["gone"], timing="IMMEDIATE")
    before = await kept(shop)

    started = (await shop.world.ask(cancelling_many.UNDO, input={"id": job, "dryRun": True}))["answer"]["job"]["id"]
    await shop.world.worker().catch_up()

    foreseen = {"stays": ("DONE", "2024-01-22", "USD waiting 3.23"), "gone": ("ALREADY_ENDED",)}
    assert await became(shop, started) == foreseen
    told = await asked(shop, started)
    assert (told["state"], told["dryRun"], told["details"]["undoes"]) == ("DONE", True, shop.names.of(job))
    assert [told_money(each) for each in told["money"]] == ["USD waiting 3.23"]
    assert await kept(shop) == before
    assert {code for code, *_ in (await became(shop, job)).values()} == {"DONE"}

    await shop.world.ask(cancelling_many.UNDO, input={"id": job})
    await shop.world.worker().catch_up()
    assert {name: code for name, (code, *_) in (await became(shop, job)).items()} == {
        "stays": "UNDONE", "gone": "ALREADY_ENDED"
    }  # fmt: skip
    assert [each.split()[-1] for each in await waiting(shop, "stays")] == ["3.23"]


async def test_undone_a_job_lets_the_end_that_it_replaced_stand_again(shop: Story) -> None:  # K14, T10
    ids = {name: await _holds(shop, name, "ten", credit=100_000) for name in ("own", "cut", "passed")}
    key = await shop.token("own")
    await shop.advance("2024-01-11")
    await shop.act(documents.CANCEL, key=key, subscriptionId=ids["own"], reason="UNUSED")
    cut: dict[str, Any] = {"timing": "ON_DATE", "date": "2024-01-22T00:00:00Z", "prorate": False, "reason": "OTHER"}
    await shop.act(documents.CANCEL, subscriptionId=ids["cut"], **cut)
    await shop.act(documents.CANCEL, subscriptionId=ids["passed"], timing="ON_DATE", date="2024-01-13T00:00:00Z")
    before = {name: (await shop.subscription(each), await waiting(shop, name)) for name, each in ids.items()}
    job = await run(shop, timing="ON_DATE", date="2024-01-16T00:00:00Z", subscriptions={"ids": [*ids.values()]})
    await shop.advance("2024-01-14")
    told = (await shop.subscription(ids["own"]))["cancelAt"]

    await shop.world.ask(cancelling_many.UNDO, input={"id": job})
    await shop.world.worker().catch_up()

    assert told == "2024-01-16"
    assert {name: code for name, (code, *_) in (await became(shop, job)).items()} == {
        "own": "UNDONE", "cut": "UNDONE", "passed": "ALREADY_APPLIED"
    }  # fmt: skip
    after = {name: (await shop.subscription(each), await waiting(shop, name)) for name, each in ids.items()}
    assert {name: after[name] for name in ("own", "cut")} == {name: before[name] for name in ("own", "cut")}
    assert (before["own"][0]["cancelAt"], before["cut"][0]["cancelAt"]) == ("2024-02-01", "2024-01-22")
    assert after["passed"][0]["cancelAt"] == "2024-01-16"
    kinds = [kind for _, kind, _, _ in await shop.news("own")]
    assert kinds[-2:] == ["subscription.cancellation_undone", "subscription.cancellation_scheduled"]
    await shop.act(documents.UNDO, key=key, subscriptionId=ids["own"])
    await shop.advance("2024-02-02")
    assert [(await shop.subscription(each))["status"] for each in ids.values()] == ["ACTIVE", "CANCELED", "CANCELED"]
    assert [amount for _, amount, _ in await bills(shop, "cut")] == ["10.00"]


async def test_what_a_job_scheduled_is_taken_back_by_the_merchant_only(shop: Story) -> None:  # S1, P14
    acme = await _holds(shop, "acme", "twenty", credit=10_000)
    await run(shop, timing="END_OF_PERIOD", subscriptions={"ids": [acme]})
    key, before = await shop.token("acme"), await shop.subscription(acme)
    held = "query($id: ID!) { subscription(id: $id) { scheduledChanges { id } } }"
    (change,) = (await shop.world.ask(held, id=acme))["subscription"]["scheduledChanges"]

    assert "UNDO_CANCELLATION" not in await shop.open_to(acme, "CUSTOMER")
    for refused, field in (
        (await shop.act(documents.UNDO, key=key, subscriptionId=acme), "subscriptionId"),
        (await shop.act(documents.UNDO_CHANGE, key=key, id=change["id"]), "id"),
        (
            await shop.act(documents.CHANGE, key=key, subscriptionId=acme, planId="thirty", undoCancellation=True),
            "undoCancellation",
        ),
    ):
        assert (refused["code"], refused["field"]) == ("MERCHANT_ONLY", field)
    assert await shop.subscription(acme) == before
    assert "UNDO_CANCELLATION" in await shop.open_to(acme, "MERCHANT")
    assert (await shop.act(documents.UNDO, subscriptionId=acme))["__typename"] == "SubscriptionCancellationUndone"


async def test_what_a_merchant_says_of_many_stands_once_and_customers_read_their_own_words_only(
    shop: Story,
) -> None:  # T9
    ids = {name: await _holds(shop, name, "ten", credit=10_000) for name in ("acme", "rival", "own")}
    own = await shop.token("own")
    await shop.act(documents.CANCEL, key=own, subscriptionId=ids["own"], reason="OTHER", comment="Too loud.")
    words = "Jane Doe of acme was rude."
    await run(shop, timing="END_OF_PERIOD", comment=words, subscriptions={"ids": [ids["acme"], ids["rival"]]})

    async with shop.world.database.reading() as connection:
        texts = await rows(connection, select(table(PersonalTextRow)))
        (asked_for,) = [each["input"] for each in await rows(connection, select(table(JobRow)))]
        kept = {each["comment_id"] for each in await rows(connection, select(table(CancellationRow)))}
        told_of: list[dict[str, Any]] = [
            each["after"] or {} for each in await rows(connection, select(table(EventRow)))
        ]
    (said,) = [each for each in texts if each["text"] == words]
    assert (len(texts), said["customer_id"], asked_for["comment_id"]) == (2, None, said["id"])
    assert words not in str(asked_for)
    assert kept == {each["id"] for each in texts}
    told = {
        name: ((await shop.subscription(each))["cancellation"], await shop.token(name)) for name, each in ids.items()
    }
    assert [cancellation["comment"] for cancellation, _ in told.values()] == [words, words, "Too loud."]
    seen = [(await shop.subscription(ids[name], key=key))["cancellation"] for name, (_, key) in told.items()]
    assert [each.get("comment") for each in seen] == [None, None, "Too loud."]
    (digest,) = {each["commentDigest"] for each in told_of if each.get("commentId") == said["id"]}
    assert words not in str(told_of)
    assert digest == sha256(f"{said['salt']}{words}".encode()).hexdigest()


async def test_a_read_of_a_subscription_is_of_its_latest_cancellation_only(shop: Story) -> None:  # T10
    acme = await _holds(shop, "acme", "ten", credit=10_000)
    for comment in ("first", "second"):
        await shop.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", comment=comment)
        await shop.act(documents.UNDO, subscriptionId=acme)
        await shop.advance(timedelta(hours=1))
    async with shop.world.database.reading() as connection:
        found = (await belonging(connection, [acme], REASONS))[acme]
        found = (await belonging(connection, [acme], REASONS))[acme]

    assert [each["comment"] for each in found] == ["second"]
    assert (await shop.subscription(acme))["cancellation"]["comment"] == "second"
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", comment="third")
    assert (await shop.subscription(acme))["cancellation"]["comment"] == "third"

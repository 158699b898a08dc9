"""Whatever is wrong in what is asked about money, alone or together with something else, is refused by name.

Previews refuse what their acts refuse, in the same words; nothing is written. The rest of what nobody should send is in
`resolvers/test_bad_input.py`.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from tests.scenarios.documents import REFUSED, UPSERT, act
from tests.scenarios.ending_money import add_waiting, cancel, kept
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

LIVE, ENDED = "live", "ended"
UNKNOWN: Final = "sub_" + "0" * 26
PAST, NOW, FAR = "2023-12-31T00:00:00Z", "2024-01-11T00:00:00Z", "2034-02-01T00:00:00Z"
MONEY: Final = "money { token invoicedNow { total { amount } } }"
PREVIEWS: Final = {
    "subscriptionChange": f"""query($input: SubscriptionChangePreviewInput!) {{
      answer: subscriptionChangePreview(input: $input) {{ __typename ...Refused
        ... on SubscriptionChangePreview {{ {MONEY} }} }} }}{REFUSED}""",
    "subscriptionCancel": f"""query($input: SubscriptionCancellationPreviewInput!) {{
      answer: subscriptionCancellationPreview(input: $input) {{ __typename ...Refused
        ... on SubscriptionCancellationPreview {{ {MONEY} }} }} }}{REFUSED}""",
}
GOOD: Final[dict[str, dict[str, Any]]] = {
    "subscriptionChange": {"subscriptionId": LIVE, "planId": "seats", "quantity": 3},
    "subscriptionCancel": {"subscriptionId": LIVE, "timing": "ON_DATE", "date": "2024-01-25T00:00:00Z"},
    "invoiceItemCreate": {
        "customer": {"externalId": "acme"},
        "amount": {"amount": "5.00", "currency": "USD"},
        "description": "Paper",
    },
    "creditGrant": {"customer": {"externalId": "acme"}, "amount": {"amount": "5.00", "currency": "USD"}},
    "couponCreate": {"key": "half", "name": "Half", "duration": "ONCE", "percentOff": "50"},
}
BAD: Final[dict[str, list[dict[str, Any]]]] = {
    "subscriptionChange": [
        *({"subscriptionId": each} for each in (ENDED, UNKNOWN, "x", "sub_\x00")),
        *({"planId": each} for each in ("nowhere", "", "pla_" + "0" * 26)),
        *({"quantity": each} for each in (-1, 0, 2**31 - 1)),
        *({"currency": each} for each in ("JPY", "usd!", "XXX")),
        *({"version": each} for each in (0, -3, 99)),
        *({"interval": {"unit": "MONTH", "count": each}} for each in (0, -1, 1001)),
        {"interval": {"unit": "YEAR"}},
        {"previewToken": "0.0.0"},
    ],
    "subscriptionCancel": [
        *({"subscriptionId": each} for each in (ENDED, UNKNOWN, "x")),
        *({"date": each} for each in (PAST, NOW, FAR, None)),
        *({"timing": "AFTER_CYCLES", "date": None, "cycles": each} for each in (0, -1, 2**31 - 1, None)),
        *({"refund": each} for each in ("PRORATED", "LAST_PAYMENT")),
        {"access": "UNTIL_PAID_THROUGH"},
        {"cycles": 2},
        {"notice": {"days": 1}},
        *({"timing": "AFTER_NOTICE", "date": None, "notice": each} for each in (None, {"days": 0}, {"months": 13})),
        {"previewToken": "0.0.0"},
    ],
    "invoiceItemCreate": [
        {"customer": {"externalId": "nobody"}},
        *({"subscriptionId": each} for each in (ENDED, UNKNOWN)),
        *({"amount": {"amount": each, "currency": "USD"}} for each in ("0", "0.001", "9" * 30)),
        *({"amount": {"amount": "5.00", "currency": each}} for each in ("usd!", "XXX", "JPY")),
        *({"period": {"start": "2013-12-31T00:00:00Z", "end": each}} for each in (NOW, FAR)),
        {"period": {"start": NOW, "end": FAR}},
    ],
    "couponCreate": [
        *({"redeemBy": each} for each in (PAST, NOW, FAR)),
        *({"percentOff": each} for each in ("0", "-1", "100.1", "9" * 30)),
        {"months": 3},
    ],
    "creditGrant": [
        {"customer": {"externalId": "nobody"}},
        *({"amount": {"amount": each, "currency": "USD"}} for each in ("-1", "0", "0.001", "9" * 30)),
        *({"amount": {"amount": "5.00", "currency": each}} for each in ("usd!", "XXX", "JPY")),
    ],
}
NAMES: Final = {
    "NOT_FOUND", "INVALID_INPUT", "SUBSCRIPTION_ENDED", "ALREADY_ENDED", "CURRENCY_MISMATCH",
    "PRICE_NOT_AVAILABLE", "DATE_OUT_OF_RANGE", "AMOUNT_OUT_OF_RANGE", "REFUND_NEEDS_IMMEDIATE_END",
    "ACCESS_NEEDS_IMMEDIATE_END",
}  # fmt: skip


def test_what_is_wrong_about_money_is_refused_by_name_and_nothing_is_written(sqlite_worlds: SqliteWorlds) -> None:
    sqlite_worlds.walked(_bombarded)


async def _bombarded(world: World) -> None:
    story = await Story.begin(world)
    await story.catalog(CATALOG)
    await world.ask(UPSERT, input={"externalId": "acme"})
    ids = {UNKNOWN: UNKNOWN}
    for name, resource in ((LIVE, "a"), (ENDED, "b")):
        ids[name] = await story.subscribe_also("acme", "ten", resourceId=resource, currency="USD", interval=MONTHLY)
    await cancel(story, ids[ENDED], timing="IMMEDIATE")
    await add_waiting(story, ids[LIVE], "acme")
    await story.advance("2024-01-11")
    await story.events("acme")
    before = await kept(story)

    named: set[str] = set()
    for name, given in asked():
        if "subscriptionId" in given:
            given["subscriptionId"] = ids.get(given["subscriptionId"], given["subscriptionId"])
        document = act(name, f"{name[0].upper()}{name[1:]}Input", "")
        refused = (await world.ask(document, input=given))["answer"]
        assert refused.get("code") in NAMES, (name, given, refused)
        named.add(refused["code"])
        if name in PREVIEWS and "previewToken" not in given:
            assert (await world.ask(PREVIEWS[name], input=given))["answer"] == refused, (name, given)

    assert await kept(story) == before
    assert await story.events("acme") == []
    assert named == NAMES


def asked() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each wrong value alone, and some of the pairs of them."""
    for name, wrong in BAD.items():
        pairs = [one | two for one, two in combinations(wrong, 2) if not one.keys() & two.keys()]
        for each in (*wrong, *pairs[::7]):
            yield name, {key: value for key, value in (GOOD[name] | each).items() if value is not None}

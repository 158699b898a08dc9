"""Who may ask and do what: every question and act, by every credential, about their own, others' and other worlds'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.resolvers.root_fields import ACTS, MANAGE, QUESTIONS, READ, ROOT_FIELDS, RootField
from tests.resolvers.scene import UNKNOWN, Holder, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEEDS_SCOPE = [each for each in ROOT_FIELDS.values() if each.scope]
FOR_CUSTOMERS = [each for each in ROOT_FIELDS.values() if each.customer is not None]
HELD = [each for each in ROOT_FIELDS.values() if each.held]
BOUND = [each for each in ROOT_FIELDS.values() if each.bound is not None]


def every(of: Sequence[RootField]) -> pytest.MarkDecorator:
    """Run a test for each of these fields."""
    return pytest.mark.parametrize("of", of, ids=[each.name for each in of])


async def asked(scene: Scene, of: RootField, holder: Holder, key: str | None = None, *, merchant: bool = True) -> Any:
    """Ask about what a holder holds; the whole answer without its places in the document."""
    answer = await scene.world.post(of.document, key=key, **of.variables(holder, merchant=merchant))
    for error in answer.get("errors", ()):
        del error["locations"]
    return answer


def an_object(found: Any) -> dict[str, Any]:
    """What was found, where that is an object; else an empty one."""
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def code_of(of: RootField, answer: Any) -> str | None:
    """The code of a refusal, wherever it stands; None where the answer is none."""
    if "errors" in answer:
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code
    found = an_object(answer["data"][of.name])
    return found.get("code")


def told(of: RootField, answer: Any) -> bool:
    """Whether the question was answered, or the act done, for the object that was meant."""
    if "errors" in answer:
        return False
    found = answer["data"][of.name]
    if of.payload is not None:
        return bool(found["__typename"] == of.payload and found.get("customerId", "") is not None)
    return bool(an_object(found).get("edges", found))


async def refused(scene: Scene, of: RootField, key: str | None, *, merchant: bool = True) -> str | None:
    """How a call about their own is refused; nothing was written."""
    before = scene.mark()
    answer = await asked(scene, of, scene.own, key, merchant=merchant)
    assert scene.mark() == before
    assert not told(of, answer), answer
    return code_of(of, answer)


async def token(scene: Scene, *scopes: str, subscription: str | None = None) -> str:
    """A token of acme's."""
    return await scene.world.token("acme", scopes=list(scopes), subscription=subscription)


@every(list(ROOT_FIELDS.values()))
async def test_a_full_key_may_and_questions_write_nothing(of: RootField, scene: Scene) -> None:
    before = scene.mark()

    answer = await asked(scene, of, scene.own)

    assert told(of, answer), answer
    assert (scene.mark() != before) == of.mutates


@every(HELD)
async def test_a_full_key_may_for_every_customer_of_its_environment(of: RootField, scene: Scene) -> None:
    answer = await asked(scene, of, scene.rival)

    assert told(of, answer), answer


@every(list(ROOT_FIELDS.values()))
async def test_nobody_may_without_a_credential(of: RootField, scene: Scene) -> None:
    assert await refused(scene, of, "") == "CREDENTIAL_NEEDED"


@every(list(ROOT_FIELDS.values()))
async def test_a_publishable_key_reads_the_catalog_and_nothing_else(of: RootField, scene: Scene) -> None:
    key = scene.world.places["main"].publishable
    if of.public:
        assert told(of, await asked(scene, of, scene.own, key))
    else:
        assert await refused(scene, of, key) == "MERCHANT_ONLY"


@every(list(ROOT_FIELDS.values()))
async def test_a_key_with_only_the_needed_scope_may(of: RootField, scene: Scene) -> None:
    answer = await asked(scene, of, scene.own, scene.with_scopes(only=of.needed))

    assert told(of, answer), answer


@every(NEEDS_SCOPE)
async def test_a_key_with_every_other_scope_may_not(of: RootField, scene: Scene) -> None:
    for scope in filter(None, (of.scope, of.also)):
        assert await refused(scene, of, scene.with_scopes(without=scope)) == "SCOPE_MISSING"


@every(list(ROOT_FIELDS.values()))
async def test_a_customers_token_may_what_is_for_customers(of: RootField, scene: Scene) -> None:
    key = await token(scene, READ, MANAGE)
    if of.customer is None:
        assert await refused(scene, of, key, merchant=False) == "MERCHANT_ONLY"
    else:
        answer = await asked(scene, of, scene.own, key, merchant=False)
        assert told(of, answer), answer


@every(FOR_CUSTOMERS)
async def test_a_customers_token_without_the_scope_may_not(of: RootField, scene: Scene) -> None:
    key = await token(scene, MANAGE if of.customer == READ else READ)

    assert await refused(scene, of, key, merchant=False) == "SCOPE_MISSING"


@every([each for each in FOR_CUSTOMERS if each.held])
async def test_a_customers_token_finds_nothing_of_others(of: RootField, scene: Scene) -> None:
    key = await token(scene, READ, MANAGE)
    before = scene.mark()
    unknown = await asked(scene, of, UNKNOWN, key, merchant=False)

    assert not told(of, unknown)
    assert await asked(scene, of, scene.foreign, key, merchant=False) == unknown
    if of.name != "plan":  # the catalog is everybody's
        assert await asked(scene, of, scene.rival, key, merchant=False) == unknown
    assert scene.mark() == before


@every(BOUND)
async def test_a_token_bound_to_a_subscription_may_for_that_one(of: RootField, scene: Scene) -> None:
    key = await token(scene, READ, MANAGE, subscription=getattr(scene.own, of.bound or ""))

    answer = await asked(scene, of, scene.own, key, merchant=False)

    assert told(of, answer), answer


@every(BOUND)
async def test_a_token_bound_to_another_subscription_finds_nothing(of: RootField, scene: Scene) -> None:
    other = scene.own.changing if of.bound != "changing" else scene.own.plain
    key = await token(scene, READ, MANAGE, subscription=other)
    before = scene.mark()

    answer = await asked(scene, of, scene.own, key, merchant=False)

    assert not told(of, answer)
    assert answer == await asked(scene, of, UNKNOWN, key, merchant=False)
    assert scene.mark() == before


@every(HELD)
async def test_nothing_of_another_environment_is_found(of: RootField, scene: Scene) -> None:
    before = scene.mark()
    unknown = await asked(scene, of, UNKNOWN)

    assert not told(of, unknown)
    assert await asked(scene, of, scene.foreign) == unknown
    assert scene.mark() == before


KINDS = ("customer", "plain", "change", "grant", "override", "record", "reservation", "event", "key", "plan", "feature")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_node_of_another_environment_is_unknown(kind: str, scene: Scene) -> None:
    node = ROOT_FIELDS["node"]

    async def found(holder: Holder, key: str | None = None) -> Any:
        answer = await scene.world.ask(node.document, key=key, id=getattr(holder, kind))
        return answer["node"]

    assert await found(scene.own) == {"id": getattr(scene.own, kind)}
    assert await found(scene.foreign) is None
    assert await found(UNKNOWN) is None
    customer = await token(scene, READ)
    assert await found(scene.foreign, customer) is None
    if kind not in {"plan", "feature", "key"}:
        assert await found(scene.rival) == {"id": getattr(scene.rival, kind)}
        assert await found(scene.rival, customer) is None
    if kind in {"override", "key"}:
        assert await found(scene.own, customer) is None


@every([each for each in QUESTIONS if not each.held and "id" in each.selection.split()])
async def test_lists_hold_nothing_of_another_environment(of: RootField, scene: Scene) -> None:
    def ids(answer: Any) -> set[str]:
        found = answer["data"][of.name]
        listed: list[dict[str, Any]] = an_object(found).get("edges", found)
        return {one.get("node", one)["id"] for one in listed}

    here = ids(await scene.world.post(of.document))
    there = ids(await scene.world.post(of.document, place="other"))

    assert here
    assert there
    assert not here & there


REFERENCES: list[tuple[str, Callable[[Holder], dict[str, Any]]]] = [
    ("subscriptionCreate", lambda h: {"planId": h.plan}),
    ("subscriptionCreate", lambda h: {"addOns": [{"addOnId": h.plan}]}),
    ("subscriptionChange", lambda h: {"planId": h.plan}),
    ("subscriptionChange", lambda h: {"addOns": [{"addOnId": h.plan}]}),
    ("subscriptionChangePreview", lambda h: {"planId": h.plan}),
    ("subscriptionDowngrade", lambda h: {"planId": h.plan}),
    ("entitlementConsume", lambda h: {"feature": h.feature}),
    ("usageReport", lambda h: {"feature": h.feature}),
    ("grantCreate", lambda h: {"feature": h.feature}),
    ("overrideSet", lambda h: {"feature": h.feature}),
    ("overrideClear", lambda h: {"feature": h.feature}),
    ("customerTokenCreate", lambda h: {"subscriptionId": h.plain}),
    ("billingPortalSessionCreate", lambda h: {"subscriptionId": h.plain}),
]


@pytest.mark.parametrize(("name", "naming"), REFERENCES, ids=[f"{n}-{next(iter(r(UNKNOWN)))}" for n, r in REFERENCES])
async def test_what_an_act_refers_to_is_of_its_own_environment(
    name: str, naming: Callable[[Holder], dict[str, Any]], scene: Scene
) -> None:
    of = ROOT_FIELDS[name]

    async def answered(holder: Holder) -> Any:
        variables = of.variables(scene.own)
        variables["input"] |= naming(holder)
        return await scene.world.post(of.document, **variables)

    before = scene.mark()
    unknown = await answered(UNKNOWN)

    assert not told(of, unknown)
    assert await answered(scene.foreign) == unknown
    assert scene.mark() == before


async def test_a_token_is_not_made_for_a_subscription_of_somebody_else(scene: Scene) -> None:
    of = ROOT_FIELDS["customerTokenCreate"]

    async def answered(subscription: str) -> Any:
        return await scene.world.ask(of.document, input={"customer": scene.own.ref, "subscriptionId": subscription})

    assert await answered(scene.rival.plain) == await answered(UNKNOWN.plain)


FOR_MERCHANTS: list[tuple[str, dict[str, Any]]] = [
    ("subscriptionCancel", {"timing": "IMMEDIATE"}),
    ("subscriptionCancel", {"notice": {"days": 1}}),
    ("subscriptionCancel", {"timing": "ON_DATE", "date": "2024-02-02T00:00:00Z"}),
    ("subscriptionCancel", {"date": "2024-02-02T00:00:00Z"}),
    ("subscriptionCancellationPreview", {"timing": "IMMEDIATE"}),
    ("subscriptionCancellationPreview", {"date": "2024-02-02T00:00:00Z"}),
    ("subscriptionCancellationUndo", {"prorationBehavior": "NONE"}),
    ("subscriptionCancellationUndoPreview", {"prorationBehavior": "NONE"}),
    ("subscriptionChange", {"timing": "IMMEDIATE"}),
    ("subscriptionChange", {"version": 1}),
    ("subscriptionChange", {"prorationBehavior": "NONE"}),
    ("subscriptionDowngrade", {"prorationBehavior": "NONE"}),
    ("subscriptionChangePreview", {"timing": "END_OF_PERIOD"}),
    ("subscriptionChangePreview", {"version": 1}),
    ("subscriptionDowngrade", {"timing": "IMMEDIATE"}),
    ("subscriptionDowngrade", {"version": 1}),
    *((each.name, {"actor": "Somebody at the merchant's"}) for each in ACTS if each.customer is not None),
]


@pytest.mark.parametrize(("name", "argument"), FOR_MERCHANTS, ids=[f"{n}-{'-'.join(a)}" for n, a in FOR_MERCHANTS])
async def test_a_customer_passes_no_argument_of_the_merchants(
    name: str, argument: dict[str, Any], scene: Scene
) -> None:
    of = ROOT_FIELDS[name]
    key = await token(scene, READ, MANAGE)
    variables = of.variables(scene.own, merchant=False)
    variables["input"] |= argument
    before = scene.mark()

    answer = await scene.world.ask(of.document, key=key, **variables)

    refusal = answer[name]
    assert (refusal["__typename"], refusal["code"], refusal["field"]) == (
        "MerchantOnly",
        "MERCHANT_ONLY",
        next(iter(argument)),
    )
    assert scene.mark() == before


async def test_an_end_that_moves_money_needs_the_scope_that_moves_it(scene: Scene) -> None:
    money = {
        ("refund", "LAST_PAYMENT"): "payments:write",
        ("refund", "PRORATED"): "payments:write",
        ("openInvoices", "VOID"): "invoices:write",
        ("openInvoices", "MARK_UNCOLLECTIBLE"): "invoices:write",
        ("pendingItems", "DELETE"): "invoices:write",
    }
    before = scene.mark()
    for name, more in (
        ("subscriptionCancel", {}),
        ("subscriptionsCancel", {}),
        ("subscriptionsCancel", {"dryRun": True}),
    ):
        for (option, value), scope in money.items():
            of = ROOT_FIELDS[name]
            asked = {**of.variables(scene.own)["input"], "timing": "IMMEDIATE", "prorate": False, option: value, **more}

            refused = await scene.world.ask(of.document, key=scene.with_scopes(without=scope), input=asked)

            assert (refused[name]["code"], scope in refused[name]["message"]) == ("SCOPE_MISSING", True), (name, value)
    assert scene.mark() == before
    of = ROOT_FIELDS["subscriptionCancel"]
    kept = {**of.variables(scene.own)["input"], "refund": "NONE", "openInvoices": "STOP_COLLECTION"}
    only = scene.with_scopes(only="subscriptions:write")
    assert told(of, {"data": await scene.world.ask(of.document, key=only, input=kept)})


async def test_hidden_plans_are_listed_for_the_merchant_only(scene: Scene) -> None:
    hidden = "{ plans(hidden: true) { key } }"
    for key in (scene.world.places["main"].publishable, await token(scene, READ)):
        answer = await scene.world.post(hidden, key=key)
        assert answer["errors"][0]["extensions"] == {"code": "MERCHANT_ONLY", "field": "hidden"}

    assert {"key": "empty"} in (await scene.world.ask(hidden))["plans"]


async def test_a_bound_token_lists_only_its_own_subscription_and_what_happened_to_it(scene: Scene) -> None:
    document = """{ subscriptions(first: 1) { edges { node { id } } pageInfo { hasNextPage } }
      events(first: 50) { edges { node { subjectId } } }
      viewer { customer { subscriptions { edges { node { id } } } } } }"""
    for held in (scene.own.plain, scene.own.cancelling, scene.own.changing):
        answer = await scene.world.ask(document, key=await token(scene, READ, subscription=held))

        alone = [{"node": {"id": held}}]
        assert answer["subscriptions"] == {"edges": alone, "pageInfo": {"hasNextPage": False}}
        assert answer["viewer"]["customer"]["subscriptions"]["edges"] == alone
        assert {edge["node"]["subjectId"] for edge in answer["events"]["edges"]} == {held}

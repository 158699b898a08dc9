"""The whole way through the schema, on a real database: what is asked for and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.schema.asking import BROWSER, ID

if TYPE_CHECKING:
    from tests.schema.asking import World

UPSERT = """
mutation ($input: CustomerUpsertInput!) {
  customerUpsert(input: $input) {
    __typename
    ... on CustomerUpserted {
      created replayed
      customer { id externalId name email metadata address { line1 city } taxIds { type value } }
      subscription { id state plan { key } }
    }
    ... on UserError { code field message }
  }
}"""
DOWNGRADE = """
mutation ($input: SubscriptionDowngradeInput!) {
  subscriptionDowngrade(input: $input) {
    __typename
    ... on SubscriptionDowngraded {
      replayed
      subscription { plan { key } scheduledChanges { kind appliesAt plan { key } addOn { key } } }
      replacedChanges { id }
    }
    ... on NotADowngrade { code field currentRank targetRank }
  }
}"""
CONSUME = """
mutation ($input: EntitlementConsumeInput!) {
  entitlementConsume(input: $input) {
    __typename
    ... on EntitlementGranted { amount used limit remaining resetsAt unlimited replayed feature { key } }
    ... on EntitlementDenied { reason requested used limit remaining overBy resetsAt }
    ... on UserError { code field }
  }
}"""
ACME: dict[str, Any] = {"customer": {"externalId": "acme"}}


async def subscribed(asked: World, plan: str = "team") -> str:
    """Make the customer known with a subscription; its id."""
    answer = await asked.ask(UPSERT, input={"externalId": "acme", "name": "Acme", "subscription": {"planId": plan}})
    subscription: str = answer["customerUpsert"]["subscription"]["id"]
    return subscription


async def test_a_customer_is_made_known_with_a_subscription(asked: World) -> None:
    answer = await asked.ask(
        UPSERT,
        input={
            "externalId": "acme",
            "name": "Acme",
            "address": {"line1": "Weg 1", "city": "Köln"},
            "taxIds": [{"type": "eu_vat", "value": "DE1"}],
            "metadata": {"team": "north"},
            "subscription": {"planId": "team"},
        },
    )

    made = answer["customerUpsert"]
    customer, subscription = made["customer"].pop("id"), made["subscription"].pop("id")
    assert made == {
        "__typename": "CustomerUpserted",
        "created": True,
        "replayed": False,
        "customer": {
            "externalId": "acme",
            "name": "Acme",
            "email": None,
            "metadata": {"team": "north"},
            "address": {"line1": "Weg 1", "city": "Köln"},
            "taxIds": [{"type": "eu_vat", "value": "DE1"}],
        },
        "subscription": {"state": "ACTIVE", "plan": {"key": "team"}},
    }
    assert (customer[:4], subscription[:4]) == ("cus_", "sub_")


async def test_what_is_left_out_stays_and_null_takes_it_away(asked: World) -> None:
    await asked.ask(UPSERT, input={"externalId": "acme", "name": "Acme", "email": "a@acme.example"})
    kept = await asked.ask(UPSERT, input={"externalId": "acme"})
    cleared = await asked.ask(UPSERT, input={"externalId": "acme", "name": None})

    assert [kept["customerUpsert"]["customer"][name] for name in ("name", "email")] == ["Acme", "a@acme.example"]
    assert [cleared["customerUpsert"]["customer"][name] for name in ("name", "email")] == [None, "a@acme.example"]


async def test_the_cheaper_plan_waits_for_the_next_period(asked: World) -> None:
    subscription = await subscribed(asked)

    answer = await asked.ask(DOWNGRADE, input={"subscriptionId": subscription, "planId": "basic"})

    assert answer["subscriptionDowngrade"] == {
        "__typename": "SubscriptionDowngraded",
        "replayed": False,
        "subscription": {
            "plan": {"key": "team"},
            "scheduledChanges": [
                {"kind": "PLAN_CHANGE", "appliesAt": "2026-02-01T00:00:00Z", "plan": {"key": "basic"}, "addOn": None}
            ],
        },
        "replacedChanges": [],
    }


async def test_a_dearer_plan_is_no_downgrade_and_the_refusal_says_both_ranks(asked: World) -> None:
    subscription = await subscribed(asked, "basic")

    answer = await asked.ask(DOWNGRADE, input={"subscriptionId": subscription, "planId": "team"})

    assert answer["subscriptionDowngrade"] == {
        "__typename": "NotADowngrade",
        "code": "NOT_A_DOWNGRADE",
        "field": "planId",
        "currentRank": 10,
        "targetRank": 20,
    }


async def test_consuming_is_granted_then_denied_with_the_numbers(asked: World) -> None:
    await subscribed(asked, "basic")
    first = {**ACME, "feature": "calls", "amount": "9.5", "idempotencyKey": "1"}

    granted = await asked.ask(CONSUME, input=first)
    again = await asked.ask(CONSUME, input=first)
    denied = await asked.ask(CONSUME, input={**ACME, "feature": "calls", "idempotencyKey": "2"})
    finer = await asked.ask(CONSUME, input={**ACME, "feature": "calls", "amount": "0.05", "idempotencyKey": "3"})

    numbers = {
        "amount": "9.5",
        "used": "9.5",
        "limit": "10",
        "remaining": "0.5",
        "resetsAt": "2026-02-01T00:00:00Z",
        "unlimited": False,
        "feature": {"key": "calls"},
    }
    assert granted["entitlementConsume"] == {"__typename": "EntitlementGranted", **numbers, "replayed": False}
    assert again["entitlementConsume"] == {"__typename": "EntitlementGranted", **numbers, "replayed": True}
    assert denied["entitlementConsume"] == {
        "__typename": "EntitlementDenied",
        "reason": "REQUESTED_EXCEEDS_LIMIT",
        "requested": "1",
        "used": "9.5",
        "limit": "10",
        "remaining": "0.5",
        "overBy": None,
        "resetsAt": "2026-02-01T00:00:00Z",
    }
    assert finer["entitlementConsume"] == {
        "__typename": "AmountOutOfRange",
        "code": "AMOUNT_OUT_OF_RANGE",
        "field": "amount",
    }


async def test_an_entitlement_is_explained_when_that_is_asked_for(asked: World) -> None:
    await subscribed(asked, "basic")

    answer = await asked.ask(
        """query ($customer: CustomerRef!) {
          entitlement(customer: $customer, feature: "calls", requested: "10.5") {
            ... on Entitlement {
              hasAccess reason requested used limit unlimited hard remaining overBy validUntil at feature { key }
              explain { rule sources { kind key won lost amount before { limit } after { limit } } }
            }
          }
          unknown: entitlement(customer: $customer, feature: "nothing") {
            ... on Entitlement {
              featureKey hasAccess reason used hard feature { key } explain { rule sources { key } }
            }
          }
        }""",
        **ACME,
    )

    assert answer == {
        "entitlement": {
            "hasAccess": False,
            "reason": "REQUESTED_EXCEEDS_LIMIT",
            "requested": "10.5",
            "used": "0",
            "limit": "10",
            "unlimited": False,
            "hard": True,
            "remaining": "10",
            "overBy": "0",
            "validUntil": "2026-02-01T00:00:00Z",
            "at": "2026-01-01T00:00:00Z",
            "feature": {"key": "calls"},
            "explain": {
                "rule": "LARGEST_LIMIT",
                "sources": [
                    {
                        "kind": "PLAN",
                        "key": "basic",
                        "won": True,
                        "lost": None,
                        "amount": "10",
                        "before": {"limit": "0"},
                        "after": {"limit": "10"},
                    }
                ],
            },
        },
        "unknown": {
            "featureKey": "nothing",
            "hasAccess": False,
            "reason": "FEATURE_NOT_FOUND",
            "used": None,
            "hard": None,
            "feature": None,
            "explain": {"rule": "NOTHING_HEARD", "sources": []},
        },
    }


async def test_a_publishable_key_reads_the_catalog_with_everything_in_it(asked: World) -> None:
    answer = await asked.ask(
        """{ plans {
          key version rank kind product { key defaultPlan { key } plans { key } } addOns { key } includes { key }
          prices {
            key interval { unit count } unitAmount { amount currency } feature { key } packageSize tiers { upTo }
          }
          entitlements { feature { key kind product { key } } granted limit unlimited hard resetEvery }
        } }""",
        BROWSER,
    )

    assert [plan["key"] for plan in answer["plans"]] == ["basic", "team"]
    assert answer["plans"][0] == {
        "key": "basic",
        "version": 1,
        "rank": 10,
        "kind": "PAID",
        "product": {"key": "app", "defaultPlan": None, "plans": [{"key": "basic"}, {"key": "team"}]},
        "addOns": [],
        "includes": [],
        "prices": [
            {
                "key": "monthly",
                "interval": {"unit": "MONTH", "count": 1},
                "unitAmount": {"amount": "5.00", "currency": "EUR"},
                "feature": None,
                "packageSize": None,
                "tiers": [],
            }
        ],
        "entitlements": [
            {
                "feature": {"key": "calls", "kind": "METERED", "product": None},
                "granted": True,
                "limit": "10",
                "unlimited": False,
                "hard": True,
                "resetEvery": "MONTH",
            }
        ],
    }


async def test_what_nobody_has_is_null_however_it_is_named(asked: World) -> None:
    document = """query ($id: ID!, $ref: CustomerRef!) {
      plan(id: $id) { key } subscription(id: $id) { id } node(id: $id) { id } customer(ref: $ref) { id }
    }"""
    for id_ in ("", "sub_x", "\x00", "\ud800", "x" * 10_000, ID.format("sub", 99)):
        answer = await asked.ask(document, id=id_, ref={"externalId": id_})
        assert answer == {"plan": None, "subscription": None, "node": None, "customer": None}, id_


async def test_any_object_is_found_by_its_id(asked: World) -> None:
    subscription = await subscribed(asked)
    document = "query ($id: ID!) { node(id: $id) { __typename id ... on Plan { key } ... on Feature { key } } }"

    found = [await asked.ask(document, id=id_) for id_ in (ID.format("pln", 1), ID.format("fea", 2), subscription)]

    assert [one["node"] for one in found] == [
        {"__typename": "Plan", "id": ID.format("pln", 1), "key": "basic"},
        {"__typename": "Feature", "id": ID.format("fea", 2), "key": "export"},
        {"__typename": "Subscription", "id": subscription},
    ]


async def test_what_was_given_taken_and_written_down_can_be_read(asked: World) -> None:
    await subscribed(asked, "basic")
    whose = {**ACME, "feature": "calls"}
    await asked.ask(CONSUME, input={**whose, "amount": "1", "idempotencyKey": "1"})
    done = await asked.ask(
        """mutation ($grant: GrantCreateInput!, $override: OverrideSetInput!, $usage: UsageReportInput!) {
          grantCreate(input: $grant) { ... on GrantCreated { grant { amount used kind priority feature { key } } } }
          overrideSet(input: $override) { ... on OverrideWasSet { override { limit unlimited revoked hard } } }
          usageReport(input: $usage) { ... on UsageReported { used limit remaining overBy record { amount kind } } }
        }""",
        grant={**whose, "amount": "2.5", "reason": "thanks"},
        override={**whose, "limit": "20"},
        usage={**whose, "value": "30", "idempotencyKey": "2"},
    )

    assert done["grantCreate"]["grant"] == {
        "amount": "2.5",
        "used": "0",
        "kind": "PROMOTIONAL",
        "priority": 100,
        "feature": {"key": "calls"},
    }
    assert done["overrideSet"]["override"] == {"limit": "20", "unlimited": False, "revoked": False, "hard": True}
    assert done["usageReport"]["record"] == {"amount": "30", "kind": "REPORT"}
    assert (done["usageReport"]["used"], done["usageReport"]["overBy"]) == ("31", "11")
    read = await asked.ask(
        """query ($customer: CustomerRef!) {
          customer(ref: $customer) { grants { amount customer { externalId } } overrides { limit feature { key } } }
          usageRecords(filter: {customer: $customer}) { edges { node { amount kind customer { externalId } } } }
          events(filter: {customer: $customer}, first: 1) {
            edges { node { sequence type before after position } } pageInfo { hasNextPage }
          }
        }""",
        **ACME,
    )
    assert read["customer"] == {
        "grants": [{"amount": "2.5", "customer": {"externalId": "acme"}}],
        "overrides": [{"limit": "20", "feature": {"key": "calls"}}],
    }
    assert [edge["node"]["amount"] for edge in read["usageRecords"]["edges"]] == ["30", "1"]
    assert read["events"]["edges"][0]["node"]["sequence"] == "1"
    assert read["events"]["pageInfo"] == {"hasNextPage": True}

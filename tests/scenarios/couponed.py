"""What the scenarios ask about coupons and discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

TERMS = "terms { percentOff amountsOff { amount currency } duration months products { key } }"
FIELDS = f"id name startsAt endsAt endedAt {TERMS} subscription {{ id }}"
REFUSED = """... on UserError { code message field }
  ... on CouponArchived { archivedAt } ... on CouponExpired { expiredAt } ... on CouponExhausted { maximum }
  ... on CouponNotForProduct { productIds } ... on CouponCurrencyMismatch { currencies }
  ... on AlreadyDiscounted { discountId } ... on SubscriptionEnded { endedAt }"""
CREATE = f"""mutation($input: CouponCreateInput!) {{ answer: couponCreate(input: $input) {{ __typename
  ... on CouponCreated {{ replayed coupon {{ id key name redeemed maximum redeemBy {TERMS} }} }}
  ... on UserError {{ code message field }} }} }}"""
ARCHIVE = """mutation($input: CouponArchiveInput!) { answer: couponArchive(input: $input) { __typename
  ... on CouponArchiveDone { replayed coupon { key archivedAt } } ... on UserError { code message field } } }"""
CODE = """mutation($input: PromotionCodeCreateInput!) { answer: promotionCodeCreate(input: $input) { __typename
  ... on PromotionCodeCreated { replayed
    promotionCode { id code redeemed maximum expiresAt firstPurchaseOnly coupon { key } customer { externalId } } }
  ... on UserError { code message field } } }"""
RETIRE = """mutation($input: PromotionCodeArchiveInput!) { answer: promotionCodeArchive(input: $input) { __typename
  ... on PromotionCodeArchiveDone { replayed promotionCode { code archivedAt } }
  ... on UserError { code message field } } }"""
APPLY = f"""mutation($input: DiscountApplyInput!) {{ answer: discountApply(input: $input) {{ __typename
  ... on DiscountApplied {{ replayed discount {{ {FIELDS} }} }} {REFUSED} }} }}"""
REMOVE = f"""mutation($input: DiscountRemoveInput!) {{ answer: discountRemove(input: $input) {{ __typename
  ... on DiscountRemoved {{ replayed discount {{ {FIELDS} }} }} ... on UserError {{ code message field }} }} }}"""
HELD = f"""query($of: CustomerRef!) {{ customer(ref: $of) {{ discount {{ {FIELDS} }}
  subscriptions {{ edges {{ node {{ discount {{ {FIELDS} }} }} }} }} }} }}"""
REDEEMED = "query($id: ID!) { coupon(id: $id) { redeemed promotionCodes { edges { node { code redeemed } } } } }"


async def make(story: Story, asked: dict[str, Any]) -> Told:
    """Ask for a coupon and tell the whole answer."""
    told: Told = story.names.plain((await story.world.ask(CREATE, input=asked))["answer"])
    return told


async def coupon(story: Story, key: str, **terms: Any) -> Told:
    """Make a coupon: 20 percent off for good unless said."""
    usual = {} if "amountsOff" in terms else {"percentOff": "20"}
    made = await make(story, {"key": key, "name": key.title(), "duration": "FOREVER", **usual, **terms})
    assert made["__typename"] == "CouponCreated", made
    told: Told = made["coupon"]
    return told


async def give(story: Story, **asked: Any) -> str:
    """Put a coupon on somebody or something, and answer the discount's id."""
    answer = (await story.world.ask(APPLY, input=asked))["answer"]
    assert answer["__typename"] == "DiscountApplied", answer
    given: str = answer["discount"]["id"]
    return given


async def redeemed(story: Story, key: str) -> tuple[int, dict[str, int]]:
    """How often a coupon was redeemed, and each of its codes."""
    found = (await story.world.ask(REDEEMED, id=key))["coupon"]
    codes = [edge["node"] for edge in found["promotionCodes"]["edges"]]
    return found["redeemed"], {each["code"]: each["redeemed"] for each in codes}


async def discounts(story: Story, external_id: str) -> tuple[Any, list[Any]]:
    """What a customer has off as a whole, and each of their subscriptions."""
    found = (await story.world.ask(HELD, of={"externalId": external_id}))["customer"]
    told = story.names.plain(found["discount"])
    edges = found["subscriptions"]["edges"]
    return told, [story.names.plain(edge["node"]["discount"]) for edge in edges]

"""A customer's life before anything ends."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Customer life"

CUSTOMERS: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
        "Create a customer",
        "Your own id for them is enough; sending it again changes the same customer.",
        """mutation Customer($input: CustomerUpsertInput!) {
  customerUpsert(input: $input) {
    __typename
    ... on CustomerUpserted { created customer { id externalId name } }
    ... on UserError { code message field }
  }
}""",
        {"input": {"externalId": "acme", "name": "Acme GmbH", "email": "owner@acme.example"}},
    ),
    SavedOperation(
        _TASK,
        "Subscribe",
        "Starts a plan for the customer, at once or on a date.",
        """mutation Subscribe($input: SubscriptionCreateInput!) {
  subscriptionCreate(input: $input) {
    __typename
    ... on SubscriptionCreated { subscription { id status plan { key } currentPeriod { start end } } }
    ... on UserError { code message field }
  }
}""",
        {"input": {"customer": {"externalId": "acme"}, "planId": "{{plan}}"}},
    ),
    SavedOperation(
        _TASK,
        "The customer's page",
        "What a portal shows: the subscriptions, what can be done with each, and what is left.",
        """query Page($customer: CustomerRef!) {
  customer(ref: $customer) {
    name
    subscriptions(first: 5) {
      edges {
        node {
          id
          state
          plan { name }
          currentPeriod { start end }
          availableActions(as: CUSTOMER) { kind enabled label }
        }
      }
    }
  }
  entitlements(customer: $customer) {
    feature { key unit }
    hasAccess
    limit
    used
    remaining
    resetsAt
  }
}""",
        {"customer": {"id": "{{customer}}"}},
    ),
    SavedOperation(
        _TASK,
        "Grant something extra",
        "An allowance on top of the plan's limit, as support would give after an outage.",
        """mutation Grant($input: GrantCreateInput!) {
  grantCreate(input: $input) {
    __typename
    ... on GrantCreated { grant { id amount used priority expiresAt } replayed }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "customer": {"id": "{{customer}}"},
                "feature": "{{feature}}",
                "amount": "50",
                "reason": "Sorry for Tuesday",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Make a coupon",
        "Twenty percent off for three months; a key is given once, so that choosing another makes another.",
        """mutation Coupon($input: CouponCreateInput!) {
  couponCreate(input: $input) {
    __typename
    ... on CouponCreated { coupon { id key terms { percentOff duration months } redeemed } }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "key": "spring",
                "name": "Spring offer",
                "percentOff": "20",
                "duration": "MONTHS",
                "months": 3,
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Give a discount",
        "The coupon on one subscription: its next invoices are lower, what is billed already stays as it is.",
        """mutation Discount($input: DiscountApplyInput!) {
  discountApply(input: $input) {
    __typename
    ... on DiscountApplied { discount { id name startsAt endsAt } }
    ... on AlreadyDiscounted { code message discountId }
    ... on UserError { code message field }
  }
}""",
        {"input": {"couponId": "spring", "subscriptionId": "{{subscription}}"}},
    ),
    SavedOperation(
        _TASK,
        "Open the portal",
        "A link for the customer's own page, good for one use.",
        """mutation Portal($input: BillingPortalSessionCreateInput!) {
  billingPortalSessionCreate(input: $input) {
    __typename
    ... on BillingPortalSessionCreated { url expiresAt }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}"}},
    ),
)

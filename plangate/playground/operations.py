"""Saved operations by task, with variables that fit the demo's catalog and customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SavedOperation:
    """One thing to try: its task, a title, a sentence, the document, and demo variables.

    `{{name}}` in a variable stands for a value that the reader fills in (an id from an earlier answer); the demo may
    fill in its own.
    """

    task: str
    title: str
    sentence: str
    document: str
    variables: Mapping[str, object] = field(default_factory=dict[str, object])


CATALOG: Final = "Catalog"
CUSTOMERS: Final = "Customers"
CHECKS: Final = "Access"
CHANGES: Final = "Changing and cancelling"
TIME: Final = "Time"

OPERATIONS: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        CATALOG,
        "See the plans",
        "What is sold, at which prices, and what each plan gives.",
        """query Plans {
  plans {
    key
    name
    kind
    prices { currency interval { unit count } model unitAmount { amount } }
    entitlements { feature { key name } limit unlimited value }
  }
}""",
    ),
    SavedOperation(
        CUSTOMERS,
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
        CUSTOMERS,
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
        CHECKS,
        "May they?",
        "One decision: whether access is given, how much is left, when it resets, and why.",
        """query Check($customer: CustomerRef!, $feature: String!) {
  entitlement(customer: $customer, feature: $feature) {
    __typename
    ... on Entitlement {
      hasAccess
      reason
      limit
      used
      remaining
      resetsAt
      explain { rule sources { kind key won lost } }
    }
    ... on UserError { code message field }
  }
}""",
        {"customer": {"externalId": "acme"}, "feature": "{{feature}}"},
    ),
    SavedOperation(
        CHECKS,
        "Consume",
        "Takes from the limit exactly; beyond it the answer says why and until when.",
        """mutation Consume($input: EntitlementConsumeInput!) {
  entitlementConsume(input: $input) {
    __typename
    ... on EntitlementGranted { used remaining resetsAt replayed }
    ... on EntitlementDenied { reason used limit remaining resetsAt }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "customer": {"externalId": "acme"},
                "feature": "{{feature}}",
                "amount": "1",
                "idempotencyKey": "playground-1",
            }
        },
    ),
    SavedOperation(
        CHANGES,
        "Preview a change",
        "What would be gained, lost and lowered, before anything is done.",
        """query Preview($input: SubscriptionChangePreviewInput!) {
  subscriptionChangePreview(input: $input) {
    __typename
    ... on SubscriptionChangePreview {
      direction
      timing
      appliesAt
      entitlements { kind feature { key } before { limit } after { limit } used overBy }
    }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "planId": "{{lowerPlan}}"}},
    ),
    SavedOperation(
        CHANGES,
        "Downgrade",
        "The cheaper plan waits for the end of what was paid for.",
        """mutation Downgrade($input: SubscriptionDowngradeInput!) {
  subscriptionDowngrade(input: $input) {
    __typename
    ... on SubscriptionDowngraded {
      subscription { plan { key } scheduledChanges { kind appliesAt plan { key } } }
      replayed
    }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "planId": "{{lowerPlan}}"}},
    ),
    SavedOperation(
        CHANGES,
        "What can be done?",
        "Every action of the subscriptions that will end, as the customer would see it.",
        """query Pending {
  subscriptions(filter: {state: [PENDING_CANCELLATION]}) {
    edges {
      node {
        id
        customer { name }
        cancelAt
        availableActions(as: CUSTOMER) { kind enabled reasonCode label }
      }
    }
  }
}""",
    ),
    SavedOperation(
        CHANGES,
        "Cancel",
        "Now, at the end of the period, or on a date.",
        """mutation Cancel($input: SubscriptionCancelInput!) {
  subscriptionCancel(input: $input) {
    __typename
    ... on SubscriptionCanceled {
      effectiveAt
      subscription { state cancellation { effectiveAt reason comment } }
      replayed
    }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "subscriptionId": "{{subscription}}",
                "timing": "END_OF_PERIOD",
                "reason": "TOO_EXPENSIVE",
            }
        },
    ),
    SavedOperation(
        CHANGES,
        "Keep it after all",
        "Undoes a cancellation that has not come into effect.",
        """mutation Keep($input: SubscriptionCancellationUndoInput!) {
  subscriptionCancellationUndo(input: $input) {
    __typename
    ... on SubscriptionCancellationUndone { subscription { state renewsAt } replayed }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}"}},
    ),
    SavedOperation(
        CHANGES,
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
    SavedOperation(
        TIME,
        "Advance the clock",
        "In a test environment time moves when you say so; everything due on the way happens in order.",
        """mutation Advance($input: TestClockAdvanceInput!) {
  testClockAdvance(input: $input) {
    __typename
    ... on TestClockAdvanced { now running }
    ... on UserError { code message field }
  }
}""",
        {"input": {"to": "{{later}}"}},
    ),
)

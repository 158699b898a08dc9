"""From one plan or quantity to another."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Changing plans"

CHANGING: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
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
        _TASK,
        "Add seats",
        "More is given at once, fewer at the end of what was paid for.",
        """mutation Seats($input: SubscriptionChangeInput!) {
  subscriptionChange(input: $input) {
    __typename
    ... on SubscriptionChanged { subscription { quantity scheduledChanges { kind appliesAt quantity } } replayed }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "quantity": 15, "idempotencyKey": "{{key}}"}},
    ),
    SavedOperation(
        _TASK,
        "Downgrade",
        "The cheaper plan waits for the end of what was paid for.",
        """mutation Downgrade($input: SubscriptionDowngradeInput!) {
  subscriptionDowngrade(input: $input) {
    __typename
    ... on SubscriptionDowngraded {
      subscription { plan { key } scheduledChanges { id kind appliesAt plan { key } } }
      replayed
    }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "planId": "{{lowerPlan}}", "idempotencyKey": "{{key}}"}},
    ),
    SavedOperation(
        _TASK,
        "Undo the downgrade",
        "Takes back what has not been applied yet. Downgrade first: its id is filled in here.",
        """mutation Undo($input: ScheduledChangeUndoInput!) {
  scheduledChangeUndo(input: $input) {
    __typename
    ... on ScheduledChangeUndone { subscription { plan { key } scheduledChanges { kind } } replayed }
    ... on UserError { code message field }
  }
}""",
        {"input": {"id": "{{scheduledChange}}", "idempotencyKey": "{{key}}"}},
    ),
    SavedOperation(
        _TASK,
        "Move everybody?",
        "What a migration from one plan to another would do to each of its subscriptions; nothing is written.",
        """query Move($input: PlanMigrationPreviewInput!) {
  planMigrationPreview(input: $input) {
    __typename
    ... on PlanMigrationPreview {
      totals { examined wouldMove wouldSkip { code count } }
      subscriptions(first: 5) {
        edges { node { subscription { id customer { name } } refusal { code } change { direction appliesAt } } }
      }
    }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "from": {"planId": "enterprise"},
                "to": {"planId": "{{lowerPlan}}"},
                "when": "AT_RENEWAL",
                "prices": "NEW",
            }
        },
    ),
)

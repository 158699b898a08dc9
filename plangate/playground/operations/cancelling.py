"""Ending a subscription, and keeping it after all."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Cancelling"
_CANCEL: Final = """mutation Cancel($input: SubscriptionCancelInput!) {
  subscriptionCancel(input: $input) {
    __typename
    ... on SubscriptionCanceled {
      effectiveAt
      subscription { state cancellation { effectiveAt reason comment } }
      finalInvoice { status total { amount currency } }
      replayed
    }
    ... on PreviewRequired { cancellationPreview { effectiveAt money { token } } }
    ... on UserError { code message field }
  }
}"""

CANCELLING: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
        "Preview a cancellation",
        "When it would take effect, when access would end, and what would be lost.",
        """query CancelPreview($input: SubscriptionCancellationPreviewInput!) {
  subscriptionCancellationPreview(input: $input) {
    __typename
    ... on SubscriptionCancellationPreview {
      timing
      effectiveAt
      accessEndsAt
      entitlements { kind feature { key } before { limit } after { limit } }
    }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "timing": "END_OF_PERIOD"}},
    ),
    SavedOperation(
        _TASK,
        "Cancel at the period's end",
        "Everything stays until then, and it can be undone until then.",
        _CANCEL,
        {
            "input": {
                "subscriptionId": "{{subscription}}",
                "timing": "END_OF_PERIOD",
                "reason": "TOO_EXPENSIVE",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Keep it after all",
        "Undoes a cancellation that has not come into effect.",
        """mutation Keep($input: SubscriptionCancellationUndoInput!) {
  subscriptionCancellationUndo(input: $input) {
    __typename
    ... on SubscriptionCancellationUndone { subscription { state renewsAt } replayed }
    ... on PreviewRequired { cancellationUndoPreview { missedPeriod { start end } money { token } } }
    ... on UserError { code message field }
  }
}""",
        {"input": {"subscriptionId": "{{subscription}}", "idempotencyKey": "{{key}}"}},
    ),
    SavedOperation(
        _TASK,
        "Cancel on a date",
        "The merchant may name any date ahead; a customer may not.",
        _CANCEL,
        {
            "input": {
                "subscriptionId": "{{subscription}}",
                "timing": "ON_DATE",
                "date": "{{later}}",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Cancel after three periods",
        "The present one counts; unpaid invoices are still collected after the end.",
        _CANCEL,
        {
            "input": {
                "subscriptionId": "{{subscription}}",
                "timing": "AFTER_CYCLES",
                "cycles": 3,
                "openInvoices": "KEEP_RETRYING",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "What would it cost to end them all?",
        "A dry run: a job that cancels nobody and says what becomes of each, and of the money.",
        """mutation CancelMany($input: SubscriptionsCancelInput!) {
  subscriptionsCancel(input: $input) {
    __typename
    ... on SubscriptionsCancelStarted { job { id state dryRun } replayed }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "subscriptions": {"filter": {"states": ["ACTIVE"]}},
                "timing": "IMMEDIATE",
                "prorate": True,
                "dryRun": True,
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Who is leaving?",
        "Every subscription that will end, with what its customer could do about it.",
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
)

"""What happened, and what time it is."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Running it"

RUNNING: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
        "What happened?",
        "Every act and everything that time did, in one order, with who was behind it.",
        """query Events($filter: EventFilter) {
  events(filter: $filter, first: 10) {
    edges { node { type occurredAt cause channel actor after } }
    pageInfo { hasNextPage endCursor }
  }
}""",
        {"filter": {"customer": {"id": "{{customer}}"}}},
    ),
    SavedOperation(
        _TASK,
        "How does the business stand?",
        "Subscriptions by state, what they bring in a month, and what customers still have to pay.",
        """query Overview {
  paymentsOverview {
    at
    counts { state count }
    mrr { state amount { amount currency } }
    mrrTotals { amount currency }
    openInvoices { count remaining { amount currency } }
  }
}""",
    ),
    SavedOperation(
        _TASK,
        "Who am I here?",
        "What the credential is, what it may do, and where its clock stands.",
        """query Me {
  viewer {
    kind
    scopes
    environment { name kind zone testClock { now target } }
    customer { name }
  }
}""",
    ),
    SavedOperation(
        _TASK,
        "Advance the clock",
        "In a test environment time moves when you say so; everything due on the way happens in order.",
        """mutation Advance($input: TestClockAdvanceInput!) {
  testClockAdvance(input: $input) {
    __typename
    ... on TestClockAdvanced { now running }
    ... on UserError { code message field }
  }
}""",
        {"input": {"to": "{{later}}", "idempotencyKey": "{{key}}"}},
    ),
)

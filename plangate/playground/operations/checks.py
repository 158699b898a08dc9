"""Who may use what, and how much was used."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Checks"

CHECKS: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
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
        {"customer": {"id": "{{customer}}"}, "feature": "{{feature}}"},
    ),
    SavedOperation(
        _TASK,
        "Consume",
        "Takes from the limit exactly; beyond it the answer says why. Run it twice: one key counts once.",
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
                "customer": {"id": "{{customer}}"},
                "feature": "{{feature}}",
                "amount": "1",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Report usage",
        "Writes down what was used already, over the limit too; a negative value with its reason corrects.",
        """mutation Report($input: UsageReportInput!) {
  usageReport(input: $input) {
    __typename
    ... on UsageReported { used remaining overBy replayed }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "customer": {"id": "{{customer}}"},
                "feature": "{{feature}}",
                "value": "2.5",
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Hold for a long job",
        "Takes out of everybody's reach what a job may need; what is not settled in time is free again.",
        """mutation Reserve($input: EntitlementReserveInput!) {
  entitlementReserve(input: $input) {
    __typename
    ... on EntitlementReserved { reservation { id amount expiresAt } used reserved remaining replayed }
    ... on EntitlementDenied { reason used limit remaining resetsAt }
    ... on UserError { code message field }
  }
}""",
        {
            "input": {
                "customer": {"id": "{{customer}}"},
                "feature": "{{feature}}",
                "amount": "3",
                "expiresInSeconds": 3600,
                "idempotencyKey": "{{key}}",
            }
        },
    ),
    SavedOperation(
        _TASK,
        "Settle what was held",
        "The job is done: what it really used is written down, and the rest is free. Hold something first.",
        """mutation Settle($input: ReservationSettleInput!) {
  reservationSettle(input: $input) {
    __typename
    ... on ReservationSettled { reservation { state } record { amount } used reserved remaining replayed }
    ... on UserError { code message field }
  }
}""",
        {"input": {"id": "{{reservation}}", "amount": "2", "idempotencyKey": "{{key}}"}},
    ),
    SavedOperation(
        _TASK,
        "Usage by day",
        "Sums of the ledger in the days of the customer's own calendar.",
        """query History($customer: CustomerRef!, $feature: String!, $since: Instant!, $until: Instant!) {
  usageHistory(customer: $customer, feature: $feature, since: $since, until: $until, bucket: DAY) {
    __typename
    ... on UsageHistory { zone buckets { start end amount } }
    ... on UserError { code message field }
  }
}""",
        {
            "customer": {"id": "{{customer}}"},
            "feature": "{{feature}}",
            "since": "{{earlier}}",
            "until": "{{later}}",
        },
    ),
    SavedOperation(
        _TASK,
        "Read the ledger",
        "Every row that the counter is made of; rows are added and never edited.",
        """query Ledger($filter: UsageFilter!) {
  usageRecords(filter: $filter, first: 10) {
    edges { node { kind amount occurredAt reason } }
    pageInfo { hasNextPage endCursor }
  }
}""",
        {"filter": {"customer": {"id": "{{customer}}"}}},
    ),
)

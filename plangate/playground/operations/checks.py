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

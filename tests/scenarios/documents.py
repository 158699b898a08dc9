"""What the scenarios ask: whole answers of the acts and questions about subscriptions."""

from __future__ import annotations

from typing import Final

CHANGES: Final = """
fragment Change on ScheduledChange {
  id kind status appliesAt interval { unit count } quantity plan { key } addOn { key }
}
"""
TOLD: Final = (
    CHANGES
    + """
fragment Told on Subscription {
  plan { key } status state quantity resourceId currency interval { unit count } startsAt trialEnd
  currentPeriod { start end } naturalPeriodEnd renewsAt cancelAt endedAt endedCause accessUntil
  addOns { plan { key } quantity }
  scheduledChanges { ...Change }
  cancellation { timing reason comment actor channel requestedAt effectiveAt undoneAt }
}
"""
)

REFUSED: Final = """
fragment Refused on UserError {
  code field
  ... on AlreadyEnded { endedAt } ... on SubscriptionEnded { endedAt }
  ... on ActionNotAllowed { action reasonCode instructions }
  ... on CancellationPending { pendingUntil: effectiveAt }
  ... on DateOutOfRange { earliest latest }
  ... on NotADowngrade { currentRank targetRank }
  ... on AlreadySubscribed { subscriptionId }
  ... on AlreadyApplied { status }
  ... on PriceNotAvailable { available }
  ... on AddOnNotCompatible { compatible }
  ... on CustomerHasLiveSubscriptions { subscriptionIds }
  ... on ResourceRequired { resources }
  ... on HistoryNotKept { keptSince }
  ... on PreviewRequired { cancellationPreview { money { token } } cancellationUndoPreview { money { token } } }
}
"""


def act(name: str, kind: str, selection: str, *fragments: str) -> str:
    """Write the document of a mutation whose whole answer is read."""
    return (
        f"mutation($input: {kind}!) {{ answer: {name}(input: $input) {{ __typename ...Refused {selection} }} }}"
        f"{REFUSED}{''.join(fragments)}"
    )


CREATE: Final = act(
    "subscriptionCreate",
    "SubscriptionCreateInput",
    "... on SubscriptionCreated { replayed subscription { ...Told } }",
    TOLD,
)
UPSERT: Final = act(
    "customerUpsert",
    "CustomerUpsertInput",
    "... on CustomerUpserted { created replayed subscription { ...Told } }",
    TOLD,
)
CHANGE: Final = act(
    "subscriptionChange",
    "SubscriptionChangeInput",
    "... on SubscriptionChanged"
    " { replayed change { ...Change } replacedChanges { ...Change } subscription { ...Told } }",
    TOLD,
)
DOWNGRADE: Final = act(
    "subscriptionDowngrade",
    "SubscriptionDowngradeInput",
    "... on SubscriptionDowngraded"
    " { replayed change { ...Change } replacedChanges { ...Change } subscription { ...Told } }",
    TOLD,
)
CANCEL: Final = act(
    "subscriptionCancel",
    "SubscriptionCancelInput",
    "... on SubscriptionCanceled { replayed effectiveAt subscription { ...Told } }",
    TOLD,
)
UNDO: Final = act(
    "subscriptionCancellationUndo",
    "SubscriptionCancellationUndoInput",
    "... on SubscriptionCancellationUndone { replayed subscription { ...Told } }",
    TOLD,
)
UNDO_CHANGE: Final = act(
    "scheduledChangeUndo",
    "ScheduledChangeUndoInput",
    "... on ScheduledChangeUndone { replayed change { ...Change } subscription { ...Told } }",
    TOLD,
)
REPORT: Final = act(
    "usageReport",
    "UsageReportInput",
    "... on UsageReported { record { amount kind occurredAt reason } used limit remaining overBy resetsAt replayed }",
)
CONSUME: Final = (
    """mutation($input: EntitlementConsumeInput!) { answer: entitlementConsume(input: $input) {
  __typename ...Refused
  ... on EntitlementGranted { amount used limit unlimited remaining overBy resetsAt replayed }
  ... on EntitlementDenied { reason requested used limit unlimited remaining overBy resetsAt } } }"""
    + REFUSED
)
RESERVE: Final = (
    """mutation($input: EntitlementReserveInput!) { answer: entitlementReserve(input: $input) {
  __typename ...Refused
  ... on EntitlementReserved {
    reservation { id amount state createdAt expiresAt } used reserved limit unlimited remaining overBy
    resetsAt replayed }
  ... on EntitlementDenied { reason requested used limit unlimited remaining overBy resetsAt } } }"""
    + REFUSED
)
SETTLE: Final = (
    """mutation($input: ReservationSettleInput!) { answer: reservationSettle(input: $input) {
  __typename ...Refused ... on ReservationExpired { expiredAt } ... on ReservationEnded { state }
  ... on ReservationSettled {
    reservation { state settledAmount endedAt record { amount } } record { amount kind occurredAt overage }
    used reserved limit remaining overBy resetsAt replayed }
  ... on EntitlementDenied { reason requested used limit unlimited remaining overBy resetsAt } } }"""
    + REFUSED
)
RELEASE: Final = act(
    "reservationRelease",
    "ReservationReleaseInput",
    "... on ReservationExpired { expiredAt } ... on ReservationEnded { state }"
    " ... on ReservationReleased { replayed reservation { state endedAt settledAmount } }",
)
RESERVATIONS: Final = """query($filter: ReservationFilter!) {
  reservations(filter: $filter, first: 100) { edges { node { amount state settledAmount endedAt } } } }"""
HISTORY: Final = (
    """query($customer: CustomerRef!, $feature: String!, $resource: String, $since: Instant!, $until: Instant!,
  $bucket: IntervalUnit!) {
  answer: usageHistory(
    customer: $customer, feature: $feature, resource: $resource, since: $since, until: $until, bucket: $bucket) {
    __typename ...Refused ... on TooManyBuckets { most }
    ... on UsageHistory { zone amount buckets { start end used corrected amount } } } }"""
    + REFUSED
)
GRANT: Final = act(
    "grantCreate",
    "GrantCreateInput",
    "... on GrantCreated { replayed grant { id amount used priority startsAt expiresAt revokedAt reason } }",
)
REVOKE: Final = act(
    "grantRevoke",
    "GrantRevokeInput",
    "... on GrantRevoked { replayed grant { amount used startsAt expiresAt revokedAt } }",
)
OVERRIDE: Final = act(
    "overrideSet",
    "OverrideSetInput",
    "... on OverrideWasSet { replayed override { revoked limit value startsAt endsAt clearedAt } }",
)
CLEAR: Final = act(
    "overrideClear",
    "OverrideClearInput",
    "... on OverrideCleared { replayed override { revoked limit value startsAt endsAt clearedAt } }",
)
ARCHIVE: Final = act(
    "customerArchive",
    "CustomerArchiveInput",
    "... on CustomerArchiveDone { replayed customer { externalId archivedAt } }",
)

SUBSCRIPTION: Final = "query($id: ID!) { subscription(id: $id) { ...Told } }" + TOLD
ACTIONS: Final = """query($id: ID!, $as: Audience!) {
  subscription(id: $id) { availableActions(as: $as) { kind enabled reasonCode } } }"""
SUBSCRIPTIONS: Final = """query($filter: SubscriptionFilter) {
  subscriptions(filter: $filter, orderBy: CREATED_ASC, first: 100) { edges { node { id state } } } }"""
EVENTS: Final = """query($filter: EventFilter, $after: String) { events(filter: $filter, first: 100, after: $after) {
  pageInfo { endCursor hasNextPage }
  edges { node {
    ownerId sequence position type subjectId occurredAt recordedAt cause channel actor before after } } } }"""
ENTITLEMENT: Final = (
    """query($ref: CustomerRef!, $feature: String!, $resource: String, $requested: String, $at: Instant) {
  entitlement(customer: $ref, feature: $feature, resource: $resource, requested: $requested, at: $at) {
    __typename ...Refused ... on Entitlement {
      featureKey resource hasAccess reason used limit unlimited hard remaining overBy reserved allowanceLeft windowStart
      resetsAt value validUntil } } }"""
    + REFUSED
)
ENTITLEMENTS: Final = """query($ref: CustomerRef!, $resource: String, $at: Instant, $features: [String!]) {
  entitlements(customer: $ref, resource: $resource, at: $at, features: $features) {
    featureKey resource hasAccess reason used limit unlimited hard remaining overBy allowanceLeft windowStart resetsAt
    value validUntil } }"""
LEVELS: Final = """
fragment Levels on EntitlementChange {
  feature { key } kind used overBy before { granted limit unlimited value } after { granted limit unlimited value }
}
"""
PREVIEW: Final = (
    """query($input: SubscriptionChangePreviewInput!) { answer: subscriptionChangePreview(input: $input) {
  __typename ...Refused ... on SubscriptionChangePreview {
    direction timing appliesAt plan { key } undoesCancellation replacedChanges { ...Change }
    entitlements { ...Levels } } } }"""
    + REFUSED
    + LEVELS
    + CHANGES
)
CANCELLATION_PREVIEW: Final = (
    """query($input: SubscriptionCancellationPreviewInput!) { answer: subscriptionCancellationPreview(input: $input) {
  __typename ...Refused ... on SubscriptionCancellationPreview {
    timing effectiveAt accessEndsAt continuesOn { key } droppedChanges { ...Change } entitlements { ...Levels } } } }"""
    + REFUSED
    + LEVELS
    + CHANGES
)
PLANS: Final = (
    "{ plans(hidden: true) { id key } addOns: plans(hidden: true, addOns: true) { id key } features { id key } }"
)

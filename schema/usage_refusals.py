# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/refusals.py`; these are answers)
"""Every refusal of taking and holding as the schema tells it."""

from datetime import datetime

from billing import refusals
from billing.entitlements.reservations import ReservationState
from billing.entitlements.sources import Aggregation
from schema.promise import about
from schema.refusals import UserError, tells


@tells(refusals.FeatureNotSummed)
class FeatureNotSummed(UserError):
    aggregation: Aggregation | None = about("How reports of it become one number.")


@tells(refusals.ReservationExpired)
class ReservationExpired(UserError):
    expired_at: datetime | None = about("When it expired.")


@tells(refusals.ReservationEnded)
class ReservationEnded(UserError):
    state: ReservationState | None = about("What became of it.")

"""Inputs that several questions and acts share."""

from datetime import datetime

from strawberry import ID, UNSET

from billing.calendar import Interval, IntervalUnit, Period
from billing.notice import Notice
from billing.refusals import InvalidInput
from resolvers import checks
from resolvers import inputs as commands
from schema.promise import about, input_type, one_of_type
from schema.scalars import Amount
from schema.texts import given, optional_identifier, optional_text, short_enough, single, text, whole

LONGEST_INTERVAL = 1_000
MOST_ADD_ONS = 50


@one_of_type
class NoticeInput:
    """How long before its end a cancellation is said: days or months of the billing zone's calendar."""

    days: int | None = about("So many days, 1 to 365, after the day of the call.", default=UNSET)
    months: int | None = about("So many months, 1 to 12: the same day, or the last of a shorter month.", default=UNSET)

    def to_notice(self) -> Notice:
        """Check both ways."""
        return Notice(given(self.days), given(self.months))


@one_of_type
class CustomerRef:
    """A customer, by the id here or by the host's own."""

    id: ID | None = about("The customer's id (`cus_…`).", default=UNSET)
    external_id: str | None = about("The id that the host gave the customer.", default=UNSET)

    def to_ref(self, field: str = "customer") -> commands.CustomerRef:
        """Check both ways."""
        return commands.CustomerRef(
            optional_identifier(self.id, f"{field}.id"),
            optional_text(self.external_id, f"{field}.externalId"),
        )

    def to_known(self) -> commands.CustomerRef | None:
        """Take what can be found; None is what nothing can be found by."""
        found = commands.CustomerRef(_single(self.id), _single(self.external_id))
        return found if found.id or found.external_id else None


@input_type
class IntervalInput:
    """So many units of recurring time: a quarter is 3 months."""

    unit: IntervalUnit = about("The unit.")
    count: int = about("How many of it, 1 to 1000.", default=1)

    def to_interval(self) -> Interval:
        """Check the count."""
        return Interval(self.unit, whole(self.count, "interval.count", 1, LONGEST_INTERVAL))


@input_type
class AddOnInput:
    """An add-on and how many of it."""

    add_on_id: ID = about("The add-on's id or key.")
    quantity: int = about("How many.", default=1)


@input_type
class MoneyInput:
    """An amount of one currency."""

    amount: Amount = about("In whole units of the currency, with at most its decimals, like `12.30`.")
    currency: str = about("The ISO 4217 code of the currency.")


@input_type
class PeriodInput:
    """A half-open piece of time."""

    start: datetime = about("When it begins.")
    end: datetime = about("When it is over; not part of it.")


def _single(value: str | None) -> str | None:
    value = given(value)
    return single(value) if value is not None else None


def notice_of(asked: NoticeInput | None) -> Notice | None:
    """Take a notice, or none."""
    asked = given(asked)
    return asked.to_notice() if asked is not None else None


def interval_of(asked: IntervalInput | None) -> Interval | None:
    """Take an interval, or none."""
    asked = given(asked)
    return asked.to_interval() if asked is not None else None


def add_ons_of(asked: list[AddOnInput] | None) -> tuple[commands.AddOnChoice, ...] | None:
    """Take the whole set of add-ons, or none said."""
    asked = given(asked)
    if asked is None:
        return None
    short_enough(asked, "addOns", MOST_ADD_ONS)
    return tuple(
        commands.AddOnChoice(
            identifier_or_key(one.add_on_id, "addOns.addOnId"),
            whole(one.quantity, "addOns.quantity", most=checks.MOST_QUANTITY),
        )
        for one in asked
    )


def identifier_or_key(value: str, field: str) -> str:
    """Take the id or key of something in the catalog."""
    return text(value, field)


def customer_of(asked: CustomerRef | None, field: str = "customer") -> commands.CustomerRef | None:
    """Take a customer, or none."""
    asked = given(asked)
    return asked.to_ref(field) if asked is not None else None


def period_of(asked: PeriodInput | None, field: str = "period") -> Period | None:
    """Take a period that is not empty, or none."""
    asked = given(asked)
    if asked is None:
        return None
    if asked.end <= asked.start:
        raise InvalidInput("A period ends after it starts.", field=f"{field}.end")
    return Period(asked.start, asked.end)

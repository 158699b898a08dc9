"""One line of an import file: its shape, and the record that it says."""

from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from billing.calendar import Interval, IntervalUnit
from billing.entitlements.sources import AllowanceKind
from billing.invoicing.values import BillingMode
from models.choices import CustomerKind
from resolvers.importing.records import (
    CustomerRecord,
    GrantRecord,
    PaidInstalments,
    Record,
    SubscriptionRecord,
    UsageRecord,
)
from resolvers.inputs import AddOnChoice

Given = TypeVar("Given")
Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
MOST_ADD_ONS = 50
LONGEST_INTERVAL = 1_000


class Shape(BaseModel):
    """What every object of a line is: camelCase, nothing unknown, nothing converted."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, validate_by_alias=True)


class IntervalShape(Shape):
    """How often a subscription renews."""

    unit: IntervalUnit = Field(strict=False)
    count: int = Field(default=1, ge=1, le=LONGEST_INTERVAL)


class AddOnShape(Shape):
    """An add-on that is held."""

    add_on: Id
    quantity: int = 1


class CustomerLine(Shape):
    """A customer."""

    type: Literal["customer"]
    external_id: Id
    name: str | None = None
    email: str | None = None
    kind: CustomerKind = Field(default=CustomerKind.UNKNOWN, strict=False)
    locale: str | None = None
    zone: str | None = None
    country: str | None = None
    address: dict[str, str] | None = None
    tax_ids: list[dict[str, str]] = Field(default_factory=list[dict[str, str]])
    metadata: dict[str, str] = Field(default_factory=dict[str, str])

    def record(self) -> Record:
        """Say what it means."""
        given = self.model_dump(exclude={"type", "tax_ids"})
        return CustomerRecord(**given, tax_ids=tuple(self.tax_ids))


class InstalmentsShape(Shape):
    """What is paid of a subscription that is paid in instalments."""

    paid: int


class SubscriptionLine(Shape):
    """A subscription."""

    type: Literal["subscription"]
    external_id: Id
    customer: Id
    plan: Id
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)
    currency: str | None = None
    interval: IntervalShape | None = None
    quantity: int = 1
    add_ons: list[AddOnShape] = Field(default_factory=list[AddOnShape], max_length=MOST_ADD_ONS)
    resource: str | None = None
    starts_at: AwareDatetime = Field(strict=False)
    anchor: AwareDatetime | None = Field(default=None, strict=False)
    billed_until: AwareDatetime | None = Field(default=None, strict=False)
    trial_end: AwareDatetime | None = Field(default=None, strict=False)
    cancel_at: AwareDatetime | None = Field(default=None, strict=False)
    billing_mode: BillingMode | None = Field(default=None, strict=False)
    instalments: InstalmentsShape | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])

    def record(self) -> Record:
        """Say what it means."""
        given = self.model_dump(exclude={"type", "interval", "add_ons", "instalments"})
        every = Interval(self.interval.unit, self.interval.count) if self.interval else None
        held = tuple(AddOnChoice(each.add_on, each.quantity) for each in self.add_ons)
        paid = PaidInstalments(self.instalments.paid) if self.instalments else None
        return SubscriptionRecord(**given, interval=every, add_ons=held, instalments=paid)


class UsageLine(Shape):
    """Some usage."""

    type: Literal["usage"]
    external_id: Id
    customer: Id
    feature: Id
    amount: str
    occurred_at: AwareDatetime = Field(strict=False)
    resource: str | None = None

    def record(self) -> Record:
        """Say what it means."""
        return UsageRecord(**self.model_dump(exclude={"type"}))


class GrantLine(Shape):
    """A grant."""

    type: Literal["grant"]
    external_id: Id
    customer: Id
    feature: Id
    amount: str | None = None
    value: Any = None
    kind: AllowanceKind = Field(default=AllowanceKind.PROMOTIONAL, strict=False)
    priority: int | None = None
    starts_at: AwareDatetime | None = Field(default=None, strict=False)
    expires_at: AwareDatetime | None = Field(default=None, strict=False)
    resource: str | None = None
    reason: str | None = None

    def record(self) -> Record:
        """Say what it means."""
        return GrantRecord(**self.model_dump(exclude={"type"}))


Line: TypeAlias = Annotated[CustomerLine | SubscriptionLine | UsageLine | GrantLine, Field(discriminator="type")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


class BadLine(Exception):  # noqa: N818  (what is wrong with a line, for whoever wrote it)
    """A line that is no record; each of `problems` says where and what."""

    def __init__(self, *problems: str) -> None:
        """Name everything that is wrong."""
        super().__init__(*problems)
        self.problems = problems


def record_of(line: bytes) -> Record:
    """Read a line; raises BadLine."""
    try:
        line.decode()
    except UnicodeDecodeError as problem:
        raise BadLine(f"This is not UTF-8: byte {problem.start + 1}.") from None
    try:
        return LINE.validate_json(line).record()
    except ValidationError as problem:
        raise BadLine(*(_said(each) for each in problem.errors(include_url=False, include_context=False))) from None


def _said(error: Any) -> str:  # noqa: ANN401  (pydantic's own)
    if error["type"] == "json_invalid":
        return "This is not JSON."
    if error["type"].startswith("union_tag"):
        return "`type` is customer, subscription, usage or grant."
    place = ".".join(str(part) for part in error["loc"][1:])
    return f"{place}: {error['msg']}." if place else f"{error['msg']}."

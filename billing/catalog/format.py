"""How a catalog is written down: the fields of each thing, by name.

One description for whoever reads a file, writes one, compares two, or makes the JSON Schema that editors check with.
`attribute` is the field of the value class; a test walks the classes, so that none is forgotten.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.catalog import words
from billing.catalog.checks.entitlements import MOST_PRIORITY
from billing.catalog.checks.plans import MOST_RANK, MOST_TRIAL_DAYS
from billing.dataclass import dataclass
from billing.entitlements.thresholds import HIGHEST_THRESHOLD
from billing.instalments import MOST_INSTALMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
"""The version of the format."""


class Sort(Enum):
    """What may stand in a field."""

    TEXT = auto()
    KEY = auto()
    TEXTS = auto()
    WHOLES = auto()
    WHOLE = auto()
    FLAG = auto()
    CHOICE = auto()
    EVERY = auto()
    MONEY = auto()
    AMOUNT = auto()
    LIMIT = auto()
    JSON = auto()
    METADATA = auto()
    ITEMS = auto()
    ENTITLEMENTS = auto()
    MAP = auto()
    THINGS = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in a file, what it means, and the attribute that holds it ('' for the name itself).

    `needed` says what is missing where the field has to be there and is not; "{of}" in it is whose field it is.
    `bounds` are those of a whole number. `shape` is that of the map, of each item, or of each thing by key.
    """

    name: str
    sort: Sort
    meaning: str
    attribute: str = ""
    needed: str = ""
    words: Mapping[str, object] | None = None
    bounds: tuple[int, int] | None = None
    shape: Shape | None = None

    @property
    def held(self) -> str:
        """The attribute that holds it."""
        return self.attribute or self.name


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of map: what it is, and its fields in the order in which they are written.

    Where `either` names fields, one of them has to be there.
    """

    meaning: str
    fields: tuple[Field, ...]
    either: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it may have."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str, *sorts: Sort) -> Field:
        """The field of that name, which must be of one of these sorts: whoever reads another is mistaken."""
        found = next((field for field in self.fields if field.name == name), None)
        if found is None or (sorts and found.sort not in sorts):
            raise LookupError(name)
        return found


NAME = Field("name", Sort.TEXT, "What people read.", needed="what people read")
DESCRIPTION = Field("description", Sort.TEXT, "What it is, in a sentence or two.")
ARCHIVED = Field("archived", Sort.FLAG, "`true` takes it off sale; nobody who has it loses it.")

SOURCE = Shape(
    "Where the facts of a copied price list are from: a note, never applied.",
    (
        Field("title", Sort.TEXT, "What the page is called."),
        Field("url", Sort.TEXT, "Where it is."),
        Field("retrieved", Sort.TEXT, "The day on which it was read, YYYY-MM-DD."),
    ),
)
PRODUCT = Shape(
    "What is sold.",
    (
        NAME,
        DESCRIPTION,
        Field("default_plan", Sort.KEY, "The plan of this product that a customer has without choosing."),
        Field(
            "after_cancellation",
            Sort.KEY,
            "A free or empty plan of this product on which whoever cancels goes on; left out, access is revoked.",
        ),
        ARCHIVED,
    ),
)
FEATURE = Shape(
    "A thing that plans promise.",
    (
        NAME,
        DESCRIPTION,
        Field(
            "kind",
            Sort.CHOICE,
            "Given or not, set to a value, or counted.",
            needed="boolean, config or metered",
            words=words.FEATURE_KINDS,
        ),
        Field("product", Sort.KEY, "Whose feature it is; left out, plans of every product may give it."),
        Field("unit", Sort.TEXT, "Metered only: what is counted, for people."),
        Field("scale", Sort.WHOLE, "Metered only: how many decimals its amounts have.", bounds=(0, MAX_SCALE)),
        Field("aggregation", Sort.CHOICE, "Metered only: how usage becomes one number.", words=words.AGGREGATIONS),
        Field("type", Sort.CHOICE, "Config only: what it holds.", "config_type", words=words.CONFIG_TYPES),
        Field("values", Sort.TEXTS, "Of an enum: the texts that are allowed.", "allowed_values"),
        Field(
            "thresholds",
            Sort.WHOLES,
            "Metered only: at which percents of a limit an event is raised; 80 and 100 if left out.",
            bounds=(1, HIGHEST_THRESHOLD),
        ),
        ARCHIVED,
    ),
)
TIER = Shape(
    "One tier of a price.",
    (
        Field("up_to", Sort.AMOUNT, "Units up to and including this many; the last tier has none."),
        Field("unit_amount", Sort.MONEY, "What one unit costs."),
        Field("flat_amount", Sort.MONEY, "What is added once a unit falls into the tier."),
    ),
    either=("unit_amount", "flat_amount"),
)
PRICE = Shape(
    "One price of a plan or add-on.",
    (
        Field("key", Sort.KEY, "Its name within the plan; made of currency, interval and feature if left out."),
        Field("currency", Sort.TEXT, "An ISO 4217 code.", needed="three letters, such as usd"),
        Field("every", Sort.EVERY, "How often it recurs.", "interval", needed="how often it recurs, such as month"),
        Field("usage", Sort.CHOICE, "In advance for a quantity, or in arrears for usage.", words=words.USAGES),
        Field("feature", Sort.KEY, "What is billed; on a licensed price, what each unit buys."),
        Field("model", Sort.CHOICE, "How a quantity becomes an amount.", words=words.MODELS),
        Field("amount", Sort.MONEY, "Of the period, of one unit, or of one package begun.", "unit_amount"),
        Field("package_size", Sort.AMOUNT, "Units in a package."),
        Field("tiers", Sort.ITEMS, "The tiers of a graduated or volume price.", shape=TIER),
    ),
)
METERED = Shape(
    "How much of a metered feature is given.",
    (
        Field("limit", Sort.LIMIT, "How much, or `unlimited`.", needed='how much of "{of}" is given, or `unlimited`'),
        Field("hard", Sort.FLAG, "`true` refuses what is beyond the limit, `false` counts it."),
        Field("reset", Sort.CHOICE, "When the counter begins again.", words=words.RESETS),
        Field("anchor", Sort.CHOICE, "What resets are counted from.", "reset_anchor", words=words.ANCHORS),
        Field("per_quantity", Sort.FLAG, "`true` multiplies the limit by the subscription's quantity."),
        Field("behaviour", Sort.CHOICE, "Of an add-on: add its limit, or replace the plan's.", words=words.BEHAVIOURS),
        Field("priority", Sort.WHOLE, "Lower ones are used up first.", bounds=(0, MOST_PRIORITY)),
        Field("rollover_maximum", Sort.AMOUNT, "So much of what is unspent at a reset lasts through the next window."),
        Field("rollover_minimum", Sort.AMOUNT, "Where less than this is unspent, nothing rolls over."),
    ),
)
CONFIG = Shape(
    "What a config feature is set to.", (Field("value", Sort.JSON, "The value.", needed='what "{of}" is set to'),)
)

_HEAD = (
    NAME,
    Field("product", Sort.TEXT, "The product that it sells.", needed="the key of what it sells"),
    Field(
        "kind",
        Sort.CHOICE,
        "How it is sold.",
        needed="free, paid, custom or empty",
        words=words.PLAN_KINDS,
    ),
    DESCRIPTION,
    Field("includes", Sort.TEXTS, "Other products whose features it may give and whose add-ons it may take."),
)
_PLAN_ONLY = (
    Field("rank", Sort.WHOLE, "Its place from small to large.", bounds=(-MOST_RANK, MOST_RANK)),
    Field("base", Sort.KEY, "A plan whose entitlements are copied when this one is published."),
    Field("addons", Sort.TEXTS, "The add-ons that it takes.", "add_ons"),
    Field("trial_days", Sort.WHOLE, "How long a paid plan may be tried.", bounds=(0, MOST_TRIAL_DAYS)),
    Field(
        "instalments",
        Sort.WHOLE,
        "How many payments make up its price, at the interval of the price; 0 if it renews.",
        bounds=(0, MOST_INSTALMENTS),
    ),
    Field(
        "access_after_completion",
        Sort.CHOICE,
        "Of instalments: what is bought is kept once all are paid, or ends with the last period.",
        words=words.AFTER_COMPLETION,
    ),
)
_TAIL = (
    Field("prices", Sort.ITEMS, "What it costs.", shape=PRICE),
    Field("entitlements", Sort.ENTITLEMENTS, "What it gives, by feature."),
    Field("metadata", Sort.METADATA, "Your own texts."),
    Field("hidden", Sort.FLAG, "`true` keeps it out of the public picker."),
    ARCHIVED,
)
ADD_ON = Shape("An add-on: a plan that rides on a plan.", (*_HEAD, *_TAIL))
PLAN = Shape("A plan.", (*_HEAD, *_PLAN_ONLY, *_TAIL))

ROOT = Shape(
    "What is sold in one environment.",
    (
        Field("catalog", Sort.WHOLE, "The version of this format.", needed=f"the version of this format, {FORMAT}"),
        Field("source", Sort.MAP, SOURCE.meaning, shape=SOURCE),
        Field("products", Sort.THINGS, "What is sold, by key.", shape=PRODUCT),
        Field("features", Sort.THINGS, "What plans promise, by key.", shape=FEATURE),
        Field("plans", Sort.THINGS, "Plans, by key.", shape=PLAN),
        Field("addons", Sort.THINGS, "Add-ons: plans that ride on a plan, by key.", shape=ADD_ON),
    ),
)

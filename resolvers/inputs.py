"""What several commands share: whom they mean, and how they are remembered."""

from __future__ import annotations

from billing.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """A customer by its id or by the host's own."""

    id: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class AddOnChoice:
    """An add-on by id or key, and how many of it."""

    add_on: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class PageOf:
    """How much of a list: `first` rows after the cursor."""

    first: int = 20
    after: str | None = None

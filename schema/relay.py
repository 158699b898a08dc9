"""Nodes and connections of our own, because ids carry their prefix (`sub_…`) and cursors are the resolvers'."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

import strawberry
from strawberry import ID

from billing.refusals import NotFound
from models.paging import Page, Place
from resolvers.inputs import PageOf
from schema.promise import about, interface_type, object_type, shown, shown_on
from schema.texts import optional_text, whole

N = TypeVar("N")
V = TypeVar("V")

FIRST: Final = 20
MOST: Final = 100
LONGEST_CURSOR: Final = 300

First: TypeAlias = Annotated[int, strawberry.argument(description="How many to answer, 1 to 100.")]
After: TypeAlias = Annotated[
    str | None,
    strawberry.argument(description="Go on after this cursor: the `endCursor` of the page before."),
]


NAMED: Final = "The id, with the prefix of its kind."


@interface_type
class Node:
    """Anything with an id of its own; the id's prefix says what it is."""

    id: ID = about(NAMED)


def sure(view: N | None) -> N:
    """Take what another object points to, which is there unless the credential may not see it."""
    if view is None:
        raise NotFound("There is no such object here.")
    return view


_SHOWN: Final[dict[type, Callable[[Any], Any]]] = {}


def shows(view: type) -> Callable[[type[N]], type[N]]:
    """Say which view a node is made of."""

    def remember(cls: type[N]) -> type[N]:
        made: Any = cls
        _SHOWN[view] = made.of
        return cls

    return remember


def show(view: object) -> Any:  # noqa: ANN401  (the node that goes with the view)
    """Make the node that goes with a view; this is how nodes refer to each other without importing each other."""
    return _SHOWN[type(view)](view)


@object_type
class PageInfo:
    """Where a page of a list stands."""

    view: strawberry.Private[Page[Any]]
    has_next_page: bool = shown("Whether more follow.", "has_next")
    has_previous_page: bool = shown("Whether some come before.", "has_previous")
    start_cursor: str | None = shown(
        "The cursor of the first one here; null on an empty page.",
        lambda page: page.places[0].cursor if page.places else None,
    )
    end_cursor: str | None = shown(
        "The cursor of the last one here, to be passed as `after`; null on an empty page.",
        lambda page: page.places[-1].cursor if page.places else None,
    )

    @classmethod
    def of(cls, page: Page[Any]) -> "PageInfo":
        """Show where a page stands."""
        return cls(view=page)


@object_type
class Edge(Generic[N]):
    """One place in a list."""

    view: strawberry.Private[Place[Any]]
    show: strawberry.Private[Callable[[Any], Any]]
    cursor: str = shown("Names this place; opaque.", "cursor")
    node: N = shown_on("What is there.", "view")


@object_type
class Connection(Generic[N]):
    """One page of a list that can grow."""

    view: strawberry.Private[Page[Any]]
    show: strawberry.Private[Callable[[Any], Any]]
    edges: list[Edge[N]] = shown_on("The places of this page, in order.", "places")
    page_info: PageInfo = shown("Where this page stands.", lambda page: page, PageInfo)

    @classmethod
    def of(cls, page: Page[Any], show: Callable[[Any], Any]) -> "Connection[N]":
        """Show a page; what is not asked for of it is not made."""
        return cls(view=page, show=lambda places: [Edge(view=place, show=show) for place in places])


def page_of(first: int, after: str | None) -> PageOf:
    """Check how much of a list is asked for."""
    return PageOf(whole(first, "first", 1, MOST), optional_text(after, "after", LONGEST_CURSOR))


def connection(page: Page[V], of: Callable[[V], N]) -> Connection[N]:
    """Turn a page of views into a page of nodes."""
    return Connection[N].of(page, of)

"""Nodes and connections of our own, because ids carry their prefix (`sub_…`) and cursors are the resolvers'."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

import strawberry
from strawberry import ID

from billing.refusals import NotFound
from models.paging import Page
from resolvers.inputs import PageOf
from schema.promise import about, interface_type, object_type
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


@interface_type
class Node:
    """Anything with an id of its own; the id's prefix says what it is."""

    id: ID = about("The id, with the prefix of its kind.")


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

    has_next_page: bool = about("Whether more follow.")
    has_previous_page: bool = about("Whether some come before.")
    start_cursor: str | None = about("The cursor of the first one here; null on an empty page.")
    end_cursor: str | None = about("The cursor of the last one here, to be passed as `after`; null on an empty page.")


@object_type
class Edge(Generic[N]):
    """One place in a list."""

    cursor: str = about("Names this place; opaque.")
    node: N = about("What is there.")


@object_type
class Connection(Generic[N]):
    """One page of a list that can grow."""

    edges: list[Edge[N]] = about("The places of this page, in order.")
    page_info: PageInfo = about("Where this page stands.")


def page_of(first: int, after: str | None) -> PageOf:
    """Check how much of a list is asked for."""
    return PageOf(whole(first, "first", 1, MOST), optional_text(after, "after", LONGEST_CURSOR))


def connection(page: Page[V], of: Callable[[V], N]) -> Connection[N]:
    """Turn a page of views into a page of nodes."""
    edges = [Edge(cursor=cursor, node=of(view)) for cursor, view in page.rows]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)

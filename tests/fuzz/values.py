"""What scalars are made of here: real ids and keys of the world, plain values, and values that nobody should send."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from graphql import NameNode, ObjectFieldNode, ValueNode
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar

from tests.resolvers.nasty import SCALARS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.resolvers.scene import Holder

LONGEST: Final = 2_000
"""Characters of a text at most: longer ones are sent by the tests of bad input, and slow here."""
KEYS: Final = (
    "free",
    "team",
    "enterprise",
    "data_pack",
    "lfs_bandwidth",
    "seats",
    "hosting",
    "usd",
    "USD",
    "EUR",
    "read",
)
TEXTS = st.one_of(st.sampled_from(KEYS), st.text(max_size=40).filter(lambda text: text.isprintable()))
PLAIN: Final[dict[str, st.SearchStrategy[Any]]] = {
    "String": TEXTS,
    "ID": TEXTS,
    "Amount": st.decimals("0.001", "50", places=3).map(str),
    "Int": st.integers(0, 120),
    "Instant": st.integers(1, 60).map(lambda day: f"2024-{1 + day // 30:02}-{1 + day % 28:02}T00:00:00Z"),
    "JSON": st.one_of(st.booleans(), st.integers(0, 9), st.text("abc", max_size=4)),
    "Metadata": st.dictionaries(st.sampled_from("abc"), st.text("xyz", max_size=5), max_size=3),
}


def literal(value: Any) -> ValueNode:
    """Write a value as a document does, by its own kind alone."""
    for kind, write in WRITTEN.items():
        if isinstance(value, kind):
            return write(value)
    return nodes.Null


def _object(held: dict[str, Any]) -> ValueNode:
    names = [name for name in held if name.isidentifier() and name.isascii()]
    return nodes.Object([ObjectFieldNode(name=NameNode(value=name), value=literal(held[name])) for name in names])


def _list(held: list[Any]) -> ValueNode:
    return nodes.List([literal(each) for each in held])


WRITTEN: Final[dict[type, Callable[[Any], ValueNode]]] = {
    bool: nodes.Boolean,
    int: nodes.Int,
    float: nodes.Float,
    str: nodes.String,
    list: _list,
    dict: _object,
}


def register() -> None:
    """Tell Schemathesis what scalars are made of: three in four are plain, one is nasty."""
    for name, plain in PLAIN.items():
        kind: Any = int if name == "Int" else str if name in {"String", "ID", "Amount", "Instant"} else object
        nasty = [each for each in SCALARS[name] if isinstance(each, kind) and len(str(each)) <= LONGEST]
        scalar(name, st.one_of(plain, plain, plain, st.sampled_from(nasty)).map(literal))


def pool(holder: Holder) -> dict[str, tuple[Any, ...]]:
    """What fits at a place, by its name in the schema; more than one thing where the name does not say which."""
    catalog = ("lfs_bandwidth", "lfs_bandwidth", "seats", "private_repositories", holder.feature)
    return {
        "id": tuple(getattr(holder, each.name) for each in fields(holder)),
        "subscriptionId": (holder.plain, holder.cancelling, holder.changing),
        "planId": ("free", "team", "enterprise", holder.plan),
        "feature": catalog,
        "resource": ("b", "c"),
        "currency": ("USD", "EUR"),
        "addOnId": ("data_pack", "secret_protection"),
        "product": ("hosting",),
        "externalId": ("someone", "somebody"),
        "quantity": (4, 7),
        "first": (5, 20),
    }

"""Documents that ask for every field that may be kept, made from the schema: a new one is asked for too. (ADR 24)"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import get_named_type, is_composite_type, is_union_type

from plangate.execution.plans import core_schema
from schema.build import schema
from schema.steady import STEADY

if TYPE_CHECKING:
    from collections.abc import Sequence

PROMISED: Final = core_schema(schema)
DEPTH: Final = 1
"""So many objects below one another; one that leads back to where it came from is not followed."""
ABOUT_A_CUSTOMER: Final = (
    "customer(ref: $of)",
    "subscriptions(filter: {customer: $of}, first: 10)",
    'entitlement(customer: $of, feature: "lfs_bandwidth", resource: "b")',
    'entitlements(customer: $of, features: ["lfs_bandwidth", "lfs_storage", "saml_sso", "support"])',
    "invoices(filter: {customer: $of}, first: 5)",
)
ABOUT_A_SUBSCRIPTION: Final = ("subscription(id: $id)",)
ABOUT_THE_CATALOG: Final = ("products", "features", "plans(hidden: true)", 'plan(id: "team")')


@cache
def documents(questions: Sequence[str]) -> Sequence[str]:
    """Ask each question for all that is steady of its answer; the variables are `of`, whose, or `id`."""
    return tuple(_wide(each) for each in questions)


def _wide(asked: str) -> str:
    of: Any = PROMISED.query_type
    told = _chosen(get_named_type(of.fields[asked.partition("(")[0]].type), DEPTH, (of.name,))
    given = {"$of": "($of: CustomerRef!)", "$id": "($id: ID!)"}
    return f"query{next((said for name, said in given.items() if name in asked), '')} {{ {asked} {told} }}"


def _chosen(of: Any, depth: int, above: tuple[str, ...]) -> str:
    if is_union_type(of):
        kept = [each for each in PROMISED.get_possible_types(of) if each.name in STEADY]
        return f"{{ __typename {' '.join(f'... on {each.name} {_chosen(each, depth, above)}' for each in kept)} }}"
    through = of.name.endswith(("Connection", "Edge"))
    told = ["__typename"]
    for name in sorted(STEADY[of.name]):
        below = cast("Any", get_named_type(of.fields[name].type))
        if not is_composite_type(below):
            told.append(name)
        elif below.name not in above and (depth or not _leads_on(below)):
            told.append(f"{name} {_chosen(below, depth if through else max(0, depth - 1), (*above, of.name))}")
    return f"{{ {' '.join(told)} }}"


def _leads_on(of: Any) -> bool:
    """Whether objects stand below it."""
    return any(is_composite_type(get_named_type(of.fields[name].type)) for name in STEADY.get(of.name, ()))

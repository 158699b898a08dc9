"""Every field has its word on whether it stays as it is while nothing happens: none is kept by accident. (ADR 24)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphql import get_named_type, is_composite_type, is_union_type

from plangate.execution.plans import core_schema
from schema.build import schema
from schema.steady import READ_ANEW, REFUSAL, STEADY, UNSTEADY

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMISED = core_schema(schema)


def answered() -> Mapping[str, Any]:
    """Every type of which a question may answer an object, by name."""
    found: dict[str, Any] = {}
    waiting: list[Any] = [PROMISED.query_type]
    while waiting:
        of = waiting.pop()
        if of.name in found:
            continue
        found[of.name] = of
        if is_union_type(of) or of.name == REFUSAL:
            waiting += PROMISED.get_possible_types(of)
        else:
            waiting += [named for each in of.fields.values() if is_composite_type(named := below(each))]
            waiting += of.interfaces
    return found


def below(field: Any) -> Any:
    """The type inside the lists of a field."""
    return cast("Any", get_named_type(field.type))


def is_refusal(of: Any) -> bool:
    """Whether a type says why something cannot be."""
    return of.name == REFUSAL or any(each.name == REFUSAL for each in getattr(of, "interfaces", ()))


def test_every_type_has_its_word() -> None:
    wanted = {name for name, of in answered().items() if not is_union_type(of) and not is_refusal(of)}

    assert wanted - STEADY.keys() == READ_ANEW, "give them a word in schema/steady.py"
    assert STEADY.keys() <= wanted


def test_every_field_of_a_type_that_is_kept_has_one_word() -> None:
    for name, fields in STEADY.items():
        unsteady = UNSTEADY.get(name, frozenset())
        assert fields | unsteady == set(answered()[name].fields), f"{name}: give them a word in schema/steady.py"
        assert not fields & unsteady
    assert UNSTEADY.keys() <= STEADY.keys()


def test_what_is_kept_leads_to_nothing_that_is_read_anew() -> None:
    for name, fields in STEADY.items():
        leads = {each: below(answered()[name].fields[each]).name for each in fields}
        assert {each: of for each, of in leads.items() if of in READ_ANEW} == {}

"""What a root field is to the tests of who may: how it is asked about what somebody holds, and who may ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.resolvers.scene import Holder

READ, MANAGE = "read", "manage"
Variables = dict[str, Any]


@dataclass(frozen=True)
class RootField:
    """One root field: `about` makes the variables; `scope` is what a secret key needs, `customer` what a token needs.

    `also` is another scope that the key needs beside it.
    `payload` is the answer's type where that is a union; `bound` says which subscription of the holder it is about.
    Without `held` the field is about nobody's object in particular. `merchants` is what only they pass in the input.
    """

    name: str
    document: str
    selection: str
    about: Callable[[Holder], Variables]
    scope: str
    customer: str | None = None
    public: bool = False
    payload: str | None = None
    bound: str | None = None
    held: bool = True
    merchants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    also: str = ""

    @property
    def needed(self) -> str:
        """Under which name the scene has a key that may just this."""
        return f"{self.scope} and {self.also}" if self.also else self.scope or "*"

    @property
    def mutates(self) -> bool:
        """Whether it is an act."""
        return self.document.startswith("mutation")

    def variables(self, holder: Holder, *, merchant: bool = True) -> Variables:
        """The variables about a holder."""
        about = self.about(holder)
        return {"input": {**about["input"], **self.merchants}} if merchant and self.merchants else about


REFUSED = "... on UserError { message code field }"


def question(name: str, call: str, selection: str, about: Callable[[Holder], Variables], **who: Any) -> RootField:
    """A query; `call` declares variables and passes them on: `($id: ID!) (id: $id)`."""
    declared, _, passed = call.partition(") (")
    head, arguments = (f"{declared})", f"({passed}") if passed else ("", "")
    return RootField(name, f"query {head} {{ {name}{arguments} {selection} }}", selection, about, **who)


def act(name: str, payload: str, selection: str, about: Callable[[Holder], Variables], **who: Any) -> RootField:
    """A mutation."""
    input_type = f"{name[0].upper()}{name[1:]}Input"
    whole = f"{{ __typename ... on {payload} {{ {selection} }} {REFUSED} }}"
    document = f"mutation($input: {input_type}!) {{ {name}(input: $input) {whole} }}"
    return RootField(name, document, whole, lambda holder: {"input": about(holder)}, payload=payload, **who)


def nothing(_: Holder) -> Variables:
    """No variables."""
    return {}

"""An e-mail address is the address of one mailbox."""

from __future__ import annotations

import pytest

from billing.refusals import InvalidInput
from resolvers import checks


@pytest.mark.parametrize(
    "given",
    [
        "ann,eve@acme.example", "ann<eve@acme.example", "ann;eve@acme.example", "ann@acme.example,eve",
        "ann@acme.example>", '"ann"@acme.example', "team:ann@acme.example", "ann@eve@acme.example",
        "ann@acme.example\r\nBcc:eve", "ann(eve)@acme.example", "ann",
    ],
)  # fmt: skip
def test_what_could_name_a_second_mailbox_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checks.email(given)

    assert refused.value.field == "email"


@pytest.mark.parametrize("given", ["ann@acme.example", "ann.o'hara+bills@mail.acme.example", "änn@acme.example", None])
def test_an_address_is_kept_as_it_was_given(given: str | None) -> None:
    assert checks.email(given) == given

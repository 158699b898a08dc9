"""Preview tokens are read by who made them, for the environment that they were made for."""

from __future__ import annotations

from plangate.secrets import InvoiceLinks, PreviewTokens

TOKENS = PreviewTokens("s" * 40)


def test_a_token_says_what_was_signed_to_the_environment_that_it_was_made_for() -> None:
    token = TOKENS.make("env_a", "5a.b.c")

    assert PreviewTokens("s" * 40).read("env_a", token) == "5a.b.c"
    assert PreviewTokens("t" * 40).read("env_a", token) is None
    assert TOKENS.read("env_b", token) is None
    assert TOKENS.read("env_a", token.replace("5a", "5b")) is None
    assert TOKENS.read("env_a", "5a.b.c.\ud800") is None
    assert InvoiceLinks("s" * 40).read(token) is None

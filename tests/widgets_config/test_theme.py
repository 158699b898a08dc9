"""A theme is a list of allowed tokens; nothing else reaches the stylesheet."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from widgets_config.theme import Font, Mode, Palette, Theme, contrast, hard_to_read, theme_css


def test_the_theme_becomes_custom_properties_and_nothing_else() -> None:
    css = theme_css(Theme(mode=Mode.DARK, light=Palette(accent="#0AF"), font=Font.SERIF, radius=4))

    lines = css.splitlines()
    assert (lines[0], lines[1], lines[-1]) == (":root {", "  color-scheme: dark;", "}")
    assert "  --pg-accent: light-dark(#0af, #a9b4ff);" in lines
    assert "  --pg-radius: 4px;" in lines
    assert all(re.fullmatch(r"  (--pg-[a-z-]+|color-scheme): [^{}<>]+;", line) for line in lines[1:-1])


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g", "#fff;}", "url(https://example.com)", "var(--x)", ""])
def test_a_colour_is_hexadecimal(colour: str) -> None:
    with pytest.raises(ValidationError, match="a colour is written"):
        Palette(accent=colour)


def test_our_own_colours_are_readable_in_both_modes() -> None:
    assert hard_to_read(Theme()) == []


def test_a_colour_that_is_hard_to_read_is_named() -> None:
    assert hard_to_read(Theme(light=Palette(muted="#bbb"))) == [
        ("theme.light.muted", "contrast with surface is 1.9, readable text needs 4.5")
    ]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000", "#ffffff") == contrast("#fff", "#000000") == 21
    assert round(contrast("#767676", "#fff"), 2) == 4.54

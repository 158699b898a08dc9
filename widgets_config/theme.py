"""The look a merchant may choose: an allow-list of CSS custom properties with checked values, and no free CSS."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SHORT = 4
READABLE = 4.5
"""The contrast that WCAG AA asks of body text."""


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        msg = "a colour is written #rgb or #rrggbb"
        raise ValueError(msg)
    return value.lower()


Colour = Annotated[str, AfterValidator(_colour)]


class Mode(StrEnum):
    """Which of the two palettes is shown."""

    AUTO = "AUTO"
    LIGHT = "LIGHT"
    DARK = "DARK"


class Font(StrEnum):
    """The typefaces to choose from; none of them is fetched from anywhere."""

    SYSTEM = "SYSTEM"
    ROUNDED = "ROUNDED"
    SERIF = "SERIF"
    MONO = "MONO"


FONT_STACKS: Mapping[Font, str] = {
    Font.SYSTEM: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
    Font.ROUNDED: 'ui-rounded, "SF Pro Rounded", "Nunito", "Varela Round", system-ui, sans-serif',
    Font.SERIF: 'ui-serif, "Iowan Old Style", Charter, Georgia, "Noto Serif", serif',
    Font.MONO: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
}

SCHEMES: Mapping[Mode, str] = {Mode.AUTO: "light dark", Mode.LIGHT: "light", Mode.DARK: "dark"}


class Palette(BaseModel):
    """Colours of one mode; what is not set keeps the stylesheet's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accent: Colour | None = None
    on_accent: Colour | None = None
    background: Colour | None = None
    surface: Colour | None = None
    text: Colour | None = None
    muted: Colour | None = None
    border: Colour | None = None
    danger: Colour | None = None


class Theme(BaseModel):
    """Everything about the look that may be chosen; each token becomes the custom property `--pg-<name>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = Mode.AUTO
    light: Palette = Palette()
    dark: Palette = Palette()
    font: Font = Font.SYSTEM
    radius: int = Field(default=14, ge=0, le=32, description="Corner radius of cards in CSS pixels.")


DEFAULTS: Mapping[str, tuple[str, str]] = {
    "accent": ("#3d4fd6", "#a9b4ff"),
    "on_accent": ("#ffffff", "#12142b"),
    "background": ("#f5f6fa", "#0f1117"),
    "surface": ("#ffffff", "#181b24"),
    "text": ("#171a26", "#eceef6"),
    "muted": ("#5a6072", "#a3aabd"),
    "border": ("#dfe2ec", "#2d3240"),
    "danger": ("#b3261e", "#ff9d94"),
}
"""The stylesheet's own colours, light and dark."""

_PAIRS = (
    ("text", "background"),
    ("text", "surface"),
    ("muted", "surface"),
    ("on_accent", "accent"),
    ("danger", "surface"),
)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) > _SHORT else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)  # noqa: PLR2004 (sRGB, as WCAG defines it)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _colours(theme: Theme) -> Iterator[tuple[str, str, str]]:
    for name, (light, dark) in DEFAULTS.items():
        yield name, getattr(theme.light, name) or light, getattr(theme.dark, name) or dark


def hard_to_read(theme: Theme) -> list[tuple[str, str]]:
    """Every pair of tokens below the readable contrast, as (path, what is wrong): a warning, not a refusal."""
    colours = {name: {"light": light, "dark": dark} for name, light, dark in _colours(theme)}
    return [
        (f"theme.{mode}.{front}", f"contrast with {back} is {ratio:.1f}, readable text needs {READABLE}")
        for mode in ("light", "dark")
        for front, back in _PAIRS
        if (ratio := contrast(colours[front][mode], colours[back][mode])) < READABLE
    ]


def theme_css(theme: Theme) -> str:
    """The theme as a stylesheet of its own, so that no page needs inline style."""
    lines = [
        f"  color-scheme: {SCHEMES[theme.mode]};",
        f"  --pg-font: {FONT_STACKS[theme.font]};",
        f"  --pg-radius: {theme.radius}px;",
    ]
    lines += [f"  --pg-{name.replace('_', '-')}: light-dark({light}, {dark});" for name, light, dark in _colours(theme)]
    return ":root {\n" + "\n".join(lines) + "\n}\n"

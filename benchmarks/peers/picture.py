"""A picture of the rates: for each question a bar for everybody, as SVG that is readable on white and on black."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, LEFT, RIGHT, BAR, GAP, TITLE = 760, 190, 90, 16, 6, 34
OURS = "Plangate"


def drawn(bars: Mapping[str, Mapping[str, float]]) -> str:
    """Draw questions under each other; bars of one question share a scale."""
    parts: list[str] = []
    y = 10.0
    for question, rates in bars.items():
        y += TITLE
        parts.append(f'<text x="0" y="{y - 12:g}" class="title">{escape(question)}, answers a second</text>')
        most = max(rates.values())
        for name, rate in sorted(rates.items(), key=lambda each: -each[1]):
            long = (WIDTH - LEFT - RIGHT) * rate / most
            middle = y + BAR - 4
            kind = "ours" if name.startswith(OURS) else "other"
            parts.append(f'<text x="{LEFT - 8}" y="{middle:g}" class="name">{escape(name)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y:g}" width="{long:.1f}" height="{BAR}" class="{kind}"/>')
            parts.append(f'<text x="{LEFT + long + 6:.1f}" y="{middle:g}">{rate:,.0f}</text>')
            y += BAR + GAP
    style = (
        "text{font:12px sans-serif;fill:#777}.title{font-weight:bold}.name{text-anchor:end}"
        ".ours{fill:#2a7f62}.other{fill:#9aa5ad}"
    )
    inside = "\n".join(parts)
    whole = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10:g}" role="img">'
    return f"{whole}\n<title>Rates of the last run</title>\n<style>{style}</style>\n{inside}\n</svg>\n"

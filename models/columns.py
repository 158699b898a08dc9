"""Reading of a list only those columns that are asked for: how many ways to ask are remembered, and what is whole."""

from __future__ import annotations

from typing import Final

WHOLE: Final = "*"
"""Stands among columns for all of them, and for what is made of them."""
EVERYTHING: Final = frozenset({WHOLE})
MOST: Final = 200
"""So many ways to ask of one list are remembered, each with its statement."""

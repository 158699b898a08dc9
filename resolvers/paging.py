"""Pages, as the stores make them."""

from __future__ import annotations

from models.paging import Page

__all__ = ["Page"]

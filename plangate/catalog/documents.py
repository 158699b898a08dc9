"""Catalog documents as the resolvers know them: text in, catalog out, and the other way."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from plangate.catalog.writing import catalog_text

if TYPE_CHECKING:
    from billing.catalog.values import Catalog

NAME = "document"


class YamlDocuments:
    """Reads and writes YAML, of which JSON is a part.

    Reading is long work: it is done beside the loop, one text after the other, and not begun for who has gone.
    """

    def __init__(self) -> None:
        """Read in a thread of its own, which begins with the first text."""
        self._reader = ThreadPoolExecutor(1, "catalog")

    async def read(self, text: str) -> Catalog:
        """The catalog of a text, or `CatalogInvalid` with every problem by line."""
        content = text.encode("utf-8")
        return await asyncio.get_running_loop().run_in_executor(self._reader, _parsed, content)

    def write(self, catalog: Catalog, *, as_json: bool) -> str:
        """The text of a catalog."""
        return catalog_text(catalog, as_json=as_json)


def _parsed(content: bytes) -> Catalog:
    from plangate.catalog.reading import parse_catalog  # noqa: PLC0415  (who applies no catalog needs no YAML)

    return parse_catalog(content, NAME)

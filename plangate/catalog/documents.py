"""Catalog documents as the resolvers know them: text in, catalog out, and the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plangate.catalog.reading import parse_catalog
from plangate.catalog.writing import catalog_text

if TYPE_CHECKING:
    from billing.catalog.values import Catalog

NAME = "document"


class YamlDocuments:
    """Reads and writes YAML, of which JSON is a part."""

    def read(self, text: str) -> Catalog:
        """The catalog of a text, or `CatalogInvalid` with every problem by line."""
        return parse_catalog(text.encode("utf-8"), NAME)

    def write(self, catalog: Catalog, *, as_json: bool) -> str:
        """The text of a catalog."""
        return catalog_text(catalog, as_json=as_json)

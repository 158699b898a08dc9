"""The fields of a request's head, found once: a request is asked for many of them, by everybody who serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


class Head:
    """The fields of a head by their names, which are lower case here; each may be there several times."""

    __slots__ = ("_fields",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        """Look at every field once."""
        fields: dict[bytes, bytes | list[bytes]] = dict(raw)
        if len(fields) < len(raw):
            fields = {}
            for name, value in raw:
                known = fields.get(name)
                if known is None:
                    fields[name] = value
                elif isinstance(known, list):
                    known.append(value)
                else:
                    fields[name] = [known, value]
        self._fields: Final = fields

    def all(self, name: bytes) -> list[str]:
        """Give every value of a field, as they were sent."""
        found = self._fields.get(name)
        if found is None:
            return []
        return [each.decode("latin-1") for each in found] if isinstance(found, list) else [found.decode("latin-1")]

    def joined(self, name: bytes) -> str:
        """Give the values of a field as one, as a field that is a list may be read; '' where there is none."""
        return ",".join(self.all(name))

    def sent(self, name: bytes) -> bytes:
        """Give the values of a field as one, byte for byte; b'' where there is none."""
        found = self._fields.get(name, b"")
        return b",".join(found) if isinstance(found, list) else found

    def first(self, name: bytes) -> str:
        """Give the first value of a field; '' where there is none."""
        found = self.all(name)
        return found[0] if found else ""

    def __contains__(self, name: bytes) -> bool:
        """Whether the field was sent."""
        return name in self._fields

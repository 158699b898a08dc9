"""Reading settings that a person wrote: strictly, with everything that is wrong and where."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, cast

from billing.catalog.problem import Problem, hint
from billing.dataclass import dataclass

if TYPE_CHECKING:
    from billing.catalog.problem import Path

E = TypeVar("E", bound=StrEnum)


@dataclass(slots=True)
class Reading:
    """What was found wrong so far."""

    problems: list[Problem] = field(default_factory=list[Problem])

    def wrong(self, path: Path, message: str) -> None:
        """Note what is wrong at a place."""
        self.problems.append(Problem(path, message))

    def fields(self, path: Path, written: object, names: Sequence[str]) -> Fields | None:
        """Take a map, if it is one; a name that is not among `names` is wrong, and what is null is left out."""
        if not isinstance(written, Mapping):
            self.wrong(path, f"A map is expected here: {', '.join(names)}.")
            return None
        found = cast("Mapping[str, object]", written)
        for name in found:
            if name not in names:
                guess = hint(name, names) or f" Expected: {', '.join(names)}."
                self.wrong((*path, name), f'"{name[:80]}" is not known here.{guess}')
        return Fields(self, path, {name: value for name, value in found.items() if value is not None})

    def text(self, path: Path, written: object, most: int) -> str:
        """Take a text of one line."""
        if not isinstance(written, str):
            self.wrong(path, "A text is expected here: put quotes around it.")
            return ""
        if len(written) > most:
            self.wrong(path, f"This text has {len(written)} characters: {most} are the most.")
        if any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in written):
            self.wrong(path, "This text has a control character or a line break: take it out.")
        return written.strip()

    def whole(self, path: Path, written: object, least: int, most: int) -> int:
        """Take a whole number within bounds."""
        if not isinstance(written, int) or isinstance(written, bool) or not least <= written <= most:
            self.wrong(path, f"A whole number from {least} to {most} is expected here.")
            return least
        return written


@dataclass(frozen=True, slots=True)
class Fields:
    """One map of the settings."""

    reading: Reading
    path: Path
    written: Mapping[str, object]

    def wrong(self, name: str, message: str) -> None:
        """Note what is wrong with one of them."""
        self.reading.wrong((*self.path, name), message)

    def part(self, name: str, names: Sequence[str]) -> Fields | None:
        """Take a map within it, if it is said."""
        if name not in self.written:
            return None
        return self.reading.fields((*self.path, name), self.written[name], names)

    def text(self, name: str, most: int, default: str = "", *, empty: bool = False) -> str:
        """Take a text, or the default where nothing is said."""
        if name not in self.written:
            return default
        text = self.reading.text((*self.path, name), self.written[name], most)
        return text if text or empty else default

    def whole(self, name: str, least: int, most: int, default: int) -> int:
        """Take a whole number, or the default."""
        if name not in self.written:
            return default
        return self.reading.whole((*self.path, name), self.written[name], least, most)

    def flag(self, name: str) -> bool:
        """Take yes or no; what is left out is no."""
        found = self.written.get(name, False)
        if not isinstance(found, bool):
            self.wrong(name, "Say true or false.")
        return found is True

    def choice(self, name: str, of: type[E], default: E) -> E:
        """Take one of a closed set, however it is capitalised."""
        if name not in self.written:
            return default
        found = self.written[name]
        known = {each.value: each for each in of}
        word = found.upper() if isinstance(found, str) else ""
        if word not in known:
            self.wrong(name, f"`{name}` is one of: {', '.join(known)}.{hint(word, known)}")
        return known.get(word, default)

    def items(self, name: str) -> Sequence[object]:
        """Take a list; what is left out is empty."""
        found = self.written.get(name, ())
        if isinstance(found, str) or not isinstance(found, Sequence):
            self.wrong(name, f"`{name}` is a list.")
            return ()
        return cast("Sequence[object]", found)

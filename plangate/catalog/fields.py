"""The fields of one map of a file, asked for by name and kind; whatever does not fit becomes a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from billing.amounts import MAX_SCALE, parse_amount
from billing.catalog.problem import hint
from billing.refusals import AmountOutOfRange
from plangate.catalog.nodes import Mapping, Scalar, Sequence, what

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table

    from billing.catalog.problem import Path
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fields:
    """One map: `path` leads to it, `names` are the fields that it may have."""

    findings: Findings
    path: Path
    line: int
    written: Table[str, tuple[Scalar, Node]]
    is_map: bool = True

    @classmethod
    def of(cls, findings: Findings, path: Path, node: Node, names: tuple[str, ...]) -> Fields:
        """The fields of a map; a node that is no map has none, and names that are not expected are findings."""
        if not isinstance(node, Mapping):
            findings.add(node.line, f"A map is expected here ({', '.join(names[:4])}, ...); this is {what(node)}.")
            return cls(findings, path, node.line, {}, is_map=False)
        for key, value in node.entries:
            findings.place((*path, key.text), key.line)
            if key.text not in names:
                guess = hint(key.text, names)
                expected = guess or f" Expected: {', '.join(names)}."
                findings.add(key.line, f'"{key.text[:80]}" is not known here.{expected}')
            _place_all(findings, (*path, key.text), value)
        written = {key.text: (key, value) for key, value in node.entries if key.text in names}
        return cls(findings, path, node.line, written)

    def node(self, name: str) -> Node | None:
        """What is written, or None where nothing is."""
        value = self.written.get(name)
        if value is None or (isinstance(value[1], Scalar) and value[1].null):
            return None
        return value[1]

    def has(self, name: str) -> bool:
        """Whether the field is written with something in it."""
        return self.node(name) is not None

    def wants(self, name: str, meaning: str) -> None:
        """Note that the field has to be there, if it is not; what is no map was noted as that."""
        if self.is_map and not self.has(name):
            line = self.written[name][0].line if name in self.written else self.line
            self.findings.add(line, f"`{name}` is missing: {meaning}.")

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return _text(self.findings, name, self.node(name), default)

    def key(self, name: str) -> str | None:
        """The key of another thing, if one is named."""
        return self.text(name) or None

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number."""
        node = self.node(name)
        if node is None:
            return default
        number = node.whole if isinstance(node, Scalar) else None
        if number is None:
            self.findings.add(node.line, f"`{name}` is a whole number; this is {what(node)}.")
        return default if number is None else number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        node = self.node(name)
        if node is None:
            return default
        flag = node.flag if isinstance(node, Scalar) else None
        if flag is None:
            self.findings.add(node.line, f"`{name}` is true or false.")
        return default if flag is None else flag

    def choice(self, name: str, words: Table[str, T], default: T) -> T:
        """One of a closed set, by its word in the file."""
        node = self.node(name)
        if node is None:
            return default
        word = node.text if isinstance(node, Scalar) else ""
        if word in words:
            return words[word]
        self.findings.add(node.line, f"`{name}` is one of: {', '.join(words)}.{hint(word, words)}")
        return default

    def amount(self, name: str, scale: int = MAX_SCALE) -> int | None:
        """A plain decimal as whole 10^-scale; money has nine decimals."""
        node = self.node(name)
        return None if node is None else amount(self.findings, name, node, scale)

    def items(self, name: str) -> tuple[Node, ...]:
        """The nodes of a list."""
        node = self.node(name)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.findings.add(node.line, f"`{name}` is a list; this is {what(node)}.")
            return ()
        return node.items

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(_text(self.findings, name, item, "") for item in self.items(name))

    def entries(self, name: str) -> Iterator[tuple[Path, str, Node]]:
        """The entries of a map by key, each with its path."""
        node = self.node(name)
        if isinstance(node, Mapping):
            for key, value in node.entries:
                yield (*self.path, name, key.text), key.text, value
        elif node is not None:
            self.findings.add(node.line, f"`{name}` is a map by key; this is {what(node)}.")


def amount(findings: Findings, name: str, node: Node, scale: int) -> int | None:
    """The exact amount that a scalar's text says."""
    if not isinstance(node, Scalar) or not (node.number or node.word):
        findings.add(node.line, f"`{name}` is a plain decimal number such as 12 or 0.5; this is {what(node)}.")
        return None
    try:
        return parse_amount(node.text, scale)
    except AmountOutOfRange as refused:
        findings.add(node.line, f"`{name}`: {refused.message}")
    return None


def _text(findings: Findings, name: str, node: Node | None, default: str) -> str:
    if node is None:
        return default
    word = node.word if isinstance(node, Scalar) else None
    if word is None:
        advice = ": put it in quotes" if isinstance(node, Scalar) else ""
        findings.add(node.line, f"`{name}` is a text; this is {what(node)}{advice}.")
        return node.text if isinstance(node, Scalar) else default
    return word


def _place_all(findings: Findings, path: Path, node: Node) -> None:
    """Remember the lines of a list's items; maps are placed when their fields are read."""
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            findings.place((*path, index), item.line)
    elif isinstance(node, Mapping):
        for key, _ in node.entries:
            findings.place((*path, key.text), key.line)

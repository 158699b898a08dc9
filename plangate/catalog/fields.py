"""The fields of one map of a file, asked for by name and kind; whatever does not fit becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from billing.amounts import MAX_SCALE, parse_amount
from billing.catalog.format import Sort
from billing.catalog.problem import hint
from billing.dataclass import dataclass
from billing.refusals import AmountOutOfRange
from plangate.catalog.nodes import Mapping, Scalar, Sequence, what

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table

    from billing.catalog.format import Shape
    from billing.catalog.problem import Path
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fields:
    """One map: `path` leads to it, `shape` says which fields it may have, and of which sort: only so they are read."""

    findings: Findings
    path: Path
    line: int
    written: Table[str, tuple[Scalar, Node]]
    shape: Shape
    is_map: bool = True

    @classmethod
    def of(cls, findings: Findings, path: Path, node: Node, shape: Shape, of: str = "") -> Fields:
        """The fields of a map; a node that is no map has none; names not expected, and missing ones, are findings."""
        names = shape.names
        if not isinstance(node, Mapping):
            findings.add(
                node.line, f"A map is expected here ({', '.join(names[:4])}, ...); this is {what(node)}.", path
            )
            return cls(findings, path, node.line, {}, shape, is_map=False)
        for key, value in node.entries:
            findings.place((*path, key.text), key.line)
            if key.text not in names:
                guess = hint(key.text, names)
                expected = guess or f" Expected: {', '.join(names)}."
                findings.add(key.line, f'"{key.text[:80]}" is not known here.{expected}', (*path, key.text))
            place_all(findings, (*path, key.text), value)
        written = {key.text: (key, value) for key, value in node.entries if key.text in names}
        fields = cls(findings, path, node.line, written, shape)
        for field in shape.fields:
            if field.needed:
                fields.wants(field.name, field.needed.format(of=of))
        return fields

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
            self.findings.add(line, f"`{name}` is missing: {meaning}.", (*self.path, name))

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        self.shape.field(name, Sort.TEXT, Sort.KEY)
        return _text(self.findings, (*self.path, name), self.node(name), default)

    def key(self, name: str) -> str | None:
        """The key of another thing, if one is named."""
        return self.text(name) or None

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number."""
        self.shape.field(name, Sort.WHOLE)
        node = self.node(name)
        if node is None:
            return default
        number = node.whole if isinstance(node, Scalar) else None
        if number is None:
            self.findings.add(node.line, f"`{name}` is a whole number; this is {what(node)}.", (*self.path, name))
        return default if number is None else number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        self.shape.field(name, Sort.FLAG)
        node = self.node(name)
        if node is None:
            return default
        flag = node.flag if isinstance(node, Scalar) else None
        if flag is None:
            self.findings.add(node.line, f"`{name}` is true or false.", (*self.path, name))
        return default if flag is None else flag

    def choice(self, name: str, words: Table[str, T], default: T) -> T:
        """One of a closed set, by its word in the file."""
        if self.shape.field(name, Sort.CHOICE).words is not words:
            raise LookupError(name)
        node = self.node(name)
        if node is None:
            return default
        word = node.text if isinstance(node, Scalar) else ""
        if word in words:
            return words[word]
        self.findings.add(node.line, f"`{name}` is one of: {', '.join(words)}.{hint(word, words)}", (*self.path, name))
        return default

    def amount(self, name: str, scale: int = MAX_SCALE) -> int | None:
        """A plain decimal as whole 10^-scale; money has nine decimals."""
        self.shape.field(name, Sort.MONEY, Sort.AMOUNT)
        node = self.node(name)
        return None if node is None else amount(self.findings, (*self.path, name), node, scale)

    def items(self, name: str) -> tuple[Node, ...]:
        """The nodes of a list."""
        self.shape.field(name, Sort.ITEMS, Sort.TEXTS, Sort.WHOLES)
        node = self.node(name)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.findings.add(node.line, f"`{name}` is a list; this is {what(node)}.", (*self.path, name))
            return ()
        return node.items

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list."""
        items = enumerate(self.items(name))
        return tuple(_text(self.findings, (*self.path, name, at), item, "", name) for at, item in items)

    def wholes(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """The whole numbers of a list."""
        if self.node(name) is None:
            return default
        read: list[int] = []
        for at, item in enumerate(self.items(name)):
            number = item.whole if isinstance(item, Scalar) else None
            if number is None:
                message = f"`{name}` is a list of whole numbers; this is {what(item)}."
                self.findings.add(item.line, message, (*self.path, name, at))
            else:
                read.append(number)
        return tuple(read)

    def entries(self, name: str) -> Iterator[tuple[Path, str, Node]]:
        """The entries of a map by key, each with its path."""
        self.shape.field(name, Sort.THINGS, Sort.ENTITLEMENTS, Sort.METADATA)
        node = self.node(name)
        if isinstance(node, Mapping):
            for key, value in node.entries:
                yield (*self.path, name, key.text), key.text, value
        elif node is not None:
            self.findings.add(node.line, f"`{name}` is a map by key; this is {what(node)}.", (*self.path, name))


def amount(findings: Findings, path: Path, node: Node, scale: int) -> int | None:
    """The exact amount that a scalar's text says; the path ends with the field's name."""
    name = path[-1]
    if not isinstance(node, Scalar) or not (node.number or node.word):
        findings.add(node.line, f"`{name}` is a plain decimal number such as 12 or 0.5; this is {what(node)}.", path)
        return None
    try:
        return parse_amount(node.text, scale)
    except AmountOutOfRange as refused:
        findings.add(node.line, f"`{name}`: {refused.message}", path)
    return None


def _text(findings: Findings, path: Path, node: Node | None, default: str, name: str | None = None) -> str:
    if node is None:
        return default
    word = node.word if isinstance(node, Scalar) else None
    if word is None:
        advice = ": put it in quotes" if isinstance(node, Scalar) else ""
        findings.add(node.line, f"`{name or path[-1]}` is a text; this is {what(node)}{advice}.", path)
        return node.text if isinstance(node, Scalar) else default
    return word


def place_all(findings: Findings, path: Path, node: Node) -> None:
    """Remember the lines of a list's items; maps are placed when their fields are read."""
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            findings.place((*path, index), item.line)
    elif isinstance(node, Mapping):
        for key, _ in node.entries:
            findings.place((*path, key.text), key.line)

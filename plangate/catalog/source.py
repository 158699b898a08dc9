"""From the bytes of a file to its tree of nodes, or to the reasons why it has none.

A file may not have aliases, tags, several documents, repeated keys, more than 1 MB or more than 16 levels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from plangate.catalog.nodes import Mapping, Scalar, Sequence
from plangate.catalog.steps import Kind, MalformedError, Step, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

MOST_BYTES = 1_000_000
MOST_LEVELS = 16


class _UnreadableError(Exception):
    """The file cannot be read further; its reason is noted already."""


def tree(content: bytes, findings: Findings) -> Mapping | None:
    """The file's top-level map; None where its form forbids reading it, with the reasons among the findings."""
    try:
        return _document(_text(content, findings), findings)
    except _UnreadableError:
        return None
    except MalformedError as error:
        findings.add(error.line, error.reason)
    return None


def _text(content: bytes, findings: Findings) -> str:
    if len(content) > MOST_BYTES:
        _stop(
            findings, 1, f"The file is larger than {MOST_BYTES} bytes: split the {findings.holds} or shorten its texts."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _stop(findings, line, "This is not UTF-8: save the file in that encoding.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _document(text: str, findings: Findings) -> Mapping:
    read = _content(text, findings)
    first = next(read, None)
    if first is None or (first.kind is Kind.SCALAR and not first.text):
        _stop(findings, 1, f"The file is empty: begin with `{findings.begins}`.")
    root = _node(first, read, findings, 1)
    if not isinstance(root, Mapping):
        _stop(findings, root.line, f"A {findings.holds} is a map: begin with `{findings.begins}`.")
    for _ in read:
        pass
    return root


def _content(text: str, findings: Findings) -> Iterator[Step]:
    """The steps of the one document."""
    documents = 0
    for step in steps(text):
        if step.kind is not Kind.DOCUMENT:
            yield step
            continue
        documents += 1
        if documents > 1:
            _stop(findings, step.line, f"A file holds one {findings.holds}: take out this `---` and what follows.")
        if step.marked:
            _stop(findings, 1, f"Take out the `%` lines: a {findings.holds} is plain YAML 1.2.")


def _node(step: Step, read: Iterator[Step], findings: Findings, level: int) -> Node:
    if level > MOST_LEVELS:
        _stop(findings, step.line, f"This is nested deeper than {MOST_LEVELS} levels.")
    if step.kind is Kind.ALIAS:
        _stop(findings, step.line, "Aliases (`*name`) are not read: write the value again; plans share with `base`.")
    if step.marked:
        findings.add(step.line, "Tags (`!name`) are not read: take it out.")
    if step.kind is Kind.MAP:
        return _mapping(step.line, read, findings, level)
    if step.kind is Kind.LIST:
        return _sequence(step.line, read, findings, level)
    return Scalar(step.text, step.plain, step.line)


def _sequence(line: int, read: Iterator[Step], findings: Findings, level: int) -> Sequence:
    items: list[Node] = []
    for step in read:
        if step.kind is Kind.LIST_END:
            break
        items.append(_node(step, read, findings, level + 1))
    return Sequence(tuple(items), line)


def _mapping(line: int, read: Iterator[Step], findings: Findings, level: int) -> Mapping:
    entries: dict[str, tuple[Scalar, Node]] = {}
    for step in read:
        if step.kind is Kind.MAP_END:
            break
        key = _node(step, read, findings, level + 1)
        value = _node(_beside(key, next(read)), read, findings, level + 1)
        if not isinstance(key, Scalar):
            findings.add(key.line, "A key is a single word.")
        elif key.text in entries:
            earlier = entries[key.text][0].line
            findings.add(key.line, f'"{key.text[:80]}" stands twice here, first in line {earlier}: keep one.')
        else:
            entries[key.text] = (key, value)
    return Mapping(tuple(entries.values()), line)


def _beside(key: Node, step: Step) -> Step:
    """The step of a value, at its key's line where nothing is written: the parser sees that one only further down."""
    return replace(step, line=key.line) if step.kind is Kind.SCALAR and step.plain and not step.text else step


def _stop(findings: Findings, line: int, message: str) -> NoReturn:
    findings.add(line, message)
    raise _UnreadableError

"""How an environment bills, from a file: every problem with its line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, Union, cast

from billing.invoicing.settings import PolicyUnfit, policy_of
from plangate.catalog.fields import place_all
from plangate.catalog.findings import EnoughError, Findings
from plangate.catalog.nodes import Mapping, Scalar, Sequence
from plangate.catalog.source import MOST_BYTES, tree
from plangate.problems import UserProblem

if TYPE_CHECKING:
    from pathlib import Path

    from plangate.catalog.nodes import Node

Exact: TypeAlias = Union[str, int, bool, Decimal, list["Exact"], dict[str, "Exact"], None]  # noqa: UP007  (recursive)


def read_billing(file: Path) -> dict[str, object]:
    """The settings of a YAML or JSON file, checked in whole."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise UserProblem(f"{file.name} cannot be read: {reason}.") from None
    findings = Findings(file.name, "billing policy", "days_until_due: 30")
    try:
        read = _read(content, findings)
    except EnoughError:
        read = None
    if read is None or findings.found:
        raise UserProblem("\n".join(map(str, findings.problems())))
    return read


def _read(content: bytes, findings: Findings) -> dict[str, object] | None:
    root = tree(content, findings)
    if root is None:
        return None
    read = cast("dict[str, object]", _exact(root, findings, ()))
    try:
        policy_of(read)
    except PolicyUnfit as unfit:
        for problem in unfit.problems:
            findings.judge(problem)
    return read


def _exact(node: Node, findings: Findings, path: tuple[str | int, ...]) -> Exact:
    """The node as plain values, each with its line noted; a number with decimals is exact."""
    place_all(findings, path, node)
    if isinstance(node, Mapping):
        return {key.text: _exact(value, findings, (*path, key.text)) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_exact(item, findings, (*path, at)) for at, item in enumerate(node.items)]
    return _said(node)


def _said(scalar: Scalar) -> Exact:
    if scalar.null:
        return None
    if scalar.flag is not None:
        return scalar.flag
    if scalar.whole is not None:
        return scalar.whole
    if scalar.number and "e" not in scalar.text.lower():
        return Decimal(scalar.text)
    return scalar.text

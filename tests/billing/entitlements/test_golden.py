"""Every reason has one answer that is kept whole, with its explanation, its losers and its rule.

Set `PLANGATE_WRITE_GOLDEN=1` to write the files anew; then read the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from billing.entitlements.decisions import REASON_MEANINGS, Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.explain import explain
from billing.entitlements.explanations import LOSS_MEANINGS, RULE_MEANINGS, Loss, Rule
from tests.billing.entitlements.cases import AT
from tests.billing.entitlements.golden_cases import CASES

if TYPE_CHECKING:
    from billing.entitlements.explanations import Explanation
    from tests.billing.entitlements.golden_cases import Case

KEPT = Path(__file__).parent / "golden"


def told(case: Case) -> Explanation:
    """The explanation of a case."""
    return explain(case.sources, case.usage, AT, resource=case.resource, requested=case.requested)


def text_of(explanation: Explanation) -> str:
    """The whole explanation as it is kept."""
    return json.dumps(asdict(explanation), indent=2, default=_plain) + "\n"


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_the_one_that_is_kept(name: str) -> None:
    case, path = CASES[name], KEPT / f"{name}.json"
    text = text_of(told(case))
    if os.environ.get("PLANGATE_WRITE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")

    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_explanation_is_of_the_decision_that_is_given(name: str) -> None:
    case = CASES[name]

    decision = evaluate(case.sources, case.usage, AT, resource=case.resource, requested=case.requested)

    assert told(case).decision == decision
    assert name.startswith(decision.reason.value.lower())
    assert decision.has_access is (decision.reason is Reason.GRANTED)


def test_every_reason_rule_and_loss_is_shown_by_a_case() -> None:
    answers = [told(case) for case in CASES.values()]

    assert {answer.decision.reason for answer in answers} == set(Reason)
    assert {line.lost for answer in answers for line in answer.sources} - {None} == set(Loss)
    used = {line.rule for answer in answers for line in answer.sources}
    assert used | {answer.rule for answer in answers} == set(Rule)


def test_every_reason_rule_and_loss_has_a_meaning() -> None:
    assert set(REASON_MEANINGS) == set(Reason)
    assert set(RULE_MEANINGS) == set(Rule)
    assert set(LOSS_MEANINGS) == set(Loss)


def test_no_kept_answer_is_without_its_case() -> None:
    assert {path.stem for path in KEPT.iterdir()} == set(CASES)

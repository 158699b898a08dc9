"""The page about billing lists what can be set, and its example is read."""

from __future__ import annotations

import re
from pathlib import Path

from billing.invoicing.change_settings import CHANGES
from billing.invoicing.policy import AfterDunning
from billing.invoicing.settings import DUNNING, MAILS, POLICY, SELLER, TAX, policy_of
from plangate.cli.billing import read_billing

PAGE = (Path(__file__).parent.parent.parent / "docs" / "billing.md").read_text()


def test_every_setting_of_the_billing_policy_is_listed() -> None:
    settings = PAGE.split("## Settings of an environment")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z_.]+)`", settings, re.MULTILINE)

    parts = {"seller": SELLER, "taxes": TAX, "dunning": DUNNING, "changes": CHANGES, "mails": MAILS}
    names = {f"{part}.{name}" for part, inside in parts.items() for name in inside} | set(POLICY) - {
        "dunning",
        "changes",
        "mails",
    }
    assert (len(listed), set(listed)) == (len(names), names)


def test_the_example_is_a_billing_policy(tmp_path: Path) -> None:
    file = tmp_path / "billing.yaml"
    file.write_text(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])

    policy = policy_of(read_billing(file))
    assert (policy.number_prefix, policy.days_until_due, policy.dunning.after) == ("NW-", 14, AfterDunning.UNPAID)
    assert (policy.dunning.attempts, [rule.ppm for rule in policy.taxes]) == (4, [190_000, 81_000])

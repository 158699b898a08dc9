"""A checkout says nothing about the machine it was written on, nor where packages are fetched from."""

from __future__ import annotations

import re

from tests.house.repository import named, tracked

# In pieces, so that this file does not find itself.
MACHINES = re.compile(
    r"(?<![\w.$}-])/(?:" + "|".join(("wo" + "rk", "tm" + "p", "ro" + "ot", "ho" + "me", "Us" + "ers")) + r")/\w"
)
REGISTRIES = re.compile(
    "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "registry" + r"\.yarnpkg"))
)
RECORDS = re.compile('"reso' + 'lved":|(?<!no-emit-)(?:index|registry)' + r"-url\b|^registry\s*=", re.MULTILINE)
READS_INDEXES = (".ci/bootstrap.py",)


def test_no_tracked_file_names_a_path_of_a_machine_or_a_registry() -> None:
    found: list[str] = []
    for file in tracked():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        for rule in (MACHINES, REGISTRIES, RECORDS):
            if rule is RECORDS and named(file) in READS_INDEXES:
                continue
            found += [
                f"{named(file)}:{text.count(chr(10), 0, hit.start()) + 1} {hit[0]}" for hit in rule.finditer(text)
            ]

    assert found == []


def test_what_records_addresses_is_not_tracked() -> None:
    assert [named(file) for file in tracked() if file.name in {"uv.lock", ".npmrc", "pip.conf", "uv.toml"}] == []

"""Labels that a law words: locked by the legal profile, whatever the configuration says (S5).

A reading of the sources named, not legal advice. The profile follows the billing country.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from widgets_config.text_keys import TextKey

if TYPE_CHECKING:
    from collections.abc import Mapping


class LegalProfile(StrEnum):
    """The rules a customer's country brings with it."""

    NONE = "NONE"
    EU = "EU"
    DE = "DE"
    FR = "FR"
    UK = "UK"
    US_CA = "US_CA"


PARENTS: Mapping[LegalProfile, LegalProfile] = {LegalProfile.DE: LegalProfile.EU, LegalProfile.FR: LegalProfile.EU}
"""A member state's own label comes before the Union's."""


@dataclass(frozen=True, slots=True)
class LegalLabel:
    """One label as the law words it: `texts` by locale, the first of which serves every other language."""

    texts: Mapping[str, str]
    jurisdiction: str
    source: str
    checked_on: date


_CHECKED = date(2026, 11, 20)


def _german(source: str, de: str, en: str) -> LegalLabel:
    return LegalLabel({"de": de, "en": en}, "Germany", source, _CHECKED)


def _french(source: str, fr: str, en: str) -> LegalLabel:
    return LegalLabel({"fr": fr, "en": en}, "France", source, _CHECKED)


def _union(en: str, de: str) -> LegalLabel:
    return LegalLabel(
        {"en": en, "de": de}, "European Union", "Directive 2011/83/EU Art. 11a (Directive (EU) 2023/2673)", _CHECKED
    )


LEGAL_LABELS: Mapping[LegalProfile, Mapping[TextKey, LegalLabel]] = {
    LegalProfile.EU: {
        TextKey.ACTION_WITHDRAW_CONTRACT: _union("withdraw from contract here", "Vertrag hier widerrufen"),
        TextKey.WITHDRAW_CONFIRM: _union("confirm withdrawal", "Widerruf bestätigen"),
    },
    LegalProfile.DE: {
        TextKey.ACTION_PUBLIC_CANCELLATION_FORM: _german(
            "BGB § 312k (2) sentence 2", "Verträge hier kündigen", "Cancel contracts here"
        ),
        TextKey.PUBLIC_CANCELLATION_CONFIRM: _german("BGB § 312k (2) sentence 4", "jetzt kündigen", "cancel now"),
        TextKey.CONFIRM_CANCEL: _german("BGB § 312k (2) sentence 4", "jetzt kündigen", "cancel now"),
        TextKey.ACTION_WITHDRAW_CONTRACT: _german("BGB § 356a", "Vertrag widerrufen", "Withdraw from contract"),
        TextKey.WITHDRAW_CONFIRM: _german("BGB § 356a", "Widerruf bestätigen", "Confirm withdrawal"),
    },
    LegalProfile.FR: {
        TextKey.ACTION_PUBLIC_CANCELLATION_FORM: _french(
            "Code de la consommation L215-1-1, D215-1", "résilier votre contrat", "terminate your contract"
        ),
        TextKey.PUBLIC_CANCELLATION_CONFIRM: _french(
            "Code de la consommation L215-1-1, D215-3", "notification de la résiliation", "notify termination"
        ),
        TextKey.CONFIRM_CANCEL: _french(
            "Code de la consommation L215-1-1, D215-3", "notification de la résiliation", "notify termination"
        ),
    },
}
"""LEGAL_LABELS[profile][key].texts[locale]; a profile that is not listed locks nothing of its own."""


def legal_label(profile: LegalProfile, key: TextKey) -> LegalLabel | None:
    """The label that locks `key` under `profile`, or nothing where the merchant may choose the words."""
    own = LEGAL_LABELS.get(profile, {}).get(key)
    if own is None and profile in PARENTS:
        return legal_label(PARENTS[profile], key)
    return own


def locked_keys(profile: LegalProfile) -> frozenset[TextKey]:
    """Every text that the profile words itself."""
    return frozenset(key for key in TextKey if legal_label(profile, key))

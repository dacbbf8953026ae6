"""Telephone numbers and postal codes: the digits stay, the writing is made one (domain.md §8 "phones", "addresses")."""

from __future__ import annotations

import re
from typing import Final

from pipeline.normalise.reading import Reading, fold, refuse, squeeze

_LABEL: Final = re.compile(r"^(?:TEL\.?|電話番号|電話|携帯電話|携帯|☎|📞|☏)?:?")
_ABROAD: Final = re.compile(r"^\+81-?(?:0-?)?")  # +81-246 is 0246 seen from abroad
_GROUPS: Final = re.compile("[0-9]+(?:-[0-9]+)*")
_DIVIDED: Final = re.compile("0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}")
_MOBILE: Final = re.compile("0[256789]0|0800")
# Where the whole number says how it is divided (電気通信番号計画): mobiles and IP phones, free dial, 03 and 06, いわき 0246.
_DIVISIONS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        "(0[56789]0)([0-9]{4})([0-9]{4})",
        "(0800)([0-9]{3})([0-9]{4})",
        "(0120)([0-9]{3})([0-9]{3})",
        "(0246)([0-9]{2})([0-9]{4})",
        "(0[36])([0-9]{4})([0-9]{4})",
    )
)
_POSTAL: Final = re.compile("(?:〒|郵便番号:?)?([0-9]{3})-?([0-9]{4})")


def read_phone(text: str) -> Reading:
    """Read one telephone number as 0246-27-8563, whatever dashes, brackets or label it was written with."""
    plain = _LABEL.sub("", fold(text).strip())
    plain = re.sub(r"[\s()・.]+", "-", plain.strip())
    plain = _ABROAD.sub("0", re.sub("-+", "-", plain).strip("-"))
    if _GROUPS.fullmatch(plain) is None:
        return refuse("PHONE_UNREADABLE")
    if problem := _fault(plain):
        return refuse(problem)
    number = plain if _DIVIDED.fullmatch(plain) else _divide(plain.replace("-", ""))
    if number is None:
        return refuse("PHONE_HYPHEN")
    return Reading(number, () if number == text.strip() else ("PHONE_READ",))


def _fault(number: str) -> str | None:
    digits = number.replace("-", "")
    if not digits.startswith("0"):
        return "PHONE_AREA"
    return None if len(digits) == (11 if _MOBILE.match(digits) else 10) else "PHONE_DIGITS"


def _divide(digits: str) -> str | None:
    return next(("-".join(found.groups()) for rule in _DIVISIONS if (found := rule.fullmatch(digits))), None)


def read_postal(text: str) -> Reading:
    """Read a postal code as 970-8686."""
    found = _POSTAL.fullmatch(squeeze(text))
    if found is None:
        return refuse("POSTAL_UNREADABLE")
    code = f"{found[1]}-{found[2]}"
    return Reading(code, () if code == text.strip() else ("POSTAL_READ",))

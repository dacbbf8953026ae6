"""Boxes as the schemas have them, for the tests of this room."""

from __future__ import annotations

from typing import Any

from pipeline.fields import Field
from pipeline.normalise import Normalised, normalise

CENTRES = (
    "平地区保健福祉センター",
    "小名浜地区保健福祉センター",
    "勿来・田人地区保健福祉センター",
    "常磐・遠野地区保健福祉センター",
    "内郷・好間・三和地区保健福祉センター",
    "四倉・久之浜大久地区保健福祉センター",
    "小川・川前地区保健福祉センター",
)
RELATIONS = (
    *("本人", "父", "母", "祖父", "祖母", "兄", "姉", "弟", "妹", "叔父・伯父", "叔母・伯母"),
    *("養父", "養母", "継父", "継母", "里親", "その他"),
)


def box(kind: str = "string", **schema: Any) -> Field:
    """A box whose schema has these members; `x_kind` stands for `x-kind`."""
    return Field("見本", "見本", "見本", kind, {key.replace("_", "-"): part for key, part in schema.items()})


DATE = box(format="date")
MONTH = box(format="month")
TIME = box(format="time")
TIME_RANGE = box(x_kind="time_range")
INTEGER = box("integer")
NUMBER = box("number")
MINUTES = box("integer", x_kind="minutes")
MARK = box("boolean")
PHONE = box(pattern="^0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}$")
POSTAL = box(pattern="^[0-9]{3}-[0-9]{4}$")
GRADE = box(x_kind="grade", maxLength=12)
CENTRE = box(enum=list(CENTRES))
RELATION = box(enum=list(RELATIONS))
CARED_FOR = box(enum=["母", "父", "祖母", "祖父", "曽祖父母", "きょうだい", "おじ・おば", "その他"])
WEEKDAY = box(enum=list("月火水木金土日"))
CHOICE = box(enum=["食事の準備・片付け", "洗濯", "買物（代行・同行）", "ヘルパー", "資料①", "資料②"])
NAME = box(x_name=True, maxLength=40)
KANA = box(pattern="^[ぁ-ゞー・　 ]+$", x_name=True)
TEXT = box(maxLength=400, x_multiline=True)
READ = (
    *(DATE, MONTH, TIME, TIME_RANGE, INTEGER, NUMBER, MINUTES, MARK, PHONE, POSTAL),
    *(GRADE, CENTRE, RELATION, CARED_FOR, WEEKDAY, CHOICE),
)
ALL = (*READ, NAME, KANA, TEXT)


def read(field: Field, text: str) -> tuple[Any, tuple[str, ...]]:
    """The value and notes of a text that must be read."""
    seen: Normalised = normalise(field, text)
    assert seen.problem is None, (text, seen.problem)
    return seen.value, seen.notes


def refusal(field: Field, text: str) -> str | None:
    """The problem of a text that must not be read; never a value."""
    seen = normalise(field, text)
    assert seen.problem is None or (seen.value is None and seen.notes == ())
    return seen.problem

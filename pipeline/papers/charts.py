"""Charts as pictures: what a rule computed, drawn in greys that survive a copier. The only importer of Pillow.

The same chart is the same bytes: one bundled FreeType, plain layout, no clock. Pillow and not matplotlib, because two
kinds of chart need 7 MB and 40 ms to start, not 120 MB and a second.
"""

from __future__ import annotations

import functools
import io
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import OfficeFault
from pipeline.papers.glyphs import FC_LIST, SECONDS

KINDS: Final = {"bar": "棒グラフ", "line": "折れ線グラフ"}
MASKED: Final = "＊"
MOST_LABELS: Final = 60
SIDE_MM: Final = (30, 400)  # a picture fits an A3 page
FAMILY: Final = "BIZ UDPGothic:style=Regular"

_DOTS_PER_MM: Final = 8  # 203 dpi, as a copier prints
_FINER: Final = 2  # drawn twice as fine, then halved: smooth lines without another library
_GREYS: Final = (70, 170, 215, 120)  # neighbours differ most
_DASHES: Final = ((1, 0), (3, 2), (1, 1), (6, 2))
_INK, _RULE, _PAPER = 0, 200, 255


@dataclass(frozen=True, slots=True)
class Series:
    """One row of bars, or one line. None is a value that may not be shown: a masked one."""

    name: str
    values: tuple[int | float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: kind (`bar` or `line`), title, unit, the labels below the axis, one to four series."""

    kind: str
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def top(self) -> float:
        """The greatest value shown; 1 for a chart that shows nothing."""
        return max((v for row in self.series for v in row.values if v), default=1)


def read_chart(fact: Mapping[str, Any]) -> Chart:
    """Return the chart a rule computed: `{kind, title, unit, labels, series: [{name, values}]}`.

    Raises ValueError, TypeError or LookupError for what is no chart.
    """
    rows = tuple(Series(str(row["name"]), tuple(map(_number, row["values"]))) for row in fact["series"])
    chart = Chart(fact["kind"], str(fact["title"]), str(fact["unit"]), tuple(map(str, fact["labels"])), rows)
    fits = all(len(row.values) == len(chart.labels) for row in rows)
    if chart.kind not in KINDS or not 0 < len(chart.labels) <= MOST_LABELS or not fits:
        raise ValueError("not a chart")
    if not 0 < len(rows) <= len(_GREYS):
        raise ValueError("a chart has one to four series")
    return chart


def _number(value: Any) -> int | float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise ValueError("not a number a chart can show")
    return value


def describe(chart: Chart) -> str:
    """The chart in words, for those who cannot see it and for the proof: 棒グラフ「…」　平：３件 …"""
    rows = (
        f"{row.name}："
        + "、".join(f"{label} {_shown(v)}" for label, v in zip(chart.labels, row.values, strict=True))
        for row in chart.series
    )
    return f"{KINDS[chart.kind]}「{chart.title}」（{chart.unit}）" + "；".join(rows)


def _shown(value: float | None) -> str:
    return MASKED if value is None else f"{value:,}"


@functools.lru_cache(maxsize=64)
def draw(chart: Chart, width_mm: int, height_mm: int) -> bytes:
    """Return the chart as PNG of this size. The same chart is the same bytes.

    Raises ValueError for a size no page has, OfficeFault("CHART") where the typeface is not installed or lacks a
    character.
    """
    if not all(SIDE_MM[0] <= side <= SIDE_MM[1] for side in (width_mm, height_mm)):
        raise ValueError("no page has this size")
    _ensure_drawable(describe(chart))
    scale = _DOTS_PER_MM * _FINER
    picture = Image.new("L", (width_mm * scale, height_mm * scale), _PAPER)
    _Canvas(chart, ImageDraw.Draw(picture), picture.width, picture.height).draw()
    stream = io.BytesIO()
    picture.reduce(_FINER).save(stream, "PNG", optimize=True, dpi=(_DOTS_PER_MM * 25.4,) * 2)
    return stream.getvalue()


# --- The typeface -------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def _typeface(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_font_file()), size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=1)
def _font_file() -> Path:
    command = [FC_LIST, "--format", "%{file}\n", FAMILY]
    try:
        found = subprocess.run(
            command, env=os.environ, capture_output=True, text=True, timeout=SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError):
        found = ""
    files = sorted(found.splitlines())
    if not files:
        raise OfficeFault(
            "CHART", "図に書く書体（BIZ UDPゴシック）がありません。fonts/README.md のとおりに入れてください。"
        )
    return Path(files[0])


def _ensure_drawable(text: str) -> None:
    face = _typeface(32)
    unknown = bytes(face.getmask("\U0010fffe"))
    missing = {char for char in text if not char.isspace() and bytes(face.getmask(char)) == unknown}
    if missing:
        raise OfficeFault(
            "CHART",
            f"図に、書体（BIZ UDPゴシック）にない文字が{len(missing)}種類あります。標準の文字に改めてください。",
        )


# --- Drawing ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Canvas:
    """One picture being drawn. Lengths are dots of the finer grid; `em` is the size of its letters."""

    chart: Chart
    pen: ImageDraw.ImageDraw
    width: int
    height: int
    em: int = 0
    left: int = 0
    upper: int = 0
    lower: int = 0
    ceiling: float = 1

    def draw(self) -> None:
        self.em = 3 * _DOTS_PER_MM * _FINER  # 3 mm, a little less than 9 pt
        steps = ticks(self.chart.top)
        self.ceiling = steps[-1]
        labels = self._wrapped()
        self.left = self.em * 2 + max(self._long(_tick(step)) for step in steps)
        self.upper = self.em * (5 if len(self.chart.series) > 1 else 4)
        self.lower = self.height - self.em - max(label.count("\n") + 1 for label in labels) * self._line()
        self._heading()
        self._scale(steps)
        self._names(labels)
        (self._bars if self.chart.kind == "bar" else self._lines)()

    def _line(self) -> int:
        return self.em * 5 // 4

    def _long(self, text: str) -> int:
        return ceil(_typeface(self.em).getlength(text))

    @property
    def slot(self) -> float:
        """The width of the axis under one label."""
        return (self.width - self.left - self.em) / len(self.chart.labels)

    def _middle(self, number: int) -> float:
        return self.left + self.slot * (number + 0.5)

    def _at(self, value: float) -> float:
        return self.lower - (self.lower - self.upper) * value / self.ceiling

    def _text(self, x: float, y: float, text: str, anchor: str) -> None:
        self.pen.text((round(x), round(y)), text, fill=_INK, font=_typeface(self.em), anchor=anchor)

    def _heading(self) -> None:
        big = _typeface(self.em * 6 // 5)
        self.pen.text((self.width // 2, self.em), self.chart.title, fill=_INK, font=big, anchor="mm")
        self._text(self.em // 2, self.em * 2.5, f"（{self.chart.unit}）", "lm")
        if len(self.chart.series) > 1:
            self._legend()

    def _legend(self) -> None:
        x = self.width - self.em - sum(self._long(row.name) + self.em * 4 for row in self.chart.series)
        for number, row in enumerate(self.chart.series):
            self._swatch(number, x, round(self.em * 2.5))
            self._text(x + self.em * 2.5, self.em * 2.5, row.name, "lm")
            x += self._long(row.name) + self.em * 4

    def _swatch(self, number: int, x: int, y: int) -> None:
        if self.chart.kind == "bar":
            self._bar(number, (x, y - self.em // 2, x + self.em * 2, y + self.em // 2))
        else:
            self._stroke(number, (x, y), (x + self.em * 2, y))
            self._dot(number, x + self.em, y)

    def _scale(self, steps: Sequence[float]) -> None:
        for step in steps:
            y = round(self._at(step))
            self.pen.line((self.left, y, self.width - self.em, y), fill=_INK if step == 0 else _RULE, width=3)
            self._text(self.left - self.em // 2, y, _tick(step), "rm")

    def _wrapped(self) -> list[str]:
        """The labels, each broken where its slot ends."""
        room = (self.width - self.em * 5) / len(self.chart.labels) * 0.95
        most = max(1, floor(room / self.em))
        return [
            "\n".join(label[n : n + most] for n in range(0, len(label), most)) for label in self.chart.labels
        ]

    def _names(self, labels: Sequence[str]) -> None:
        for number, label in enumerate(labels):
            for row, text in enumerate(label.split("\n")):
                self._text(self._middle(number), self.lower + self.em * 0.4 + row * self._line(), text, "mt")

    def _bars(self) -> None:
        broad = min(self.slot * 0.7 / len(self.chart.series), self.em * 6)
        for number, row in enumerate(self.chart.series):
            for place, value in enumerate(row.values):
                x = self._middle(place) + (number - len(self.chart.series) / 2) * broad
                y = self._at(value or 0)
                if value:
                    self._bar(number, (round(x), round(y), round(x + broad), self.lower))
                self._text(x + broad / 2, y - self.em * 0.3, _shown(value), "mb")

    def _bar(self, number: int, box: tuple[int, int, int, int]) -> None:
        self.pen.rectangle(box, fill=_GREYS[number], outline=_INK, width=3)

    def _lines(self) -> None:
        for number, row in enumerate(self.chart.series):
            spots = [None if v is None else (self._middle(n), self._at(v)) for n, v in enumerate(row.values)]
            for one, other in pairwise(spots):
                if one is not None and other is not None:
                    self._stroke(number, one, other)
            for place, spot in enumerate(spots):
                x, y = spot or (self._middle(place), self._at(0))
                if spot is not None:
                    self._dot(number, x, y)
                self._figure(number, x, y, _shown(row.values[place]))

    def _figure(self, number: int, x: float, y: float, text: str) -> None:
        """The value of a point: above it, of every second series below it or, at the axis, beside it."""
        if number % 2 == 0:
            self._text(x, y - self.em * 0.6, text, "mb")
        elif y > self.lower - self.em * 2:
            self._text(x + self.em * 0.6, y - self.em * 0.6, text, "lb")
        else:
            self._text(x, y + self.em * 0.6, text, "mt")

    def _stroke(self, number: int, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A line of its series' own dashes, so that greys need not be told apart."""
        on, off = (part * self.em / 3 for part in _DASHES[number])
        far = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
        at = 0.0
        while at < far:
            until = far if off == 0 else min(at + on, far)
            ends = [start[axis] + (end[axis] - start[axis]) * t / far for t in (at, until) for axis in (0, 1)]
            self.pen.line([round(v) for v in ends], fill=_INK, width=max(self.em // 8, 2))
            at = until + off

    def _dot(self, number: int, x: float, y: float) -> None:
        r = self.em // 4
        box = (round(x) - r, round(y) - r, round(x) + r, round(y) + r)
        draw_dot = self.pen.ellipse if number % 2 == 0 else self.pen.rectangle
        draw_dot(box, fill=_INK if number < 2 else _PAPER, outline=_INK, width=3)


def ticks(top: float) -> tuple[float, ...]:
    """Round steps from 0 to above `top`, at most six of them, whole numbers where the values may be whole."""
    rough = max(top / 5, 1 if top >= 1 else 0.1)
    power = 10.0 ** floor(log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.9999)
    return tuple(round(step * n, 6) for n in range(ceil(round(top / step, 6)) + 1))


def _tick(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"

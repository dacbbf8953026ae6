"""A web form filled in as a person does it: typed into, clicked, saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from pipeline.rules.wareki import to_wareki_weekday
from tests.forms.browser import Browser


def filled_boxes(
    value: Any, steps: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every filled box of `values` with its path; a multiple choice is one box."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from filled_boxes(member, (*steps, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from filled_boxes(item, (*steps, index))
    else:
        yield steps, value


def tag_of(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


_FILL = """
  const place = document.querySelector(`[data-tag='${a[0]}']`);
  const named = (text) => [...place.querySelectorAll('.option')].find((option) => option.textContent === text);
  const select = place.querySelector('select');
  if (!place.classList.contains('box')) return 'list';
  if (select) { select.value = a[1]; select.dispatchEvent(new Event('change', { bubbles: true })); return 'done'; }
  if (!place.querySelector('[type=radio], [type=checkbox]')) return 'type';
  const words = { true: 'はい', false: 'いいえ' };
  for (const text of [a[1]].flat()) named(words[text] ?? text).querySelector('input').click();
  return 'done';
"""


def fill(page: Browser, values: Any) -> None:
    for steps, value in filled_boxes(values):
        _grow(page, steps)
        done = page.run(_FILL, tag_of(steps), value)
        if done == "type":
            page.type(tag_of(steps), _as_typed(value))
        elif done == "list":
            for index, item in enumerate(value):
                _grow(page, (*steps, index))
                page.type(tag_of((*steps, index)), _as_typed(item))


def _grow(page: Browser, steps: tuple[str | int, ...]) -> None:
    """Add rows with the button until the row of a path stands."""
    for at, step in enumerate(steps):
        if isinstance(step, int) and not page.run(
            "return document.querySelector(`[data-tag='${a[0]}']`) !== null", tag_of(steps[: at + 1])
        ):
            page.run("document.querySelector(`[data-tag='${a[0]}'] > .add`).click()", tag_of(steps[:at]))


def _as_typed(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return to_wareki_weekday(date.fromisoformat(value))
    return str(value)


def save(page: Browser) -> Any:
    page.click("#save")
    return json.loads(page.downloaded(".json").read_text("utf-8"))

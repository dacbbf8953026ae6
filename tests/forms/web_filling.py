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
  const placed = (tag) => document.querySelector(`[data-tag='${tag}']`);
  const named = (place, text) => [...place.querySelectorAll('.option')].find((option) => option.textContent === text);
  const words = { true: 'はい', false: 'いいえ' };
  const grow = (rows) => rows.forEach(([list, row]) => placed(row) ?? placed(list).querySelector(':scope > .add').click());
  const type = (place, text) => {
    place.querySelector('input, select, textarea').focus();
    document.execCommand('insertText', false, text);
  };
  for (const { tag, rows, value, typed } of a[0]) {
    grow(rows);
    const place = placed(tag);
    const select = place.querySelector('select');
    if (!place.classList.contains('box')) {
      value.forEach((_, at) => {
        grow([[tag, `${tag}[${at}]`]]);
        type(placed(`${tag}[${at}]`), typed[at]);
      });
    } else if (select) {
      select.value = value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    } else if (place.querySelector('[type=radio], [type=checkbox]')) {
      for (const text of [value].flat()) named(place, words[text] ?? text).querySelector('input').click();
    } else {
      type(place, typed[0]);
    }
  }
"""


def fill(page: Browser, values: Any) -> None:
    """Fill box after box: with the focus on it, text comes in as from an input method, choices are clicked."""
    page.run(_FILL, [_answer(steps, value) for steps, value in filled_boxes(values)])


def _answer(steps: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    rows = [
        (tag_of(steps[:at]), tag_of(steps[: at + 1]))
        for at, step in enumerate(steps)
        if isinstance(step, int)
    ]
    typed = [_as_typed(item) for item in (value if isinstance(value, list) else [value])]
    return {"tag": tag_of(steps), "rows": rows, "value": value, "typed": typed}


def _as_typed(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return to_wareki_weekday(date.fromisoformat(value))
    return str(value)


def save(page: Browser) -> Any:
    page.click("#save")
    return json.loads(page.downloaded(".json").read_text("utf-8"))

"""Papers as one offline HTML file: the same sandbox, strictness and filters as Word templates, no network.

What a template brings of its own (styles, a script that searches) is the office's; a value is always escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import escape

from pipeline.errors import OfficeFault
from pipeline.papers.contract import read_paths
from pipeline.papers.filters import FILTERS

_environment = SandboxedEnvironment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_environment.filters.update(FILTERS)


def render_html(source: str, context: Mapping[str, Any]) -> str:
    """Render an HTML template. Raises OfficeFault where the template is wrong."""
    try:
        return _environment.from_string(source).render(context)
    except TemplateError as error:
        raise OfficeFault("TEMPLATE", f"HTMLのひな形に誤りがあります（{type(error).__name__}）。") from error


def html_references(source: str) -> frozenset[str]:
    """Return every field path an HTML template reads. Raises OfficeFault where it cannot be read."""
    try:
        return frozenset(read_paths(_environment.parse(source)))
    except TemplateError as error:
        raise OfficeFault("TEMPLATE", f"HTMLのひな形に誤りがあります（{type(error).__name__}）。") from error


def ensure_html_proven(name: str, page: str, must_print: tuple[str, ...], must_hide: tuple[str, ...]) -> None:
    """Prove that every value that must stand on a page does, line by line, and none that must not.

    Raises OfficeFault("PROOF") with counts only.
    """
    lost = sum(escape(line) not in page for value in must_print for line in value.split("\n"))
    leaked = sum(escape(value) in page for value in must_hide)
    if lost or leaked:
        raise OfficeFault(
            "PROOF",
            f"書類「{name}」のHTML：印字されるはずの値のうち{lost}件がなく、載せてはならない値が{leaked}件あります。"
            "ひな形と paper.toml の fields を確かめてください。",
        )

"""Papers as one offline HTML file: the same sandbox and strictness as Word templates, no script, no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from pipeline.errors import OfficeFault

_environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def render_html(source: str, context: Mapping[str, Any]) -> str:
    """Render an HTML template. Raises OfficeFault where the template is wrong."""
    try:
        return _environment.from_string(source).render(context)
    except TemplateError as error:
        raise OfficeFault("TEMPLATE", f"HTMLのひな形に誤りがあります（{type(error).__name__}）。") from error

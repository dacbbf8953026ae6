"""`todoke forms`: the blank intake forms, Word and offline HTML, made from the schemas. Only what changed is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.catalogue import Catalogue, Form
from pipeline.durable import write_durably
from pipeline.errors import OfficeFault, UsageError
from pipeline.forms.html_form import Envelope, make_html_form
from pipeline.forms.layout import FormShape
from pipeline.forms.word_form import make_word_form

FORMS_FOLDER = "forms"


def write_forms(
    catalogue: Catalogue, outbox: Path, only: Iterable[str], file_mode: int
) -> Iterator[tuple[Path, bool]]:
    """Write the blank forms of `only` (all if empty); yield each path and whether it changed.

    Raises UsageError for a name that is no form, OfficeFault where a schema cannot become a form.
    """
    names = tuple(only) or tuple(catalogue.forms)
    unknown = [name for name in names if name not in catalogue.forms]
    if unknown:
        raise UsageError(
            f"この名前の様式はありません：{'、'.join(unknown)}。schemas/ にある名前を指定してください。"
        )
    folder = outbox / FORMS_FOLDER
    folder.mkdir(exist_ok=True)
    for name in names:
        for suffix, data in blank_form(catalogue, catalogue.forms[name]).items():
            path = folder / f"{name}.{suffix}"
            changed = not path.exists() or path.read_bytes() != data
            if changed:
                write_durably(path, data, file_mode)
            yield path, changed


def blank_form(catalogue: Catalogue, form: Form) -> dict[str, bytes]:
    """Return a form as `docx` and `html`, with nothing in it. Raises OfficeFault where its schema cannot become one."""
    catalogue.ensure_usable(form.name)
    return filled_form(catalogue, form, {}, None)


def filled_form(
    catalogue: Catalogue, form: Form, values: Mapping[str, Any], case_id: str | None
) -> dict[str, bytes]:
    """Return a form as `docx` and `html` with what is already known filled in. Raises OfficeFault."""
    shape = shape_of(form)
    envelope = {"case_id": case_id} if case_id else None
    try:
        return {
            "docx": make_word_form(shape, values, envelope, with_case=form.spec.case != "none"),
            "html": make_html_form(shape, catalogue.schemas, values, Envelope(case_id, form.spec.case)),
        }
    except ValueError as error:
        raise OfficeFault("FORM", f"schemas/{form.name}.schema.json：{error}") from error


def shape_of(form: Form) -> FormShape:
    """Return what the paper doors need to know of a form."""
    return FormShape(form.name, form.version, form.title, form.schema.root)

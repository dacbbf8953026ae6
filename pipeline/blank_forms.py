"""`todoke forms`: the blank intake forms, Word and offline HTML, made from the schemas. Only what changed is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.catalogue import Catalogue, Form
from pipeline.durable import write_durably
from pipeline.errors import OfficeFault, UsageError
from pipeline.forms.html_form import make_html_form
from pipeline.forms.html_frame import Envelope
from pipeline.forms.layout import FormShape
from pipeline.forms.word_form import make_word_form
from pipeline.paths import shape_to
from pipeline.receipt import to_bytes

FORMS_FOLDER = "forms"


def write_forms(
    catalogue: Catalogue, outbox: Path, only: Iterable[str], file_mode: int
) -> Iterator[tuple[Path, bool]]:
    """Write the blank forms of `only` (all if empty); yield each path and whether it changed.

    Raises UsageError for a name that is no form, OfficeFault where a schema cannot become a form.
    """
    folder = outbox / FORMS_FOLDER
    folder.mkdir(exist_ok=True)
    for form in forms_named(catalogue, only):
        yield from write_form(folder, form.name, blank_form(catalogue, form), file_mode)


def forms_named(catalogue: Catalogue, only: Iterable[str]) -> tuple[Form, ...]:
    """Return the forms of these names, or all of them. Raises UsageError for a name that is no form."""
    names = tuple(only) or tuple(catalogue.forms)
    unknown = [name for name in names if name not in catalogue.forms]
    if unknown:
        raise UsageError(
            f"この名前の様式はありません：{'、'.join(unknown)}。schemas/ にある名前を指定してください。"
        )
    return tuple(catalogue.forms[name] for name in names)


def write_form(
    folder: Path, name: str, made: Mapping[str, bytes], file_mode: int
) -> Iterator[tuple[Path, bool]]:
    """Write the shapes of a form; yield each path and whether it changed."""
    for suffix, data in made.items():
        path = folder / f"{name}.{suffix}"
        changed = not path.exists() or path.read_bytes() != data
        if changed:
            write_durably(path, data, file_mode)
        yield path, changed


def blank_form(catalogue: Catalogue, form: Form) -> dict[str, bytes]:
    """Return a form as `docx` and `html`, with nothing in it. Raises OfficeFault where its schema cannot become one."""
    catalogue.ensure_usable(form.name)
    made = filled_form(catalogue, form, {}, {})
    return {suffix: made[suffix] for suffix in ("docx", "html")}


def filled_form(
    catalogue: Catalogue, form: Form, values: Mapping[str, Any], around: Mapping[str, str | None]
) -> dict[str, bytes]:
    """Return a form as `json`, `docx` and `html` with what is already known filled in. Raises OfficeFault.

    `around` are members of the envelope: `case_id`, and `corrects` for a form that is to put an earlier bundle right.
    """
    shape = shape_of(form)
    case_id, corrects = around.get("case_id"), around.get("corrects")
    whole = {"form": form.name, "form_version": form.version, "case_id": case_id}
    if corrects:
        whole |= {"corrects": corrects, "correction_reason": None}
    envelope = Envelope(case_id, form.spec.case, corrects)
    try:
        return {
            "json": to_bytes({**whole, **shape_to(form.schema.root, values)}),
            "docx": make_word_form(shape, values, around, with_case=form.spec.case != "none"),
            "html": make_html_form(shape, catalogue.schemas, values, envelope),
        }
    except ValueError as error:
        raise OfficeFault("FORM", f"schemas/{form.name}.schema.json：{error}") from error


def shape_of(form: Form) -> FormShape:
    """Return what the paper doors need to know of a form."""
    return FormShape(form.name, form.version, form.title, form.schema.root)

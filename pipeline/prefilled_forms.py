"""Forms made again with what is known: those of a case (`todoke forms --case`), one to put right (`--correct`).

They hold personal data. They are written for the person who asked, and never where other readers look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.blank_forms import filled_form, forms_named, write_form
from pipeline.catalogue import Catalogue, Form
from pipeline.errors import UsageError
from pipeline.journal import Journal
from pipeline.model import Entry, Outcome
from pipeline.prefill import Earlier, fit, prefill
from pipeline.shelf import Shelf
from pipeline.spool import load_values
from pipeline.wording import reading_problem
from pipeline.workspace import Workspace

DIR_MODE, FILE_MODE = 0o700, 0o600
_NO_BUNDLE = "この番号の交付した組はありません。todoke show で番号を確かめてください。"
_NO_VALUES = "この組の記入内容の控え（.todoke/spool）がありません。控えから戻してから、やり直してください。"


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A form ready to write: its shapes by suffix, the bundles that told its values, the paths that found no box."""

    form: str
    made: Mapping[str, bytes]
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """Where accepted forms are found again."""

    workspace: Workspace
    journal: Journal
    shelf: Shelf
    catalogue: Catalogue


def forms_of_case(archive: Archive, case_id: str, only: Iterable[str]) -> Iterator[Prefilled]:
    """Yield the wanted forms of a case (all that belong to one), prefilled from what was accepted before.

    Raises UsageError for a case nothing was delivered of, or a name that is no form of a case.
    """
    wanted = forms_named(archive.catalogue, only)
    foreign = [form.name for form in wanted if form.spec.case == "none"] if only else []
    if foreign:
        raise UsageError(
            f"ケースに結び付かない様式です：{'、'.join(foreign)}。--case を付けずに作ってください。"
        )
    earlier = tuple(_earlier_forms(archive, case_id))
    if not earlier:
        raise UsageError("このケース番号で交付した組はありません。todoke show で番号を確かめてください。")
    for form in wanted:
        if form.spec.case != "none":
            archive.catalogue.ensure_usable(form.name)
            known = prefill(form.name, form.schema.root, earlier)
            made = filled_form(archive.catalogue, form, known.values, {"case_id": case_id})
            yield Prefilled(form.name, made, known.sources)


def _earlier_forms(archive: Archive, case_id: str) -> Iterator[Earlier]:
    """The delivered forms of a case that still count, the latest first."""
    for entry in reversed(archive.journal.of_case(case_id)):
        form = archive.catalogue.forms.get(entry.form or "")
        if (
            entry.outcome != Outcome.DELIVERED
            or form is None
            or archive.shelf.find_successor(entry.bundle_id)
        ):
            continue
        archive.catalogue.ensure_usable(form.name)
        values, _ = _accepted_values(archive, entry, form)
        numbers = {name: entry.allocated.get(name) for name in form.spec.allocate}
        yield Earlier(entry.bundle_id, form.spec, form.schema, values, {"id": case_id, **numbers})


def correcting_form(archive: Archive, bundle_id: str) -> Prefilled:
    """Return the form of a delivered bundle, filled as it was accepted, with the frame 訂正.

    Raises UsageError where there is no such bundle, or a later one has already taken its place.
    """
    entry = archive.journal.find(bundle_id)
    form = archive.catalogue.forms.get(entry.form or "") if entry else None
    if entry is None or form is None or entry.outcome != Outcome.DELIVERED:
        raise UsageError(_NO_BUNDLE)
    if later := archive.shelf.find_successor(bundle_id):
        raise UsageError(f"この組は {later} に置き換えられています。{later} を訂正してください。")
    archive.catalogue.ensure_usable(form.name)
    if form.spec.publishes:
        raise UsageError(reading_problem("CORRECTS_PUBLISHED").message)
    values, left_out = _accepted_values(archive, entry, form)
    around = {"case_id": entry.case_id, "corrects": bundle_id}
    return Prefilled(form.name, filled_form(archive.catalogue, form, values, around), (bundle_id,), left_out)


def _accepted_values(
    archive: Archive, entry: Entry, form: Form
) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """The values as accepted, as far as the form of today has boxes for them, and the paths it has none for."""
    try:
        kept = load_values(archive.workspace.spool, entry.sha256)
    except (OSError, ValueError):
        raise UsageError(f"{entry.bundle_id}：{_NO_VALUES}") from None
    values, left_out = fit(form.schema.root, kept["values"])
    return values, left_out


def private_folder(workspace: Workspace, ident: str, given: Path | None) -> Path:
    """Make and return the folder for forms with personal data: `.todoke/forms/<id>` unless one is given.

    Raises UsageError for a folder inside the inbox (it would be taken in) or the outbox (others read there).
    """
    folder = given.resolve() if given else workspace.state / "forms" / ident
    for place in (workspace.inbox, workspace.outbox):
        if folder.is_relative_to(place.resolve()):
            raise UsageError(
                "個人の情報が入る様式は、受付フォルダと送付フォルダの中には作れません。--out に別の場所を指定してください。"
            )
    if not folder.is_dir():
        folder.mkdir(mode=DIR_MODE, parents=True)
    return folder


def write_prefilled(folder: Path, form: Prefilled) -> Iterator[tuple[Path, bool]]:
    """Write a prefilled form for its owner alone; yield each path and whether it changed."""
    yield from write_form(folder, form.form, form.made, FILE_MODE)

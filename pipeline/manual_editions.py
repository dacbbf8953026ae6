"""The published editions of the manual: `outbox/manual/<number>/`, immutable, and what is asked of them; and of regulations.

An edition appears whole after the set that made it was published. It holds its text in the one notation, copies of the papers
that are the publication (`published = true` in spec.toml), and `edition.json` with the digest of each and of the edition
before it. All of it follows from the accepted revisions and their sets: a folder that is lost is made again, byte for byte.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.blank_forms import filled_form
from pipeline.catalogue import Catalogue
from pipeline.desk import Desk
from pipeline.durable import fsync_dir, rename_noreplace, sync_filesystem, write_durably
from pipeline.errors import UsageError
from pipeline.forms.manual_word import Known, WordFault, read_word_manual
from pipeline.forms.refusals import refusal
from pipeline.journal import Journal
from pipeline.model import Past
from pipeline.ooxml import PackageError
from pipeline.receipt import digest, to_bytes
from pipeline.rules.editions.differences import RENUMBERED, find_section_changes
from pipeline.rules.editions.history import FORM, ManualEdition, find_editions, read_first_edition
from pipeline.rules.editions.manual_facts import marked_sides
from pipeline.rules.editions.notation import write_text
from pipeline.rules.editions.rows import printed_words
from pipeline.rules.editions.text import Figure, Heading
from pipeline.rules.editions.words import RevisionWords
from pipeline.rules.regulation_editions import RegulationEdition, check_chain, find_regulations
from pipeline.shelf import Shelf, read_receipt

MANUAL: Final = "manual"
INDEX: Final = "index.json"
RECORD: Final = "edition.json"
TEXT: Final = "本文.md"


def all_editions(catalogue: Catalogue, past: Past, day: Any) -> tuple[ManualEdition, ...]:
    """Return every edition of the manual, oldest first; none where the office keeps no manual."""
    office = catalogue.office.at(day)
    return find_editions(read_first_edition(office), past.of(FORM)) if "manual" in office else ()


# --- Publishing ---------------------------------------------------------------------------------------------------


def publish_editions(desk: Desk, past: Past) -> None:
    """Make every edition that is not there yet appear, whole and in one step. What is there stays as it is."""
    editions = all_editions(desk.catalogue, past, desk.now().date())
    root = desk.workspace.outbox / MANUAL
    if len(editions) < 2 and not root.exists():
        return  # nothing was revised here yet
    desk.shelf.make_folder(root)
    index = _read_json(root / INDEX)
    before = ""
    for edition in editions:
        files = _files(desk.catalogue, desk.shelf, edition, _bundle_of(index, edition), before)
        if not _folder(root, edition.number).exists():
            _appear(desk, _folder(root, edition.number), files)
        before = digest(files[RECORD])
    _write_index(desk, root, editions)


def _folder(root: Path, number: int) -> Path:
    return root / f"{number:02d}"


def _bundle_of(index: Mapping[str, Any], edition: ManualEdition) -> str:
    """The set an edition was first published from: one made again later is another."""
    known = index.get("editions", {}).get(str(edition.number), {})
    return str(known.get("bundle_id", edition.bundle_id))


def _files(
    catalogue: Catalogue, shelf: Shelf, edition: ManualEdition, bundle_id: str, before: str
) -> dict[str, bytes]:
    """Everything of an edition by name, its record last."""
    files = {TEXT: write_text(edition.text).encode()}
    folder = shelf.find(bundle_id) if bundle_id else None
    if folder is not None:
        for path in _published(catalogue, read_receipt(folder)):
            files[path.rpartition("/")[2].partition("_")[2]] = (folder / path).read_bytes()
    record = {
        "number": edition.number,
        "label": edition.dated_label,
        "issued_on": edition.issued_on,
        "applies_on": edition.applies_on,
        "bundle_id": bundle_id,
        "previous": before,
        "files": {name: digest(data) for name, data in sorted(files.items())},
    }
    return {**files, RECORD: to_bytes(record)}


def _published(catalogue: Catalogue, receipt: Mapping[str, Any]) -> Iterator[str]:
    """The papers of a set that are the publication itself."""
    documents = [document for document in catalogue.forms[FORM].spec.documents if document.published]
    titles = {document.title or catalogue.paper(document.paper).title for document in documents}
    return (str(entry["path"]) for entry in receipt["documents"] if entry["title"] in titles)


def _appear(desk: Desk, folder: Path, files: Mapping[str, bytes]) -> None:
    staged = desk.workspace.stage / f"{MANUAL}-{folder.name}"
    shutil.rmtree(staged, ignore_errors=True)
    desk.shelf.write_folder(staged, files)
    sync_filesystem(staged)
    rename_noreplace(staged, folder)
    fsync_dir(folder.parent)


def _write_index(desk: Desk, root: Path, editions: Sequence[ManualEdition]) -> None:
    records = {str(edition.number): (_folder(root, edition.number) / RECORD) for edition in editions}
    told = {
        number: {**_read_json(path), "sha256": digest(path.read_bytes())} for number, path in records.items()
    }
    data = to_bytes({"editions": {**_read_json(root / INDEX).get("editions", {}), **told}})
    if not (root / INDEX).exists() or (root / INDEX).read_bytes() != data:
        write_durably(root / INDEX, data, desk.shelf.file_mode)


def _read_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes())) if path.exists() else {}


# --- Asking -------------------------------------------------------------------------------------------------------


def history(editions: Sequence[ManualEdition], past: Past) -> list[dict[str, Any]]:
    """Return the editions of the manual, then what regulations were amended to, as records for people and machines."""
    manual = [
        {
            "kind": "manual",
            "title": edition.text.title,
            "edition": edition.number,
            "label": edition.dated_label,
            "issued_on": edition.issued_on,
            "applies_on": edition.applies_on,
            "bundle_id": edition.bundle_id,
            "sha256": digest(write_text(edition.text).encode()),
            "points": [asdict(point) for point in edition.points],
        }
        for edition in editions
    ]
    return [*manual, *_regulations(past)]


def _regulations(past: Past) -> Iterator[dict[str, Any]]:
    for edition in (one for editions in find_regulations(past.events) for one in editions):
        yield {
            "kind": "regulation",
            "title": edition.text.title,
            "edition": edition.number,
            "label": edition.label,
            "issued_on": edition.decided_on,
            "applies_on": edition.effective_on,
            "bundle_id": edition.bundle_id,
            "sha256": digest(write_text(edition.text).encode()),
            "points": [],
        }


def editions_of(past: Past, title: str) -> Sequence[RegulationEdition]:
    """Return the editions of the regulation of a title, or of the only one whose title holds these words.

    Raises UsageError where there is none, or more than one.
    """
    regulations = find_regulations(past.events)
    exact = [one for one in regulations if any(edition.text.title == title for edition in one)]
    found = exact or [one for one in regulations if any(title in edition.text.title for edition in one)]
    if len(found) != 1:
        many = "当てはまる例規が二つ以上あります" if found else "その題名の例規は、改正を受け付けていません"
        raise UsageError(f"{many}。todoke manual history にある題名のとおりに書いてください。")
    return found[0]


def difference(
    editions: Sequence[ManualEdition] | Sequence[RegulationEdition],
    first: int,
    second: int,
    words: RevisionWords,
) -> dict[str, Any]:
    """Return what differs between two editions: their sections, and the lines taken out and put in, in reading order.

    Of the manual, or of one regulation (`editions_of`). Raises UsageError where there is no such edition.
    """
    by_number = {edition.number: edition for edition in editions}
    if missing := sorted({first, second} - by_number.keys()):
        raise UsageError(
            f"{missing[0]} の版はありません。todoke manual history で、ある版の番号を確かめてください。"
        )
    old, new = by_number[first], by_number[second]
    return {
        "from": first,
        "to": second,
        "sections": [
            {
                "kind": change.kind,
                "old": change.old.full_name if change.old else None,
                "new": change.new.full_name if change.new else None,
            }
            for change in find_section_changes(old.text, new.text)
        ],
        "lines": marked_sides(old.text, new.text, words),
    }


# --- Word ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an edited Word file: its text, and the form of a revision filled from it; or why it cannot be read."""

    text: str
    form: Mapping[str, bytes]
    faults: tuple[WordFault, ...]


def import_word(catalogue: Catalogue, current: ManualEdition, data: bytes) -> Imported:
    """Read an edited Word file of the current edition into a revision form, with a row for every section that changed.

    Raises UsageError for a file that is no Word file, or one that may not be opened.
    """
    try:
        text, faults = read_word_manual(data, _known(current))
    except PackageError as error:
        raise UsageError(refusal(error.code).message) from None
    if text is None:
        return Imported("", {}, faults)
    changes = find_section_changes(current.text, text)
    told = [change for change in changes if change.kind != RENUMBERED] or changes
    points = [{"section": change.section.full_name} for change in told]
    values = {"revises": current.number, "full_text": write_text(text).rstrip("\n"), "points": points}
    form = catalogue.forms[FORM]
    return Imported(write_text(text), filled_form(catalogue, form, values, {}), ())


def _known(edition: ManualEdition) -> Known:
    blocks = edition.text.blocks
    headings = frozenset(printed_words(block) for block in blocks if isinstance(block, Heading))
    return Known(headings, {block.caption: block.source for block in blocks if isinstance(block, Figure)})


# --- Verifying ----------------------------------------------------------------------------------------------------


def check_editions(catalogue: Catalogue, shelf: Shelf, journal: Journal, outbox: Path, day: Any) -> list[str]:
    """Return what is wrong with the published editions: files, records, their order, and the revisions they came from."""
    root = outbox / MANUAL
    editions = all_editions(catalogue, journal.all_past(), day)
    index = _read_json(root / INDEX)
    numbers = {edition.number for edition in editions} if root.exists() or len(editions) > 1 else set()
    faults = [
        f"第{number}版：受け付けた改訂から作られる版ではありません（改訂が取り下げられたなど）。"
        for number in sorted({int(number) for number in index.get("editions", {})} - numbers)
    ]
    before = ""
    for edition in editions:
        if edition.number in numbers:
            files = _files(catalogue, shelf, edition, _bundle_of(index, edition), before)
            faults += _check_edition(_folder(root, edition.number), files, index, edition.number)
            before = digest(files[RECORD])
    return faults


def check_regulations(past: Past) -> list[str]:
    """Return every amendment of a regulation that did not set out from the whole text the one before it made."""
    return [
        f"「{edition.text.title}」の{edition.label}（{edition.bundle_id}）：改正前の全文が、その前の改正でできた全文（附則を含む）と"
        f"違います（{'、'.join(places)}）。受け付けていない改正がないか、法制担当に確かめてください。"
        for editions in find_regulations(past.events)
        for edition, places in check_chain(editions)
    ]


def _check_edition(
    folder: Path, files: Mapping[str, bytes], index: Mapping[str, Any], number: int
) -> Iterator[str]:
    if not folder.is_dir():
        yield f"第{number}版：フォルダ {MANUAL}/{folder.name} がありません。todoke run で作り直せます。"
        return
    there = {path.name for path in folder.iterdir()}
    for name in sorted(there | files.keys()):
        if name not in there:
            yield f"第{number}版：{name} がありません。"
        elif name not in files:
            yield f"第{number}版：{name} は、この版のものではありません。"
        elif (folder / name).read_bytes() != files[name]:
            yield f"第{number}版：{name} が、発行したときのものと違います。"
    known = index.get("editions", {}).get(str(number), {})
    if known.get("sha256") != digest(files[RECORD]):
        yield f"第{number}版：{INDEX} の記録と違います。"

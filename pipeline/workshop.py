"""Plan → render → prove: from an accepted form to finished files. Compiles each template once and keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.accepted import Accepted
from pipeline.blank_forms import filled_form
from pipeline.calendars import make_calendar
from pipeline.catalogue import Catalogue
from pipeline.errors import OfficeFault
from pipeline.fields import strings_in
from pipeline.furigana import at_level
from pipeline.model import Entry, Level, OutFile, Packet, PlannedPaper, Problem
from pipeline.ooxml import docx_text
from pipeline.paper_plan import PAGE_CHANGES
from pipeline.papers.html import ensure_html_proven, render_html
from pipeline.papers.packet import bind, seal
from pipeline.papers.pdf import DocxJob, PdfPress, PdfResult
from pipeline.papers.prove import ensure_proven
from pipeline.papers.template import CompiledPaper, compile_template
from pipeline.papers.tracking import track
from pipeline.plan import NextForm, Plan, make_plan, office_copy
from pipeline.receipt import digest
from pipeline.rules.editions.leaves import compare_pages, print_page_changes
from pipeline.rules.wareki import clock, to_wareki
from pipeline.sheets import make_book
from pipeline.spec import Edition, PaperSpec
from pipeline.wording import KEY_MISSING

RETURN_SLIP = "return_slip"
MAX_PATH_BYTES = 200  # with its number and the bundle's own path well under every file system's limit
_CORRECTED_HOW = (
    "直した様式を、もう一度受付フォルダに入れてください。ファイルの名前は変わっていてもかまいません。"
)


@dataclass(frozen=True, slots=True)
class Mending:
    """How the sender of a returned form mends it, and where on it each problem stands (a relative link, or nothing)."""

    how: str = "提出した様式を開き、上の表の点を直して保存してください。"
    link: Callable[[Problem], str] = lambda problem: ""


@dataclass(frozen=True, slots=True)
class Made:
    """A rendered paper, not yet filed: its bytes in each format, and the template that made it.

    `docx` is the file the template makes (of `html`, itself a rendered paper, the page); `bodies` the words of each page.
    """

    planned: PlannedPaper
    template: str
    template_sha256: str
    docx: bytes
    pdf: bytes | None = None
    pages: int | None = None
    bodies: tuple[str, ...] = ()
    html: Made | None = None


@dataclass(frozen=True, slots=True)
class Sealing:
    """How packets leave: under which key (reader → key; None seals nothing), and which loose files of the packed papers
    the reader gets beside them: docx, all or none.
    """

    keys: Mapping[str, str] | None = None
    loose: str = "docx"


UNSEALED = Sealing()


@dataclass(slots=True)
class Workshop:
    """The catalogue's templates, compiled, the PDF press if there is one, and how packets are sealed."""

    catalogue: Catalogue
    press: PdfPress | None = None
    sealing: Sealing = UNSEALED
    tell: Callable[[str, int, int], None] = lambda stage, done, total: None  # how far a set of many papers is
    _compiled: dict[str, tuple[str, CompiledPaper]] = field(default_factory=dict)

    @property
    def pdf_state(self) -> str:
        """What a receipt says of PDFs: `included` or `off`."""
        return "included" if self.press else "off"

    def make(self, accepted: Accepted, again: bool = False) -> tuple[OutFile, ...]:
        """Return every file that follows from an accepted form. Raises OfficeFault, naming every faulty place.

        Made `again`, the papers of an issued decision are copies for the office.
        """
        plan = make_plan(accepted, self.catalogue.paper)
        if again and accepted.spec.issued:
            plan = office_copy(plan, accepted)
        made = self._with_pages(
            self._press(list(self._render_all(plan.papers, accepted.as_of))), accepted.as_of
        )
        packets = tuple(self._packet_files(plan, made))
        leaving = [p for p in plan.packets if p.sealed] if packets else []
        packed = {(name, p.audience) for p in leaving for name in p.papers}
        papers = _paper_files(made, packed, self.sealing.loose)
        files = (
            *papers,
            *packets,
            *_calendar_files(plan),
            *_sheet_files(plan),
            *self._next_files(plan, accepted),
        )
        _ensure_paths([file.path for file in files])
        return tuple(_numbered(files))

    def make_slip(
        self, entry: Entry, form_title: str, problems: Sequence[Problem], mending: Mending = Mending()
    ) -> tuple[OutFile, ...]:
        """Return the 返却票 of a returned form, as Word and HTML."""
        spec = self.catalogue.paper(RETURN_SLIP)
        edition = self._edition(spec, entry.received_at.date())
        division = self.catalogue.office.at(entry.received_at.date()).get("division") or {}
        contact = f"{division.get('name', '')}　電話 {division.get('phone', '')}" if division else ""
        context = {"slip": _slip(entry, form_title, problems, contact, mending)}
        planned = PlannedPaper(spec.name, spec.title, "sender", "", ("docx",), context, _printed(problems))
        made = self._render(planned, entry.received_at.date())
        files = [_file(made, f"{spec.title}.docx", made.docx, None)]
        if edition.html:
            path = self.catalogue.template_path(spec.name, edition.html)
            source = _read(path)
            page = render_html(source.decode(), context).encode()
            shown = replace(made, template=f"{spec.name}/{edition.html}", template_sha256=digest(source))
            files.append(_file(shown, f"{spec.title}.html", page, None))
        return tuple(files)

    def template(self, paper: PaperSpec, edition: Edition, level: str = "") -> tuple[str, CompiledPaper]:
        """Return a compiled template and its digest; compiled at first use, once for each level of readings.

        Raises OfficeFault.
        """
        key = template_name(paper, edition, level)
        if key not in self._compiled:
            data = _read(self.catalogue.template_path(paper.name, edition.template))
            furigana = at_level(self.catalogue.furigana, level) if level else None
            self._compiled[key] = (digest(data), compile_template(data, paper.title, paper.barred, furigana))
        return self._compiled[key]

    def _edition(self, paper: PaperSpec, day: date) -> Edition:
        edition = paper.edition_at(day)
        if edition is None:
            raise OfficeFault(
                "EDITION", f"書類「{paper.title}」には、{to_wareki(day)}に使えるひな形がありません。"
            )
        return edition

    def _render_all(self, papers: Iterable[PlannedPaper], day: date) -> Iterator[Made]:
        """Render each paper once, however many readers get a copy of it."""
        rendered: dict[int, Made] = {}
        wanted = list(papers)
        for number, planned in enumerate(wanted, start=1):
            key = id(planned.context)  # alive as long as the plan: copies share their context, others do not
            if key not in rendered:
                rendered[key] = self._render(planned, day)
            self.tell("書類", number, len(wanted))
            yield replace(rendered[key], planned=planned)

    def _render(self, planned: PlannedPaper, day: date) -> Made:
        paper = self.catalogue.paper(planned.paper)
        edition = self._edition(paper, day)
        sha256, compiled = self.template(paper, edition, planned.furigana)
        rendered = compiled.render(planned.context)
        ensure_proven(compiled, rendered, planned.must_print, planned.must_hide)
        data = track(rendered.data, paper.tracked, day) if paper.tracked else rendered.data
        page = self._page(planned, edition) if "html" in planned.formats else None
        return Made(planned, template_name(paper, edition, planned.furigana), sha256, data, html=page)

    def _page(self, planned: PlannedPaper, edition: Edition) -> Made:
        """The same paper as one HTML file."""
        source = _read(self.catalogue.template_path(planned.paper, str(edition.html)))
        page = render_html(source.decode(), planned.context)
        ensure_html_proven(planned.title, page, planned.must_print, planned.must_hide)
        return Made(planned, f"{planned.paper}/{edition.html}", digest(source), page.encode())

    def _press(self, made: list[Made]) -> list[Made]:
        """Add the PDFs. Papers of the same bytes (one minute for two readers) are pressed once."""
        if self.press is None:
            return made
        wanted = {paper.docx: _job(paper) for paper in made if "pdf" in paper.planned.formats}
        pressed = dict(zip(wanted, self.press.press(list(wanted.values()), self._told_of_pdf), strict=True))
        return [
            _pressed(paper, pressed[paper.docx]) if "pdf" in paper.planned.formats else paper
            for paper in made
        ]

    def _with_pages(self, made: list[Made], day: date) -> list[Made]:
        """Press anew what tells which pages differ between two others; in Word it stays as it is, the same bytes anywhere."""
        return [self._told_pages(paper, made, day) if paper.planned.compares else paper for paper in made]

    def _told_pages(self, paper: Made, made: Sequence[Made], day: date) -> Made:
        old, new = (_bodies(made, title) for title in paper.planned.compares)
        if paper.pdf is None or not (old and new):
            return paper
        changes = print_page_changes(compare_pages(old, new))
        context = paper.planned.context
        told = {**context, "facts": {**context["facts"], PAGE_CHANGES: changes}}
        (pressed,) = self._press([self._render(replace(paper.planned, context=told), day)])
        return replace(paper, pdf=pressed.pdf, pages=pressed.pages)

    def _told_of_pdf(self, done: int, total: int) -> None:
        self.tell("PDF", done, total)

    def _packet_files(self, plan: Plan, made: Sequence[Made]) -> Iterator[OutFile]:
        for packet in plan.packets:
            parts = [part for name in packet.papers for part in _parts_of(packet, name, made)]
            bound = [(part.planned.title, part.pdf) for part in parts if part.pdf is not None]
            if len(bound) < len(parts):
                continue  # PDFs are off: the receipt says so
            data = self._sealed(bind(bound, packet.title), packet)
            pages = sum(part.pages or 0 for part in parts)
            path = f"{packet.audience}/{packet.title}.pdf"
            yield OutFile(path, data, packet.title, packet.audience, packet.party, digest(data), pages=pages)

    def _sealed(self, bound: bytes, packet: Packet) -> bytes:
        if self.sealing.keys is None or not packet.sealed:
            return bound
        reader = "-".join(part for part in (packet.audience, packet.party) if part)
        if reader not in self.sealing.keys:
            raise OfficeFault("PACKET_KEY", KEY_MISSING.format(title=packet.title, reader=reader))
        return seal(bound, self.sealing.keys[reader], packet.title)

    def _next_files(self, plan: Plan, accepted: Accepted) -> Iterable[OutFile]:
        """The forms that come next, prefilled, in every shape a person may fill them in."""
        for following in plan.next_forms:
            form = self.catalogue.forms[following.form]
            around = {"case_id": accepted.case.get("id")}
            for suffix, data in filled_form(self.catalogue, form, following.values, around).items():
                yield _next_file(following, f"{form.title}{following.place}", suffix, data)


def _pressed(paper: Made, result: PdfResult) -> Made:
    return replace(paper, pdf=result.data, pages=result.pages, bodies=result.bodies)


def _bodies(made: Iterable[Made], title: str) -> tuple[str, ...]:
    """The pages of a paper of this set; none where it was not pressed."""
    return next((paper.bodies for paper in made if paper.planned.title == title), ())


def template_name(paper: PaperSpec, edition: Edition, level: str = "") -> str:
    """Return what a receipt calls a template: `pupil_leaflet/template.docx#中学生`, with the level of its readings if any."""
    return f"{paper.name}/{edition.template}" + (f"#{level}" if level else "")


def _job(made: Made) -> DocxJob:
    return DocxJob(made.planned.title, made.docx, docx_text(made.docx), made.planned.must_print)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise OfficeFault(
            "TEMPLATE", f"ひな形のファイル {path.parent.name}/{path.name} がありません。"
        ) from None


def _paper_files(made: Iterable[Made], packed: Collection[tuple[str, str]], loose: str) -> Iterable[OutFile]:
    """The files of every paper; of those in a packet only what the office wants loose beside it."""
    for paper in made:
        planned = paper.planned
        in_packet = (planned.paper, planned.audience) in packed
        if "docx" in planned.formats and not (in_packet and loose == "none"):
            yield _file(paper, f"{planned.audience}/{planned.title}.docx", paper.docx, None)
        if paper.pdf is not None and not (in_packet and loose != "all"):
            yield _file(paper, f"{planned.audience}/{planned.title}.pdf", paper.pdf, paper.pages)
        if paper.html is not None:
            yield _file(paper.html, f"{planned.audience}/{planned.title}.html", paper.html.docx, None)


def _calendar_files(plan: Plan) -> Iterator[OutFile]:
    for calendar in plan.calendars:
        data = make_calendar(calendar.title, calendar.appointments)
        path = f"{calendar.audience}/{calendar.title}.ics"
        yield OutFile(path, data, calendar.title, calendar.audience, calendar.party, digest(data))


def _sheet_files(plan: Plan) -> Iterator[OutFile]:
    for sheet in plan.sheets:
        known = "\n".join(text for _, text in strings_in(sheet.book))
        if leaked := sum(word in known for word in sheet.must_hide):
            raise OfficeFault(
                "PROOF",
                f"表「{sheet.title}」：この表に載せてはならない値が{leaked}件あります。様式を確かめてください。",
            )
        data = make_book(sheet.book)
        path = f"{sheet.audience}/{sheet.title}.xlsx"
        yield OutFile(path, data, sheet.title, sheet.audience, sheet.party, digest(data))


def _parts_of(packet: Packet, name: str, made: Sequence[Made]) -> list[Made]:
    """The papers of one name a packet binds, in the order they were planned: one, or those of every element of a list."""
    readers = (packet.audience, *packet.of)
    found = [part for part in made if part.planned.paper == name and part.planned.audience in readers]
    if not found:
        raise OfficeFault(
            "PACKET", f"「{packet.title}」に綴じる書類「{name}」が、この様式からは作られません。"
        )
    return found


def _next_file(following: NextForm, title: str, suffix: str, data: bytes) -> OutFile:
    path = f"{following.audience}/次の様式_{title}.{suffix}"
    return OutFile(path, data, f"次の様式　{title}", following.audience, following.party, digest(data))


def _file(made: Made, path: str, data: bytes, pages: int | None) -> OutFile:
    planned = made.planned
    return OutFile(
        path,
        data,
        planned.title,
        planned.audience,
        planned.party,
        digest(data),
        made.template,
        made.template_sha256,
        pages,
    )


def _ensure_paths(paths: Sequence[str]) -> None:
    """Two papers of one name for one reader, or a title no folder can hold, are faults of the specification."""
    twice = sorted(path for path, count in Counter(paths).items() if count > 1)
    faults = [
        f"「{path}」が同じ読み手に二度作られます。spec.toml の documents か書類の題名を直してください。"
        for path in twice
    ]
    faults += [
        f"題名「{path.partition('/')[2][:40]}」はファイル名にできません。「/」を除き、短くしてください。"
        for path in paths
        if path.count("/") > 1 or len(path.encode()) > MAX_PATH_BYTES
    ]
    if faults:
        raise OfficeFault("PATH", *faults)


def _numbered(files: Iterable[OutFile]) -> Iterable[OutFile]:
    """Number the papers of each audience; the formats of one paper share their number. A hundred take three digits."""
    counts: Counter[str] = Counter()
    numbers: dict[str, int] = {}
    kept = [(file, *file.path.rpartition("/")[::2]) for file in files]
    for _, folder, name in kept:
        stem = f"{folder}/{Path(name).stem}"
        if stem not in numbers:
            counts[folder] += 1
            numbers[stem] = counts[folder]
    for file, folder, name in kept:
        width = max(2, len(str(counts[folder])))
        number = numbers[f"{folder}/{Path(name).stem}"]
        yield replace(file, path=f"{folder}/{number:0{width}d}_{name}")


def _slip(
    entry: Entry, form_title: str, problems: Sequence[Problem], contact: str, mending: Mending
) -> Mapping[str, Any]:
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    received = entry.received_at
    return {
        "bundle_id": entry.bundle_id,
        "received_at": f"{to_wareki(received.date())}　{clock(f'{received:%H:%M}')}",
        "file_name": _printable(entry.name),
        "form_title": form_title,
        "problems": [
            {
                "number": number,
                "title": problem.title,
                "message": problem.message,
                "found": _printable(problem.found),
                "link": mending.link(problem),
            }
            for number, problem in enumerate(errors, start=1)
        ],
        "notes": [f"{p.title}：{p.message}" for p in problems if p.level is Level.WARNING],
        "mend_how": mending.how,
        "corrected_how": _CORRECTED_HOW,
        "contact": contact,
    }


def _printable(text: str) -> str:
    """A file name or key as it can be shown: what cannot be printed becomes 「?」 (only on the sender's slip)."""
    return "".join(
        char if char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF else "?" for char in text
    )[:80]


def _printed(problems: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(problem.message for problem in problems if problem.level is Level.ERROR)

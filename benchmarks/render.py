"""Documents a second in one warm process: docxtpl as its manual shows, ours with its proof, and the floor.

The page: a 決定通知書 of A4, tables of 12 and 8 rows, a loop, a condition, header and footer, about 16 kB. All four run
in turns within one process, so that the ratios hold whatever else the machine does. Run: python -m benchmarks.render
"""

from __future__ import annotations

import io
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docxtpl import DocxTemplate

from pipeline.ooxml import deflate, pack, parse, read_members, serialize, write_archive
from pipeline.papers.prove import ensure_parses, ensure_proven
from pipeline.papers.template import CompiledPaper, compile_template

ROUNDS = 7
SECONDS = 0.25  # of one contestant in one round

BALLAST = re.compile(r"thumbnail|stylesWithEffects|customXml|webSettings")

LABELS = (
    *("利用者氏名", "フリガナ", "住所", "電話番号", "対象となる児童", "学校・学年"),
    *("支援の期間", "訪問の曜日", "訪問の時間", "支援の内容", "派遣事業者", "留意事項"),
)


def page() -> bytes:
    """Return the template of the benchmark."""
    document = docx.Document()
    _set_page(document)
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{ office }}　{{ number }}"
    section.footer.paragraphs[0].text = "担当　{{ contact }}　電話　{{ phone }}"
    document.add_paragraph("{{ number }}")
    document.add_paragraph("{{ date }}")
    document.add_paragraph("{{ name }}　様")
    document.add_paragraph("子育て世帯訪問支援員派遣決定通知書", style="Title")
    document.add_paragraph(
        "{{ applied_on }}付けで申請のありました訪問支援員の派遣について、次のとおり決定しましたので通知します。"
    )
    facts = document.add_table(rows=12, cols=2, style="Table Grid")
    for n, label in enumerate(LABELS):
        _fill(facts, n, label, f"{{{{ facts_{n} }}}}")
    document.add_paragraph("{%p if cautions %}")
    document.add_paragraph("なお、{{ cautions }}")
    document.add_paragraph("{%p endif %}")
    people = document.add_table(rows=4, cols=4, style="Table Grid")
    _fill(people, 0, "続柄", "氏名", "生年月日", "備考")
    _fill(people, 1, "{%tr for person in household %}", "", "", "")
    _fill(people, 2, "{{ person.relation }}", "{{ person.name }}", "{{ person.birth }}", "{{ person.note }}")
    _fill(people, 3, "{%tr endfor %}", "", "", "")
    document.add_paragraph("以上")
    stream = io.BytesIO()
    document.save(stream)
    return _without_ballast(stream.getvalue())


def _without_ballast(data: bytes) -> bytes:
    """Drop what python-docx's own template carries and no paper of an office does (thumbnail, a second style sheet)."""
    kept = {name: part for name, part in read_members(data).items() if not BALLAST.search(name)}
    for name in ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"):
        root = parse(kept[name])
        for entry in list(root):
            if BALLAST.search(entry.get("Target", "") + entry.get("PartName", "")):
                root.remove(entry)
        kept[name] = serialize(root).encode()
    return pack(kept)


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for style in list(document.styles):
        if "Accent" in style.name:
            style.delete()
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "ＭＳ 明朝")


def _fill(table: Table, row: int, *texts: str) -> None:
    for cell, text in zip(table.rows[row].cells, texts, strict=True):
        cell.paragraphs[0].add_run(text).font.size = Pt(10.5)


def context(number: int = 1) -> dict[str, Any]:
    """Return the values of one invented notice."""
    person = {"relation": "長男", "name": "見本　太郎", "birth": "平成22年４月１日", "note": "中学校２年"}
    return {
        "office": "いわき市平地区保健福祉センター",
        "number": f"５平福第{number}号",
        "date": "令和５年６月１日",
        "name": "例示　花子",
        "applied_on": "令和５年５月22日",
        "contact": "○○　○○",
        "phone": "0000-00-0000",
        "cautions": "訪問の日時を変えるときは、前日までに御連絡ください。",
        **{f"facts_{n}": f"{label}の値　{number}" for n, label in enumerate(LABELS)},
        "household": [dict(person) for _ in range(7)],
    }


def words(values: dict[str, Any]) -> tuple[str, ...]:
    """Return every text of a context: what the proof asks for."""
    people = [text for person in values["household"] for text in person.values()]
    return tuple(dict.fromkeys([text for text in values.values() if isinstance(text, str)] + people))


def by_docxtpl(template: bytes, values: dict[str, Any]) -> bytes:
    """Render as docxtpl's manual shows."""
    document = DocxTemplate(io.BytesIO(template))
    document.render(values)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def by_todoke(
    paper: CompiledPaper, values: dict[str, Any], must_print: tuple[str, ...], parse: bool = False
) -> bytes:
    """Render and prove, as a delivered paper is."""
    rendered = paper.render(values)
    ensure_proven(paper, rendered, must_print)
    if parse:
        ensure_parses(paper, rendered.data)
    return rendered.data


def contestants() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name; the first is the measure of the others."""
    template, values = page(), context()
    paper, must_print = compile_template(template, "決定通知書"), words(values)
    texts = ["".join(part).encode() for part in paper.render(values).pieces]

    def floor() -> bytes:
        return write_archive(
            paper.slots,
            [deflate(story.member, text) for story, text in zip(paper.stories, texts, strict=True)],
        )

    return {
        "docxtpl as its manual shows": lambda: by_docxtpl(template, values),
        "todoke, proven": lambda: by_todoke(paper, values, must_print),
        "todoke, proven and parsed again": lambda: by_todoke(paper, values, must_print, parse=True),
        "floor: deflate and zip": floor,
    }


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, float]:
    """Return documents a second by contestant: the median of several rounds, taken in turns."""
    running = contestants()
    rates: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, make in running.items():
            rates[name].append(_rate(make, seconds))
    return {name: statistics.median(found) for name, found in rates.items()}


def _rate(make: Callable[[], object], seconds: float) -> float:
    make()
    count, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < seconds:
        make()
        count += 1
    return count / spent


def main() -> int:
    """Print the table."""
    rates = measure()
    base = next(iter(rates.values()))
    sys.stdout.write("| renderer | docs/s | × docxtpl |\n|---|---|---|\n")
    for name, rate in rates.items():
        sys.stdout.write(f"| {name} | {rate:,.0f} | {rate / base:.1f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

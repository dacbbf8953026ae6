from __future__ import annotations

import base64
import io
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from word_templates import build_template

from pipeline.errors import OfficeFault
from pipeline.ooxml import docx_text
from pipeline.papers import pdf
from pipeline.papers.pdf import DocxJob, OfficeState, PdfPress, PdfResult, compare_text, find_office
from pipeline.papers.pdf_text import PdfText, read_pdf_text, squeeze
from pipeline.papers.template import compile_template

RARE = ("𠮷田", "髙橋", "山﨑", "葛󠄀城", "\ufa19社", "神社", "☐済", "☑未", "⼀一", "～－", "①⑳", "㋿")


@pytest.fixture(scope="module")
def office() -> OfficeState:
    found = find_office()
    assert found.available, found.reason
    return found


@pytest.fixture(scope="module")
def press(office: OfficeState, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PdfPress]:
    with PdfPress(tmp_path_factory.mktemp("press"), office) as warm:
        yield warm


def word(*paragraphs: str, font: str = "ＭＳ 明朝") -> Document:
    document = docx.Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), font)
    for text in paragraphs:
        document.add_paragraph(text)
    return document


def visible_text(document: Document) -> str:
    """Stand-in for the proof's own reader of Word files."""
    section = document.sections[0]
    rows = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    heads = [p.text for p in (*section.header.paragraphs, *section.footer.paragraphs)]
    return "\n".join([p.text for p in document.paragraphs] + rows + heads)


def job(document: Document, *must_print: str, title: str = "見本の書類", text: str | None = None) -> DocxJob:
    saved = io.BytesIO()
    document.save(saved)
    return DocxJob(title, saved.getvalue(), visible_text(document) if text is None else text, must_print)


def processes_of(folder: Path) -> list[str]:
    """Every process that was started with a path below `folder`, and every zombie of ours."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        environment, status = read_if_alive(entry / "environ"), read_if_alive(entry / "stat")
        state, parent = status.rsplit(b")", 1)[1].split()[:2] if status else (b"", b"")
        if os.fsencode(folder) in environment or (state == b"Z" and int(parent) == os.getpid()):
            found.append(status.decode())
    return found


def read_if_alive(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile; a zombie has no environment left to read
        return b""


# --- a real LibreOffice ------------------------------------------------------------------------------------------


@pytest.mark.office
def test_a_chart_is_a_picture_on_the_page(press: PdfPress) -> None:
    paper = compile_template(build_template("前", "{{ facts.monthly|chart(120, 60) }}"), "見本")
    series = [{"name": "新規", "values": [0, None, 4]}]
    fact = {
        "kind": "bar",
        "title": "月別",
        "unit": "件",
        "labels": ["４月", "５月", "６月"],
        "series": series,
    }
    data = paper.render({"facts": {"monthly": fact}}).data
    [result] = press.press([DocxJob("見本", data, docx_text(data), ())])
    assert len(PdfReader(io.BytesIO(result.data)).pages[0].images) == 1


@pytest.mark.office
def test_names_with_rare_characters_and_boxes_come_through_whole(press: PdfPress) -> None:
    for font in (
        "ＭＳ 明朝",
        "ＭＳ Ｐ明朝",
        "游ゴシック",
        "Noto Serif CJK JP",
    ):  # Noto draws ⼀ and 一 with one glyph
        document = word("　".join(RARE), "".join(RARE), font=font)
        [result] = press.press([job(document, *RARE, "".join(RARE))])
        assert result.pages == 1


@pytest.mark.office
def test_a_table_and_a_sentence_may_cross_a_page_between_footer_and_header(press: PdfPress) -> None:
    document = word()
    document.sections[0].header.paragraphs[0].text = "様式第１号"
    document.sections[0].footer.paragraphs[0].text = "保存期間　５年"
    table = document.add_table(rows=1, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "氏名", "所見"
    remarks = [f"{n}番目の所見は、" + "見本の長い文章をここに書く。" * 8 for n in range(30)]
    for remark in remarks:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = "見本　太郎", remark
    [result] = press.press([job(document, "様式第１号", "氏名所見", *remarks)])
    text = read_pdf_text(result.data)
    assert result.pages == len(text.pages) >= 2
    assert any(all(squeeze(remark) not in page for page in text.pages) for remark in remarks)
    assert "保存期間" not in text.flow


@pytest.mark.office
def test_a_paper_that_outgrew_its_page_numbers_is_no_fault(press: PdfPress) -> None:
    document = word(*["見本　花子の記録"] * 60)
    foot = document.sections[0].footer.paragraphs[0]
    for code, between in (("PAGE", " / "), ("NUMPAGES", "")):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        field.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>"))
        foot._p.append(field)
        foot.add_run(between)
    text = "\n".join(p.text for p in document.paragraphs) + "\n1 / 1"  # as `docx_text` says it
    [result] = press.press([job(document, text=text)])
    assert result.pages > 1
    assert read_pdf_text(result.data).heads == tuple(
        f"{n}/{result.pages}" for n in range(1, result.pages + 1)
    )


@pytest.mark.office
def test_the_same_paper_twice_has_the_same_pages_and_text(press: PdfPress) -> None:
    paper = job(word(*["見本　花子の記録　令和５年６月１日"] * 60), "見本　花子")
    first, second = press.press([paper, paper])
    assert first.pages == second.pages > 1
    assert read_pdf_text(first.data) == read_pdf_text(second.data)


@pytest.mark.office
def test_the_pdf_is_tagged_embeds_its_fonts_and_uses_the_ones_we_chose(press: PdfPress) -> None:
    for font, expected in (
        ("ＭＳ Ｐ明朝", "BIZUDPMincho"),
        ("ＭＳ ゴシック", "BIZUDGothic"),
        ("游明朝", "BIZUDMincho"),
    ):
        [result] = press.press([job(word("見本", font=font))])
        reader = PdfReader(io.BytesIO(result.data))
        fonts = [f.get_object() for f in reader.pages[0]["/Resources"]["/Font"].values()]
        assert any(expected in f["/BaseFont"] for f in fonts)
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & f["/FontDescriptor"].keys() for f in fonts)
        assert reader.root_object["/MarkInfo"]["/Marked"].value is True
        assert reader.outline == []


@pytest.mark.office
def test_a_pdf_that_says_less_than_the_paper_is_refused_without_quoting_it(press: PdfPress) -> None:
    with pytest.raises(OfficeFault) as caught:
        wrong = job(word("申請者　見本　太郎"), text="申請者　見本　太郎　追記の秘密", title="決定通知書")
        press.press([wrong, job(word("後の書類"))])
    assert caught.value.code == "PDF_TEXT"
    assert "「決定通知書」" in str(caught.value) and "秘" not in str(caught.value)
    results = press.press([job(word(f"次の書類{n}"), f"次の書類{n}") for n in range(3)])
    assert [result.pages for result in results] == [1, 1, 1]  # no late answer of the refused batch


@pytest.mark.office
def test_a_value_torn_apart_is_refused(press: PdfPress) -> None:
    with pytest.raises(OfficeFault, match="1件") as caught:
        press.press([job(word("見本", "途中", "太郎"), "見本太郎", "途中太郎")])
    assert caught.value.code == "PDF_TEXT"


@pytest.mark.office
def test_hidden_text_of_the_word_file_is_noticed_missing(press: PdfPress) -> None:
    document = word("見える文")
    document.paragraphs[0].add_run("消えた文").font.hidden = True
    with pytest.raises(OfficeFault, match="PDF_TEXT"):
        press.press([job(document)])


@pytest.mark.office
@pytest.mark.parametrize("garbage", [b"PK\x03\x04 not a zip", b"xx"])
def test_garbage_fails_twice_and_is_named(press: PdfPress, garbage: bytes) -> None:
    with pytest.raises(OfficeFault) as caught:
        press.press([job(word("よい書類")), DocxJob("壊れた書類", garbage, "")])
    assert caught.value.code == "PDF_FAILED"
    assert "「壊れた書類」" in str(caught.value)


@pytest.mark.office
def test_a_killed_office_is_replaced_and_the_paper_still_comes(office: OfficeState, tmp_path: Path) -> None:
    with PdfPress(tmp_path, office) as press:
        press.press([job(word("一枚目"))])
        os.killpg(press._service.group, 9)
        assert press.press([job(word("二枚目")), job(word("三枚目"))])[1].pages == 1
        os.kill(press._service.process.pid, 9)  # the worker dies, LibreOffice lives on without it
        assert press.press([job(word("四枚目"))])[0].pages == 1
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.office
def test_a_paper_that_takes_too_long_is_killed_with_all_its_processes(
    office: OfficeState, tmp_path: Path
) -> None:
    with PdfPress(tmp_path, office) as press:
        press.press([job(word("見本"))])
        service = press._service
        assert len(service.sockets()) == 2
        press.paper_seconds = 0.001
        with pytest.raises(OfficeFault, match="PDF_FAILED"):
            press.press([job(word("見本"))])
        assert processes_of(tmp_path) == []
    assert service.sockets() == []


@pytest.mark.office
def test_the_office_is_replaced_after_its_number_of_papers(office: OfficeState, tmp_path: Path) -> None:
    with PdfPress(tmp_path, office, recycle_after=2) as press:
        papers = [job(word(f"{n}枚目"), f"{n}枚目") for n in range(5)]
        seen = []
        for result in press.press(papers):
            seen.append(squeeze(read_pdf_text(result.data).flow))
        assert seen == [f"{n}枚目" for n in range(5)]
        assert press._pressed == 1
    assert processes_of(tmp_path) == []


@pytest.mark.office
def test_our_own_python_settings_do_not_reach_the_worker(
    office: OfficeState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libstdc++.so.6").write_bytes(b"a library that would break LibreOffice")
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    with PdfPress(tmp_path, office) as press:
        assert press.press([job(word("見本"))])[0].pages == 1


def with_linked_picture(address: str) -> Document:
    document = word("絵のある書類")
    link = document.part.relate_to(address, RELATIONSHIP_TYPE.IMAGE, is_external=True)
    picture = f"""<w:drawing {nsdecls("w", "wp", "a", "pic", "r")}><wp:inline><wp:extent cx="914400" cy="914400"/>
      <wp:docPr id="1" name="p"/><a:graphic><a:graphicData uri="{nsdecls("pic").split('"')[1]}"><pic:pic><pic:nvPicPr>
      <pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="{link}"/><a:stretch>
      <a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="914400" cy="914400"/>
      </a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>
      </wp:inline></w:drawing>"""
    document.paragraphs[0].add_run()._r.append(parse_xml(picture))
    return document


@pytest.mark.office
@pytest.mark.parametrize("cut", [True, False])
def test_no_paper_reaches_the_network(office: OfficeState, tmp_path: Path, cut: bool) -> None:
    state = office if cut else OfficeState(office.soffice, office.version)
    with socket.create_server(("127.0.0.1", 0)) as listener, PdfPress(tmp_path, state) as press:
        listener.settimeout(0.2)
        press.press([job(with_linked_picture(f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"))])
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.office
def test_no_paper_takes_in_a_file_of_this_machine(press: PdfPress, tmp_path: Path) -> None:
    picture = tmp_path / "secret.png"
    picture.write_bytes(one_pixel())
    [result] = press.press([job(with_linked_picture(picture.as_uri()))])
    assert "/XObject" not in PdfReader(io.BytesIO(result.data)).pages[0]["/Resources"]


def one_pixel() -> bytes:
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )


# --- a LibreOffice that misbehaves -------------------------------------------------------------------------------


def fake_soffice(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    script = folder / "soffice"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "LibreOffice 7.4.7.2"; exit 0; }}\n{body}\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


FAKES = {
    "hangs": "sleep 600 & sleep 600",
    "ignores signals": "trap '' TERM INT HUP; while :; do sleep 1; done",
    "exits 0 without a file": "exit 0",
    "exits 81 for ever": "exit 81",
    "chatters on stdout": "echo '{\"ready\": true}'; echo '{\"ok\": true}'; head -c 100000 /dev/urandom; exit 0",
}


@pytest.mark.office
@pytest.mark.parametrize("body", FAKES.values(), ids=FAKES)
def test_an_office_that_never_answers_ends_in_a_fault_and_leaves_no_process(
    office: OfficeState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    fake_soffice(tmp_path, monkeypatch, body)
    fake = find_office()
    assert fake.soffice == str(tmp_path / "soffice")
    with PdfPress(tmp_path, fake, start_seconds=0.7) as press:
        with pytest.raises(OfficeFault) as caught:
            press.press([job(word("見本"), title="決定通知書")])
        assert caught.value.code == "PDF_FAILED" and "「決定通知書」" in str(caught.value)
        assert processes_of(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["soffice"]


@pytest.mark.office
def test_a_soffice_that_hangs_or_stammers_at_its_version_is_reported(
    office: OfficeState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PROBE_SECONDS", 0.3)
    for body in ("sleep 600", "echo hello"):
        (tmp_path / "soffice").write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "soffice").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        started = time.monotonic()
        found = find_office()
        assert not found.available and "版" in found.reason
        assert time.monotonic() - started < 5


# --- a worker that misbehaves: no LibreOffice needed -------------------------------------------------------------


WORKER = """
import json, os, sys, time
def say(line): print(json.dumps(line), flush=True)
say({{"group": None}}); say({{"ready": True}})
marker = {marker!r}
for line in sys.stdin:
    for job in json.loads(line):
        first = not os.path.exists(marker); open(marker, "w").close()
        {body}
"""
GOOD = "open(job['pdf'], 'wb').write(open({good!r}, 'rb').read()); say({{'ok': True}})"


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], PdfPress]:
    """A press whose worker does `body` for every job. `GOOD` in it answers with an empty page."""
    (tmp_path / "temp").mkdir()

    def made(body: str) -> PdfPress:
        good = tmp_path / "good.pdf"
        good.write_bytes(blank_pdf())
        script = WORKER.format(
            marker=str(tmp_path / "marker"), body=body.replace("GOOD", GOOD.format(good=str(good)))
        )
        (tmp_path / "worker.py").write_text(script)
        monkeypatch.setattr(pdf, "WORKER", tmp_path / "worker.py")
        monkeypatch.setattr(pdf, "FAREWELL_SECONDS", 0.5)
        return PdfPress(
            tmp_path / "temp", OfficeState("/nowhere/soffice", "7.4"), paper_seconds=0.5, start_seconds=10
        )

    return made


def blank_pdf(password: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


BLANK = DocxJob("白紙", b"", "")


@pytest.mark.parametrize(
    "body",
    [
        "say({'ok': True})",  # and no file
        "open(job['pdf'], 'wb').write(b'%PDF-1.7 garbage'); say({'ok': True})",
        "open(job['pdf'], 'wb').close(); say({'ok': True})",
        f"open(job['pdf'], 'wb').write({blank_pdf('x')!r}); say({{'ok': True}})",
        "say({'ok': False, 'error': 'STORE'})",
        "print('Warning: not JSON', flush=True)",
        "say({'ok': 'yes'})",
        "say([])",
        "time.sleep(600)",
        "os._exit(0)",
        "os.kill(os.getpid(), 9)",
    ],
)
def test_two_failures_at_one_paper_are_a_fault(
    worker: Callable[[str], PdfPress], tmp_path: Path, body: str
) -> None:
    with worker(body) as press:
        with pytest.raises(OfficeFault) as caught:
            press.press([BLANK])
        assert caught.value.code == "PDF_FAILED"
        assert processes_of(tmp_path / "temp") == []


@pytest.mark.parametrize(
    "body", ["time.sleep(600)", "os._exit(0)", "say({'ok': False})", "say({'ok': True})"]
)
def test_one_failure_is_forgiven(worker: Callable[[str], PdfPress], body: str) -> None:
    with worker(f"if first: {body}\n        else: GOOD") as press:
        assert press.press([BLANK, BLANK]) == [PdfResult("白紙", blank_pdf(), 1, ("",))] * 2


def test_a_full_disk_is_not_the_papers_fault(
    worker: Callable[[str], PdfPress], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 4096})
    monkeypatch.setattr(pdf.shutil, "disk_usage", lambda _: usage)
    with worker("say({'ok': False, 'error': 'STORE'})") as press, pytest.raises(OSError, match="No space"):
        press.press([BLANK])


def test_without_an_office_the_reason_is_told_and_nothing_is_started(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = find_office()
    assert not missing.available and "LibreOfficeが見つかりません" in missing.reason
    with PdfPress(tmp_path, missing) as press, pytest.raises(OfficeFault) as caught:
        press.press([BLANK])
    assert caught.value.code == "PDF_OFFICE" and caught.value.faults == (missing.reason,)


def test_a_character_nobody_can_draw_holds_the_paper_before_anything_starts(
    worker: Callable[[str], PdfPress],
) -> None:
    with worker("os._exit(1)") as press, pytest.raises(OfficeFault) as caught:
        press.press([DocxJob("決定通知書", b"", "外字の\ue000さん")])
    assert caught.value.code == "GLYPH"
    assert "\ue000" not in str(caught.value) and "E000" not in str(caught.value)


# --- comparing ---------------------------------------------------------------------------------------------------


@given(st.text(), st.text(), st.text())
def test_a_pdf_that_says_the_paper_and_more_agrees(head: str, text: str, value: str) -> None:
    said = PdfText((squeeze(head + text + value),), "")
    assert compare_text(DocxJob("見本", b"", text + value, (value,)), said) == ()


@given(
    st.lists(st.sampled_from("あいう　𠮷☐\n"), min_size=1).map("".join).filter(lambda t: squeeze(t)),
    st.data(),
)
def test_one_character_less_is_always_seen(text: str, data: st.DataObject) -> None:
    ink = squeeze(text)
    gone = data.draw(st.integers(0, len(ink) - 1))
    said = PdfText((ink[:gone] + ink[gone + 1 :],), "")
    assert len(compare_text(DocxJob("見本", b"", text), said)) == 1


def test_page_numbers_of_the_last_saving_do_not_count_but_other_figures_do() -> None:
    foot = PdfText(("本文13保存1/2", "続き2/2"), "本文13続き", ("保存1/2", "2/2"))
    assert compare_text(DocxJob("見本", b"", "本文13\n続き\n1 / 1"), foot) == ()
    assert compare_text(DocxJob("見本", b"", "本文13\n続き\n9 / 9 / 9"), foot) != ()  # not at the foot
    assert compare_text(DocxJob("見本", b"", "本文43\n続き\n1 / 1"), foot) != ()
    assert compare_text(DocxJob("見本", b"", "本文13\n保存1 / 1"), foot) != ()  # not on every page


def test_a_value_is_not_pieced_together_from_two_pages_but_may_follow_the_flow() -> None:
    wanted = DocxJob("見本", b"", "", ("見本　太郎",))
    assert len(compare_text(wanted, PdfText(("見本", "太郎"), ""))) == 1
    assert compare_text(wanted, PdfText(("頭見本足", "頭太郎足"), "見本太郎")) == ()

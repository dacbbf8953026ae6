"""Five hundred letters: none lost, none doubled, none mixed up; and the packet in posting order, read back."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipeline.desk import open_desk
from pipeline.ooxml import docx_text
from pipeline.papers.pdf_text import read_pdf_text, squeeze
from pipeline.sweep import Tally, run_once
from pipeline.workspace import Workspace, find_workspace
from tests.conftest import MORNING, drop, example, folder_of, receipt_of, run
from tests.test_cli import as_json, todoke

EVERY_LETTER = bool(os.environ.get("TODOKE_TEST_ALL"))
KINDS = ("居宅介護支援事業所", "訪問介護事業所", "地域包括支援センター")


def mailing(schools: int, agencies: int) -> dict[str, Any]:
    """A mailing whose every addressee has a name, address, officer and count of its own; names begin alike."""
    values = {
        key: value for key, value in example("outreach_mailing", "september").items() if key != "leaflets"
    }
    values |= {"agency_leaflet": False, "printed": None}
    values["schools"] = [
        {
            "code": f"s{n:03d}", "kind": "小学校", "name": f"いわき市立見本小学校{n}", "postal": f"970-{n:04d}",
            "address": f"いわき市見本町{n}番地", "head_title": "校長", "head_name": f"見本　𠮷郎{n}",
            "grades": [{"grade": "小５", "pupils": 1000 + n}],
        }
        for n in range(1, schools + 1)
    ]  # fmt: skip
    values["agencies"] = [
        {
            "code": f"a{n:03d}", "kind": KINDS[n % 3], "name": f"例示事業所{n}", "postal": f"971-{n:04d}",
            "address": f"いわき市例示町{n}番地", "head_title": "管理者", "head_name": f"例示　葛󠄀子{n}", "copies": 2000 + n,
        }
        for n in range(1, agencies + 1)
    ]  # fmt: skip
    return values


def test_five_hundred_letters_each_its_own(place: Workspace) -> None:
    values = mailing(120, 380)
    drop(place, "m.json", values)
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        heard: list[tuple[str, int, int]] = []
        desk.workshop.tell = lambda stage, done, total: heard.append((stage, done, total))
        (entry,) = run_once(desk, Tally())
        receipt, folder = receipt_of(desk, entry), folder_of(desk, entry)
    assert entry.outcome == "delivered", receipt["problems"]
    everybody = [*values["schools"], *values["agencies"]]
    letters = {d["party"]: d["path"] for d in receipt["documents"] if d["party"]}
    assert len([d for d in receipt["documents"] if d["party"]]) == len(letters) == len(everybody) == 500
    marks = re.compile(r"(?:いわき市立見本小学校|例示事業所)([0-9]+)|(?:𠮷郎|葛󠄀子)([0-9]+)")
    for entry_ in everybody:
        text = docx_text((folder / letters[entry_["code"]]).read_bytes())
        number = entry_["code"].lstrip("sa").lstrip("0")
        assert entry_["name"] in text and f"{entry_['head_title']}　{entry_['head_name']}　様" in text
        assert {found for pair in marks.findall(text) for found in pair if found} == {number}, entry_["code"]
        copies = entry_.get("copies") or entry_["grades"][0]["pupils"]
        assert f"{copies:,}部" in text
        assert "５い子家第123号" in text
    assert heard[-1] == ("書類", 503, 503) and len(heard) == 503
    readers = place.outbox / "readers"
    assert (
        len(list(readers.glob("agency-a*/*/*.docx"))) == 380
        and len(list(readers.glob("school-s*/*/*.docx"))) == 120
    )
    names = "\n".join(path.name for path in readers.rglob("*"))
    assert "見本" not in names and "例示" not in names, "no name of an addressee stands in a path"
    for title in ("発送簿", "宛名ラベル"):
        (path,) = (d["path"] for d in receipt["documents"] if d["title"].startswith(title))
        told = docx_text((folder / path).read_bytes())
        places = [re.search(rf"{re.escape(e['name'])}(?![0-9])", told) for e in everybody]
        assert all(places) and [p.start() for p in places if p] == sorted(p.start() for p in places if p), (
            title
        )


@pytest.fixture
def with_pdf(place: Workspace) -> Iterator[Workspace]:
    settings = place.root / "todoke.toml"
    settings.write_text(settings.read_text("utf-8").replace('mode = "off"', 'mode = "auto"'), "utf-8")
    yield find_workspace(place.root)


@pytest.mark.office
def test_the_packet_holds_every_letter_in_posting_order(with_pdf: Workspace) -> None:
    """Ten letters; with TODOKE_TEST_ALL=1 the five hundred."""
    values = mailing(120, 380) if EVERY_LETTER else mailing(4, 6)
    everybody = [*values["schools"], *values["agencies"]]
    drop(with_pdf, "m.json", values)
    with open_desk(with_pdf, now=lambda: MORNING) as desk:
        (entry,) = run(desk)
        receipt, folder = receipt_of(desk, entry), folder_of(desk, entry)
    (packet,) = [d for d in receipt["documents"] if d["title"] == "発送文書一式（印刷用）"]
    assert (packet["audience"], packet["pages"]) == ("division", len(everybody))
    data = (folder / packet["path"]).read_bytes()
    assert not PdfReader(io.BytesIO(data)).is_encrypted
    pages = read_pdf_text(data).pages
    assert [named_on(page) for page in pages] == [wanted_of(entry) for entry in everybody]
    letters = {
        d["party"]: d["path"] for d in receipt["documents"] if d["party"] and d["path"].endswith(".pdf")
    }
    assert set(letters) == {entry["code"] for entry in everybody}
    for entry_ in everybody:
        (page,) = read_pdf_text((folder / letters[entry_["code"]]).read_bytes()).pages
        assert named_on(page) == wanted_of(entry_)


def named_on(page: str) -> tuple[set[str], set[str]]:
    """Every organisation and every officer a page names, whole: 例示事業所１ is not found in 例示事業所10."""
    return set(re.findall(r"いわき市立見本小学校[0-9]+|例示事業所[0-9]+", page)), set(
        re.findall(r"見本𠮷郎[0-9]+|例示葛󠄀子[0-9]+", page)
    )


def wanted_of(addressee: dict[str, Any]) -> tuple[set[str], set[str]]:
    """What `named_on` must find on the one page of an addressee: it, and nobody else."""
    return {squeeze(addressee["name"])}, {squeeze(addressee["head_name"])}


def test_a_list_becomes_a_form_that_is_delivered(place: Workspace) -> None:
    roster = place.root.parent / "名簿.csv"
    rows = [
        "種別,名称,住所,部数",
        "訪問介護事業所,例示ホームヘルプ,いわき市例示１番地,3",
        "民生児童委員,例示協議会,いわき市例示２番地,30",
    ]
    roster.write_bytes("\r\n".join(rows).encode("cp932"))
    assert "--encoding" in todoke(place, "addressees", str(roster), code=2)
    assert "cp932" in todoke(place, "addressees", str(roster), "--encoding", "sjis", code=2)
    (made, _) = as_json(place, "addressees", str(roster), "--encoding", "cp932")
    values = json.loads(Path(made["path"]).read_text("utf-8"))
    values |= {
        "subject": "周知について（依頼）",
        "purpose": "お願いします。",
        "materials": [{"title": "リーフレット"}],
        "distribute_by": "９月中",
    }
    drop(place, "m.json", values)
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        (entry,) = run(desk)
        folder = folder_of(desk, entry)
    assert entry.outcome == "delivered"
    texts = [docx_text(path.read_bytes()) for path in sorted((folder / "agency").glob("*.docx"))]
    assert ["管理者　様" in texts[0], "民生児童委員　各位" in texts[1]] == [True, True]


def test_a_faulty_list_makes_nothing(place: Workspace) -> None:
    roster = place.root.parent / "list.csv"
    roster.write_bytes("種別,名称,住所,部数\r\n病院,見本病院,いわき市,\r\n".encode())
    told = todoke(place, "addressees", str(roster), "--encoding", "utf-8", code=1)
    assert "2行目の「種別」" in told and "誤りが1件" in told and "見本病院" not in told
    assert not (place.state / "forms").exists()

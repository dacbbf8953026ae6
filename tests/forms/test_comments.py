"""Comments on the sender's own file: at the right boxes, and nothing else of the file changed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.forms.comments import AUTHOR, INITIALS, CannotAnnotate, Mark, annotate
from pipeline.forms.layout import Box
from pipeline.forms.word_reader import read_word_form
from pipeline.ooxml import pack, parse, read_archive, read_members, serialize
from tests.forms.damage import FILLED, FORM, Damage, damages, repackings
from tests.forms.word_filling import Draft, blank, fill, layout, shapes

COMMON = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
WHEN = datetime(2023, 6, 1, 9, 5, 7)
TAGS = (
    "applicant.name",
    "applicant.phone",
    "children[0].name",
    "children[0].school.grade",
    "start",
    "reason",
    "consent",
)


def control(tag: str, text: str) -> str:
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{tag}"/><w:tag w:val="{tag}"/><w:text/></w:sdtPr>'
        f"<w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p>{properties}{content}</w:p>"


def words(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def row(label: str, content: str, bookmark: str = "f_none") -> str:
    marked = f'<w:bookmarkStart w:id="7" w:name="{bookmark}"/>{content}<w:bookmarkEnd w:id="7"/>'
    return f"<w:tr><w:tc>{paragraph(words(label))}</w:tc><w:tc>{paragraph(marked)}</w:tc></w:tr>"


def body_of(*rows: str, title: str = "派遣申請書") -> str:
    heading = paragraph(words(title), '<w:pPr><w:pStyle w:val="Title"/></w:pPr>')
    return f"{paragraph(words('様式第１号'))}{heading}<w:tbl>{''.join(rows)}</w:tbl>{paragraph('')}"


def typical() -> str:
    return body_of(*(row(f"欄{n}", control(tag, f"値{n}"), f"f_{n}") for n, tag in enumerate(TAGS)))


def document(content: str, namespace: str = COMMON, encoding: str = "UTF-8") -> str:
    return (
        f"<?xml version='1.0' encoding='{encoding}' standalone='yes'?>\r\n<!-- kept -->"
        f'<w:document xmlns:w="{namespace}"><w:body>{content}</w:body></w:document>'
    )


def package(main: bytes, name: str = "word/document.xml", extra: Mapping[str, bytes] | None = None) -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{name}" ContentType="{TYPES}.document.main+xml"/></Types>'
    )
    first = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{name}"/>'
    members = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}">{first}</Relationships>'.encode(),
        name: main,
        "word/header1.xml": f'<w:hdr xmlns:w="{COMMON}">{paragraph(words("様式"))}</w:hdr>'.encode(),
        "docProps/odd.bin": bytes(range(256)) * 4,
        **(extra or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (member, data) in enumerate(members.items()):
            archive.writestr(member, data, zipfile.ZIP_DEFLATED if number % 2 == 0 else zipfile.ZIP_STORED)
    return out.getvalue()


def form(content: str | None = None, **extra: bytes) -> bytes:
    return package(document(typical() if content is None else content).encode(), extra=extra)


def marks(count: int = 7) -> list[Mark]:
    return [
        Mark(tag, f"f_{n}", f"欄{n}", f"欄{n}が違います。\n決まり{n}。\n直すこと{n}。")
        for n, tag in enumerate(TAGS[:count])
    ]


def returned(data: bytes, made: Sequence[Mark] | None = None, summary: str = "７か所") -> bytes:
    return annotate(data, marks() if made is None else made, summary, WHEN)


# --- Looking at what came out ---------------------------------------------------------------------------------------

OURS = re.compile(
    r'<w:commentRange(?:Start|End)(?: xmlns:w="[^"]*")? w:id="[0-9]+"/>'
    r'|<w:r(?: xmlns:w="[^"]*")?><w:commentReference w:id="[0-9]+"/></w:r>'
)


def comments_name(data: bytes, main: str = "word/document.xml") -> str:
    folder, _, name = main.rpartition("/")
    relations = parse(read_members(data)[f"{folder}/_rels/{name}.rels"])
    return next(f"{folder}/{r.get('Target')}" for r in relations if r.get("Type").endswith("/comments"))


def comments_of(data: bytes, main: str = "word/document.xml") -> dict[str, list[str]]:
    """The paragraphs of every comment by its id."""
    root = parse(read_members(data)[comments_name(data, main)])
    return {
        next(v for k, v in c.attrib.items() if k.endswith("}id")): ["".join(p.itertext()) for p in c]
        for c in root
    }


def anchored(data: bytes, main: str = "word/document.xml") -> dict[str, str]:
    """What stands between the two ends of every comment, as it is written."""
    raw = read_members(data)[main]
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    found = {}
    for number in re.findall(r'commentReference w:id="(-?[0-9]+)"', text):
        start = re.search(rf'<w:commentRangeStart[^>]*w:id="{number}"/>', text)
        end = re.search(
            rf'<w:commentRangeEnd[^>]*w:id="{number}"/><w:r[^>]*><w:commentReference w:id="{number}"/></w:r>',
            text,
        )
        assert start and end, number
        found[number] = OURS.sub("", text[start.end() : end.start()])
    return found


def ensure_rest_is_untouched(before: bytes, after: bytes, main: str = "word/document.xml") -> None:
    old = {m.name: m for m in read_archive(before)}
    new = {m.name: m for m in read_archive(after)}
    written = {main, "[Content_Types].xml", comments_name(after, main), _relations_name(main)}
    assert {n: m for n, m in new.items() if n not in written} == {
        n: m for n, m in old.items() if n not in written
    }
    assert [n for n in new if n in old] == list(old)
    raw, was = new[main].content(), old[main].content()
    codec = "utf-16-le" if was[:2] == b"\xff\xfe" else "utf-8"
    assert OURS.sub("", raw.decode(codec)).encode(codec) == was


def _relations_name(main: str) -> str:
    folder, _, name = main.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


# --- The right boxes ------------------------------------------------------------------------------------------------


def test_seven_mistakes_are_seven_comments_at_their_boxes() -> None:
    before = form()
    after = returned(before)
    places = anchored(after)
    for n, tag in enumerate(TAGS):
        assert places[str(n + 1)] == control(tag, f"値{n}")
    assert "派遣申請書" in places["0"] and "様式第１号" not in places["0"]
    assert comments_of(after) == {
        "0": ["７か所"],
        **{str(n + 1): [f"欄{n}が違います。", f"決まり{n}。", f"直すこと{n}。"] for n in range(7)},
    }
    ensure_rest_is_untouched(before, after)


def test_what_a_comment_says_of_itself() -> None:
    members = read_members(returned(form()))
    text = members["word/comments.xml"].decode()
    assert text.count(f'w:author="{AUTHOR}" w:date="2023-06-01T09:05:07" w:initials="{INITIALS}"') == 8
    assert 'w:eastAsia="ＭＳ ゴシック"' in text
    assert (
        f'PartName="/word/comments.xml" ContentType="{TYPES}.comments+xml"'
        in members["[Content_Types].xml"].decode()
    )


def test_python_docx_reads_the_comments() -> None:
    opened = docx.Document(io.BytesIO(returned(form(**{"word/comments_.xml": b"<x/>"}))))
    assert [comment.author for comment in opened.comments] == [AUTHOR] * 8


def test_a_group_of_checkboxes_is_marked_from_first_to_last() -> None:
    boxes = "".join(control(f"wanted#{n}", "☐") + words(f"項目{n}") for n in range(3))
    after = returned(form(body_of(row("希望", boxes))), [Mark("wanted", "f_x", "希望", "どれか一つ")])
    assert anchored(after)["1"] == boxes.removesuffix(words("項目2"))


def test_a_group_over_several_paragraphs_ends_in_the_last() -> None:
    lines = [paragraph(control(f"wanted#{n}", "☐")) for n in range(3)]
    cell = f"<w:tr><w:tc>{paragraph(words('希望'))}</w:tc><w:tc>{''.join(lines)}</w:tc></w:tr>"
    after = returned(form(body_of(cell)), [Mark("wanted", "f_x", "希望", "どれか一つ")])
    assert anchored(after)["1"] == "".join(lines).removeprefix("<w:p>").removesuffix("</w:p>")


def test_a_copied_control_gives_way_to_the_one_in_its_own_cell() -> None:
    stray = row("別の欄", control("reason", "写し"))
    after = returned(
        form(body_of(stray, row("理由", control("reason", "本物"), "f_r"))),
        [Mark("reason", "f_r", "理由", "誤り")],
    )
    assert anchored(after)["1"] == control("reason", "本物")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (row("理由", words("貼り付け"), "f_r"), words("貼り付け")),
        (row("理由（必須）", words("貼り付け")), words("理由（必須）")),
        (row("理 由※", ""), words("理 由※")),
    ],
)
def test_a_lost_control_is_found_by_bookmark_then_by_label(content: str, expected: str) -> None:
    after = returned(form(body_of(content)), [Mark("reason", "f_r", "理由", "誤り")])
    place = re.sub(r"<w:bookmark[^>]*>", "", anchored(after)["1"])
    assert (place, comments_of(after)["1"]) == (expected, ["誤り"])


def test_a_bookmark_round_paragraphs_marks_what_is_in_them() -> None:
    cell = paragraph(words("一")) + paragraph(words("二"))
    content = (
        f'<w:tr><w:tc><w:bookmarkStart w:id="3" w:name="F_R"/>{cell}<w:bookmarkEnd w:id="3"/></w:tc></w:tr>'
    )
    after = returned(form(body_of(content)), [Mark("reason", "f_r", "理由", "誤り")])
    assert anchored(after)["1"] == f"{words('一')}</w:p><w:p>{words('二')}"


def test_the_same_label_twice_is_told_apart_by_the_table() -> None:
    first = f"<w:tbl>{row('氏名', '')}{row('電話', control('applicant.phone', '1'))}</w:tbl>"
    second = f"<w:tbl>{row('氏名', '')}{row('年齢', control('child.age', '9'))}</w:tbl>"
    after = returned(form(first + second), [Mark("child.name", "f_c", "氏名", "誤り")])
    text = read_members(after)["word/document.xml"].decode()
    assert text.index("</w:tbl>") < text.index('<w:commentRangeStart w:id="1"/>')
    assert anchored(after)["1"] == words("氏名")


def test_a_box_that_is_nowhere_is_named_at_the_title() -> None:
    twice = body_of(row("氏名", ""), row("氏名", ""))
    after = returned(form(twice), [Mark("a.name", "f_a", "氏名", "誤り\n直すこと")])
    assert anchored(after)["1"] == words("派遣申請書")
    assert comments_of(after)["1"] == ["欄：「氏名」", "誤り", "直すこと"]


def test_a_list_without_a_heading_is_marked_at_its_first_row() -> None:
    rows = [row("名", control(f"children[{n}].name", str(n))) for n in range(2)]
    after = returned(form(body_of(*rows)), [Mark("children", "f_c", "家族", "一人も書かれていません")])
    assert anchored(after)["1"] == control("children[0].name", "0")


def test_a_control_round_whole_paragraphs_is_marked_inside_them() -> None:
    block = control("reason", "@").replace(words("@"), paragraph(words("一")) + paragraph(words("二")))
    after = returned(form(body_of(row("甲", "")) + block), [Mark("reason", "f_r", "理由", "誤り")])
    assert anchored(after)["1"] == f"{words('一')}</w:p><w:p>{words('二')}"


def test_a_group_that_was_torn_over_cells_is_marked_in_the_first() -> None:
    cells = "".join(f"<w:tc>{paragraph(control(f'wanted#{n}', '☐'))}</w:tc>" for n in range(2))
    after = returned(form(body_of(f"<w:tr>{cells}</w:tr>")), [Mark("wanted", "f_x", "希望", "どれか一つ")])
    assert anchored(after)["1"] == control("wanted#0", "☐")


def test_a_bookmark_that_ends_in_another_cell_counts_to_the_end_of_its_paragraph() -> None:
    torn = row("理由", words("甲"), "f_r").replace('<w:bookmarkEnd w:id="7"/>', "").removesuffix("</w:tr>")
    rest = paragraph(words("乙") + '<w:bookmarkEnd w:id="7"/>')
    torn += f"<w:tc>{rest}</w:tc></w:tr>"
    after = returned(form(body_of(torn)), [Mark("reason", "f_r", "理由", "誤り")])
    assert anchored(after)["1"] == f'<w:bookmarkStart w:id="7" w:name="f_r"/>{words("甲")}'


def test_a_control_round_a_row_is_marked_in_its_first_cell() -> None:
    after = returned(
        form(body_of(control("r", "@").replace(words("@"), row("甲", words("乙"))))),
        [Mark("r", "", "", "誤り")],
    )
    assert anchored(after)["1"] == words("甲")


def test_a_row_is_marked_in_its_own_first_box_not_at_a_label() -> None:
    rows = [row(label, control(f"children[{n}].name", str(n))) for n, label in enumerate(("子ども", "次"))]
    after = returned(form(body_of(*rows)), [Mark("children[1]", "f_c", "子ども", "同じ子です")])
    assert anchored(after)["1"] == control("children[1].name", "1")


def test_a_heading_may_go_on_with_a_hint() -> None:
    after = returned(
        form(paragraph(words("題")) + paragraph(words("家族（必須）　全員を書きます"))),
        [Mark("family", "", "家族", "誤り")],
    )
    assert anchored(after)["1"] == words("家族（必須）　全員を書きます")


@pytest.mark.parametrize("owner", ["del", "moveFrom", "txbxContent"])
def test_what_nobody_sees_is_no_place(owner: str) -> None:
    hidden = paragraph(f"<w:{owner}>{control('reason', '消した')}</w:{owner}>")
    after = returned(
        form(body_of(row("理由", words("新しい"))) + hidden), [Mark("reason", "f_r", "理由", "誤り")]
    )
    assert anchored(after)["1"] == words("理由")


@pytest.mark.parametrize("content", ["<w:p/>", "<w:p><w:r><w:drawing/></w:r></w:p>", "<w:sectPr/>"])
def test_where_nothing_can_carry_a_comment_a_paragraph_is_put_before(content: str) -> None:
    before = form(content)
    after = returned(before, marks(1))
    main = read_members(after)["word/document.xml"].decode()
    assert main.count("<w:p>") == 1 + content.count("<w:p>")
    assert returned(after, marks(1)) == after
    assert OURS.sub("", main).replace("<w:p></w:p>", "").encode() == read_members(before)["word/document.xml"]


# --- Any package ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "main"),
    [
        (package(document(typical(), STRICT).encode()), "word/document.xml"),
        (package(document(typical()).encode(), "word/document2.xml"), "word/document2.xml"),
        (package(document(typical(), encoding="UTF-16").encode("utf-16")), "word/document.xml"),
        (package(b"\xef\xbb\xbf" + document(typical()).encode()), "word/document.xml"),
        (form().replace(b".document.main+xml", b".template.main+xml"), "word/document.xml"),
    ],
    ids=["strict", "document2", "utf-16", "utf-8 mark", "dotx"],
)
def test_any_dialect(data: bytes, main: str) -> None:
    after = returned(data)
    places = anchored(after, main)
    assert [places[str(n + 1)] for n in range(7)] == [control(tag, f"値{n}") for n, tag in enumerate(TAGS)]
    assert len(comments_of(after, main)) == 8
    ensure_rest_is_untouched(data, after, main)


def test_strict_parts_stay_strict() -> None:
    members = read_members(returned(package(document(typical(), STRICT).encode())))
    assert f'xmlns:w="{STRICT}"' in members["word/comments.xml"].decode()
    assert (
        "http://purl.oclc.org/ooxml/officeDocument/relationships/comments"
        in members["word/_rels/document.xml.rels"].decode()
    )


def test_a_part_without_the_usual_prefix_gets_it_declared() -> None:
    main = document(typical()).replace("w:", "x:").replace("xmlns:w=", "xmlns:x=").encode()
    assert b"<x:body>" in main
    after = read_members(returned(package(main)))["word/document.xml"]
    root = parse(after)
    assert len(root.findall(f".//{{{COMMON}}}commentReference")) == 8
    assert OURS.sub("", after.decode()).encode() == main


def existing(*entries: tuple[str, str]) -> dict[str, bytes]:
    """A package's own comments by (id, author), and the relation to them."""
    made = "".join(
        f'<w:comment w:id="{number}" w:author="{author}" w:initials="{INITIALS if author == AUTHOR else "s"}">'
        f'<w:p w14:paraId="0000000{index}">{words("注")}</w:p></w:comment>'
        for index, (number, author) in enumerate(entries)
    )
    relation = f'<Relationship Id="rIdReturned1" Type="{OFFICE}/comments" Target="Comments7.xml"/>'
    return {
        "word/comments7.xml": f'<w:comments xmlns:w="{COMMON}" xmlns:w14="{W14}">{made}</w:comments>'.encode(),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'.encode(),
    }


def reference(number: str) -> str:
    return (
        f'<w:commentRangeStart w:id="{number}"/>{words("文")}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:rPr><w:b/></w:rPr><w:commentReference w:id="{number}"/></w:r>'
    )


def test_comments_of_others_stay_and_the_numbers_go_on() -> None:
    data = form(typical() + paragraph(reference("41")), **existing(("41", "見本　太郎"), ("x", "例示　花子")))
    after = returned(data)
    members, was = read_members(after), read_members(data)
    assert members["word/comments7.xml"].startswith(was["word/comments7.xml"].removesuffix(b"</w:comments>"))
    assert members["word/_rels/document.xml.rels"] == was["word/_rels/document.xml.rels"]
    numbers = re.findall(rb'commentReference w:id="([0-9]+)"', members["word/document.xml"])
    assert sorted(numbers) == [b"%d" % number for number in range(41, 50)]
    assert reference("41").encode() in members["word/document.xml"]
    assert b'PartName="/word/comments7.xml"' in members["[Content_Types].xml"]


def test_relations_that_only_seem_to_lead_to_comments() -> None:
    entries = (
        f'<Relationship Id="rIdReturned1" Type="{OFFICE}/comments" Target="x.xml" TargetMode="External"/>'
        f'<Relationship Id="rIdReturned2" Type="{OFFICE}/comments" Target="lost.xml"/>'
    )
    relations = f'<p:Relationships xmlns:p="{RELATIONS}">{entries.replace("<R", "<p:R")}</p:Relationships>'
    after = read_members(
        returned(form(**{"word/_rels/document.xml.rels": relations.encode(), "word/x.xml": b"<x/>"}))
    )
    found = {r.get("Id"): r for r in parse(after["word/_rels/document.xml.rels"])}
    assert found["rIdReturned3"].tag == f"{{{RELATIONS}}}Relationship"
    assert found["rIdReturned3"].get("Target") == "comments.xml"
    assert after["word/x.xml"] == b"<x/>"


def test_new_relations_have_their_content_type() -> None:
    types = read_members(form())["[Content_Types].xml"].replace(b'Extension="rels"', b'Extension="bin"')
    after = read_members(returned(form(**{"[Content_Types].xml": types})))
    assert b'<Default Extension="rels" ' in after["[Content_Types].xml"]


@pytest.mark.parametrize("highest", ["2147483647", "99999999999"])
def test_numbers_start_afresh_where_there_are_none_above(highest: str) -> None:
    after = returned(form(typical() + paragraph(reference("0")), **existing((highest, "例示　花子"))))
    own = {"1", "2", "3", "4", "5", "6", "7", "8"}
    assert own < set(
        re.findall(r'commentReference w:id="([0-9]+)"', read_members(after)["word/document.xml"].decode())
    )


def test_a_second_return_takes_the_place_of_the_first() -> None:
    twice = returned(returned(form(), summary="７か所"), marks(2), summary="２か所")
    assert twice == returned(form(), marks(2), summary="２か所")


def test_what_was_filled_in_between_stays_at_a_second_return() -> None:
    first = read_members(returned(form()))
    first["word/document.xml"] = first["word/document.xml"].replace("値3".encode(), "直した値".encode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in first.items():
            archive.writestr(name, data)
    main = read_members(returned(out.getvalue(), marks(1)))["word/document.xml"].decode()
    assert OURS.sub("", main) == document(typical()).replace("値3", "直した値")
    assert main.count("commentReference") == 2


def test_a_comment_of_ours_that_was_answered_stays_with_its_answer() -> None:
    side = "".join(
        f'<w15:commentEx w15:paraId="0000000{n}"{parent}/>'
        for n, parent in ((0, ""), (1, ' w15:paraIdParent="00000000"'), (2, ""))
    )
    extra = existing(("0", AUTHOR), ("1", "見本　太郎"), ("2", AUTHOR))
    relation = (
        f'<Relationship Id="r2" Type="{W15}/commentsExtended" Target="commentsExtended.xml"/></Relationships>'
    )
    extra["word/_rels/document.xml.rels"] = extra["word/_rels/document.xml.rels"].replace(
        b"</Relationships>", relation.encode()
    )
    extra["word/commentsExtended.xml"] = f'<w15:commentsEx xmlns:w15="{W15}">{side}</w15:commentsEx>'.encode()
    content = typical() + paragraph(reference("0")) + paragraph(reference("1")) + paragraph(reference("2"))
    members = read_members(returned(form(content, **extra), []))
    assert re.findall(rb'<w:comment w:id="([0-9]+)"', members["word/comments7.xml"]) == [b"0", b"1", b"2"]
    assert members["word/comments7.xml"].count(b"paraId") == 2
    assert members["word/commentsExtended.xml"].count(b"<w15:commentEx ") == 2
    assert b"00000002" not in members["word/commentsExtended.xml"]


# --- Damage and strange words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 nothing",
        form()[:-30],
        package(document(typical()).encode()[:-9]),
        package(b"<!DOCTYPE w [<!ENTITY a 'b'>]>" + document(typical()).split("?>", 1)[1].encode()),
        package(document(typical()).replace("w:body", "w:bod").encode()),
        package(b"<html/>"),
        package(document(typical(), encoding="x-none").encode()),
        package(document(typical(), encoding="UTF-8").encode("cp932", "replace")),
        package(document(typical()).encode(), extra={"[Content_Types].xml": b"<Types"}),
        package(document(typical()).encode(), extra={"_rels/.rels": b"<Relationships/>"}),
        package(document("").replace("<w:body></w:body>", "<w:body/>").encode()),
    ],
)
def test_what_is_damaged_is_not_marked(data: bytes) -> None:
    with pytest.raises(CannotAnnotate):
        returned(data)


_BASE = document(typical()).encode()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_BASE) - 1), st.integers(1, 60), st.binary(max_size=6))
def test_any_damage_is_refused_or_survived(at: int, length: int, put: bytes) -> None:
    broken = _BASE[:at] + put + _BASE[at + length :]
    try:
        after = returned(package(broken))
    except CannotAnnotate:
        return
    assert OURS.sub("", read_members(after)["word/document.xml"].decode()).encode() == broken


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), min_size=1, max_size=40))
def test_any_words_can_stand_in_a_comment(text: str) -> None:
    after = returned(form(), [Mark("start", "f_4", text, text)], summary=text)
    clean = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    lines = [line for line in clean.splitlines() if line.strip()] or [""]
    assert comments_of(after) == {"0": lines, "1": lines}


# --- The forms of the house -----------------------------------------------------------------------------------------


def marks_of(boxes: Iterable[Box]) -> list[Mark]:
    return [Mark(box.tag, box.bookmark, box.label, "誤り") for box in boxes]


@pytest.mark.parametrize("form_name", sorted(shapes()))
def test_every_box_of_every_form_is_found_by_its_control(form_name: str) -> None:
    boxes = list(layout(form_name).boxes().values())
    places = anchored(returned(blank(form_name), marks_of(boxes)))
    for number, box in enumerate(boxes, start=1):
        assert tuple(re.findall(r'<w:tag w:val="([^"]+)"', places[str(number)])) == box.control_tags


@pytest.mark.parametrize("form_name", sorted(shapes()))
def test_every_box_without_controls_is_found_by_its_bookmark(form_name: str) -> None:
    boxes = list(layout(form_name).boxes().values())
    members = dict(read_members(blank(form_name)))
    unwrapped = re.sub(
        rb"<w:sdt>.*?<w:sdtContent>|</w:sdtContent></w:sdt>", b"", members["word/document.xml"]
    )
    places = anchored(returned(pack({**members, "word/document.xml": unwrapped}), marks_of(boxes)))
    for number, box in enumerate(boxes, start=1):
        assert re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', places[str(number)]) == [box.bookmark]


def reads_the_same(before: bytes) -> bool:
    after = returned(before, marks_of(list(layout(FORM).boxes().values())[::9]))
    old, new = read_word_form(before, shapes()), read_word_form(after, shapes())
    return (old.form, old.boxes, old.problems) == (new.form, new.boxes, new.problems)


@pytest.mark.parametrize("damage", list(damages())[::16], ids=lambda damage: damage.name)
def test_a_damaged_form_reads_the_same_with_comments_in_it(damage: Damage) -> None:
    draft = Draft(fill(blank(FORM), FILLED))
    damage.spoil(draft)
    assert reads_the_same(draft.save())


@pytest.mark.parametrize(("name", "packed"), list(repackings()))
def test_a_form_packed_otherwise_reads_the_same_with_comments_in_it(
    name: str, packed: Callable[[bytes], bytes]
) -> None:
    data = packed(fill(blank(FORM), FILLED))
    if name == "Flat OPC":  # no archive: the 返却票 alone must do
        with pytest.raises(CannotAnnotate):
            returned(data)
    else:
        assert reads_the_same(data)


# --- Real LibreOffice -----------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_lists_the_comments_at_their_boxes(tmp_path: Path) -> None:
    (tmp_path / "returned.docx").write_bytes(returned(_with_python_docx()))
    script = Path(__file__).with_name("uno_comments.py")
    ran = subprocess.run(
        ["/usr/bin/python3", str(script), str(tmp_path / "returned.docx"), str(tmp_path / "profile")],
        capture_output=True,
        timeout=90,
        check=True,
    )
    listed: list[dict[str, Any]] = json.loads(ran.stdout)
    assert [(item["author"], item["initials"], item["date"]) for item in listed] == [
        (AUTHOR, INITIALS, "2023-06-01T09:05:07")
    ] * 8
    assert {item["text"]: item["anchor"] for item in listed} == {
        "７か所": "派遣申請書",
        **{f"欄{n}が違います。\n決まり{n}。\n直すこと{n}。": f"値{n}" for n in range(7)},
    }


def _with_python_docx() -> bytes:
    """A whole Word file (styles, settings, theme) with the controls in a table."""
    made = docx.Document()
    made.add_paragraph("派遣申請書", style="Title")
    table = made.add_table(rows=len(TAGS), cols=2)
    for n, tag in enumerate(TAGS):
        table.cell(n, 0).text = f"欄{n}"
        inner = parse(f'<w:p xmlns:w="{COMMON}">{control(tag, f"値{n}")}</w:p>'.encode())[0]
        table.cell(n, 1).paragraphs[0]._p.append(docx.oxml.parse_xml(serialize(inner)))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()

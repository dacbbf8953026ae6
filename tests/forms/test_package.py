"""The gate for Word forms: what passes, what does not, and that nothing costs long."""

from __future__ import annotations

import time

import pytest

from pipeline.forms.package import open_package
from pipeline.forms.refusals import BOX_NOTES, BOX_PROBLEMS, REFUSALS, refusal
from pipeline.ooxml import PackageError, pack, read_members
from tests.forms.damage import add_relation, broken_files, doctype, flat, with_draft, with_members
from tests.forms.word_filling import MAIN, blank

FORM = "dispatch_application"


def code_of(data: bytes) -> str:
    with pytest.raises(PackageError) as caught:
        open_package(data)
    return caught.value.code


def test_a_form_passes_with_its_flows_and_marks() -> None:
    package = open_package(blank(FORM))
    assert [story.kind for story in package.stories] == ["body", "footer"]
    assert package.properties == {"todoke.form": FORM, "todoke.version": "1"}
    assert package.identifier == f"todoke:{FORM}-v1"
    assert package.notes == ()


def test_a_flat_package_is_the_same() -> None:
    package = open_package(flat(blank(FORM)))
    assert [story.part for story in package.stories] == ["word/document.xml", "word/footer1.xml"]
    assert package.properties["todoke.form"] == FORM


@pytest.mark.parametrize("target", ["https://example.com", "HTTP://example.com", "mailto:a@example.com"])
def test_links_to_the_web_are_noted(target: str) -> None:
    data = with_draft(add_relation("hyperlink", target, 'TargetMode="External"'))(blank(FORM))
    assert open_package(data).notes == ("HYPERLINK",)


@pytest.mark.parametrize(
    "target", ["file:///x", "\\\\server\\x", "search-ms:x", "javascript:x", "x.docx", ""]
)
def test_other_links_are_refused(target: str) -> None:
    data = with_draft(add_relation("hyperlink", target, 'TargetMode="External"'))(blank(FORM))
    assert code_of(data) == "EXTERNAL"


@pytest.mark.parametrize(
    "part", ["word/styles.xml", "word/_rels/document.xml.rels", "docProps/core.xml", "docProps/custom.xml"]
)
def test_no_part_may_define_entities(part: str) -> None:
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    assert code_of(doctype(bomb, part)(blank(FORM))) == "XML_DTD"


@pytest.mark.parametrize(
    "target", ["/word/media/x.png", "media/x.png", "../media/x.png", "NULL", "#bookmark"]
)
def test_targets_inside_pass(target: str) -> None:
    open_package(with_draft(add_relation("image", target))(blank(FORM)))


@pytest.mark.parametrize(
    "target", ["../../x", "/../x", "file:///x", "//server/x", "..\\..\\x", "a/../../../x"]
)
def test_targets_outside_do_not(target: str) -> None:
    assert code_of(with_draft(add_relation("image", target))(blank(FORM))) == "OPC_TARGET"


def test_a_doctype_in_words_is_only_words() -> None:
    members = dict(read_members(blank(FORM)))
    members[MAIN] = members[MAIN].replace("はい".encode(), b"&lt;!DOCTYPE x&gt;")
    open_package(pack(members))


def test_a_declared_wide_encoding_must_be_true() -> None:
    assert (
        code_of(
            with_members(lambda m: m.__setitem__(MAIN, m[MAIN].replace(b"UTF-8", b"UTF-16", 1)))(blank(FORM))
        )
        == "XML"
    )


@pytest.mark.parametrize(
    "bomb",
    [
        b"<w:p/>" * 2_000_000,
        b"<w:p " + b"".join(b'w:a%d="1" ' % number for number in range(300_000)) + b"/>",
        b"<w:r><w:t>" + b"a" * 20_000_000 + b"</w:t></w:r>",
        b"<w:p>" * 100_000 + b"</w:p>" * 100_000,
    ],
    ids=["nodes", "attributes", "text", "depth"],
)
def test_bombs_are_refused_soon(bomb: bytes) -> None:
    data = with_members(lambda m: m.__setitem__(MAIN, m[MAIN].replace(b"<w:sectPr>", bomb + b"<w:sectPr>")))(
        blank(FORM)
    )
    began = time.process_time()
    assert code_of(data) in ("XML_NODES", "XML")
    assert time.process_time() - began < 3


def test_every_refusal_says_what_to_do() -> None:
    assert {row.code for row in broken_files()} - REFUSALS.keys() <= {
        "ZIP_TRAILER", "ZIP_PREFIX", "ZIP_CRC", "ZIP_OVERLAP", "ZIP_PATH", "ZIP_METHOD",
    }  # fmt: skip
    for sentence in (*REFUSALS.values(), *BOX_PROBLEMS.values(), refusal("ZIP_CRC").message):
        assert sentence.count("。") >= 2 and sentence.endswith("ください。"), sentence
    assert all(sentence.endswith("。") for sentence in BOX_NOTES.values())

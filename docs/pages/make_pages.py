"""Make the small pictures of every paper (`make pages`): one named example each, through the real workshop.

Each `<paper>.md` says 「ページ数：n（form/example）」; the first page of that example becomes `<paper>.png`, and another
number of pages ends the run with exit code 1. The 返却票 is what its bad example brings back, as Word and as HTML.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from pipeline.catalogue import load_catalogue
from pipeline.model import OutFile
from pipeline.ooxml import docx_text
from pipeline.papers.pdf import DocxJob, PdfPress, find_office
from pipeline.rehearse import Example, rehearse, rehearse_slip
from pipeline.stories import EXAMPLES
from pipeline.workshop import RETURN_SLIP, Workshop

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DRAW = ("pdftoppm", "-gray", "-l", "1", "-scale-to-x", "420", "-scale-to-y", "-1", "-")
PAGES = re.compile(r"^ページ数：(\d+)（([a-z_]+)/([a-z0-9_.]+)）$", re.MULTILINE)


def main() -> int:
    """Make every picture; return 1 if a paper has no description or another number of pages."""
    workshop, faults = Workshop(load_catalogue(ROOT)), []
    with tempfile.TemporaryDirectory() as temp, PdfPress(Path(temp), find_office()) as press:
        for paper in sorted(path.parent.name for path in ROOT.glob("doc_templates/papers/*/paper.toml")):
            page = HERE / f"{paper}.md"
            said = PAGES.search(page.read_text("utf-8")) if page.exists() else None
            if said is None:
                faults.append(f"{paper}：{page.name} に「ページ数：n（様式/例）」の行がありません。")
                continue
            docx = make_paper(workshop, paper, said[2], said[3])
            pressed = press.press([DocxJob(docx.title, docx.data, docx_text(docx.data))])[0]
            drawn = subprocess.run(DRAW, input=pressed.data, capture_output=True, check=True).stdout
            page.with_suffix(".png").write_bytes(small_png(drawn))
            if pressed.pages != int(said[1]):
                faults.append(f"{paper}：{said[1]}ページのはずが{pressed.pages}ページです。")
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def make_paper(workshop: Workshop, paper: str, form: str, example: str) -> OutFile:
    """Return one paper of an example as its reader gets it: the first one, before any 控."""
    source = ROOT / "doc_templates" / form / EXAMPLES / f"{example}.json"
    made = rehearse(workshop, Example(form, source))
    files = made.files
    if paper == RETURN_SLIP:
        files = rehearse_slip(workshop, workshop.catalogue.forms[form].title, made.problems)
        (HERE / f"{paper}.html").write_bytes(next(f.data for f in files if f.path.endswith(".html")))
    return next(f for f in files if f.template.startswith(f"{paper}/") and f.path.endswith(".docx"))


def small_png(pgm: bytes) -> bytes:
    """Return a grey picture (PGM) as PNG in sixteen greys: a quarter of the size."""
    saved = io.BytesIO()
    Image.open(io.BytesIO(pgm)).quantize(16).save(saved, "PNG", optimize=True)
    return saved.getvalue()


if __name__ == "__main__":
    sys.exit(main())

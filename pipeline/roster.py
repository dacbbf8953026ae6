"""A list of addressees as an office keeps it, Excel or CSV, read as rows of text. The only importer of openpyxl.

Which characters the bytes of a CSV mean is said by whoever hands it in, never guessed (Excel saves both kinds).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from pipeline.ooxml import PackageError, read_archive

ENCODINGS: Final = {"utf-8": "utf-8-sig", "cp932": "cp932"}
MOST_BYTES: Final = 16 * 2**20
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 60
_BROKEN: Final = (
    InvalidFileException, PackageError, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError,
)  # fmt: skip

Row = tuple[int, tuple[str, ...]]  # its number as Excel counts, its cells


class UnreadableRoster(Exception):
    """The file is no list this room can read; the text says what to do."""


def read_roster(data: bytes, suffix: str, encoding: str | None) -> tuple[Row, ...]:
    """Return the rows of the first sheet that hold anything. Raises UnreadableRoster.

    `suffix` is `xlsx` or `csv`; `encoding` (`utf-8` or `cp932`) belongs to a CSV and to nothing else.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableRoster("名簿が大きすぎます（16MBまで）。要らない列や行を除いてください。")
    if (suffix == "csv") != (encoding is not None):
        raise UnreadableRoster(
            "CSVのときは --encoding utf-8 か --encoding cp932 を必ず付け、Excel（xlsx）のときは付けないでください。"
        )
    if suffix not in ("xlsx", "csv"):
        raise UnreadableRoster("名簿は Excel（xlsx）か CSV で用意してください。")
    rows = _csv_rows(data, str(encoding)) if encoding else _sheet_rows(data)
    kept = tuple((number, cells) for number, cells in rows if any(cells))
    if len(kept) > MOST_ROWS or any(len(cells) > MOST_COLUMNS for _, cells in kept):
        raise UnreadableRoster(
            f"名簿が大きすぎます（{MOST_ROWS:,}行・{MOST_COLUMNS}列まで）。分けて作ってください。"
        )
    return kept


def _csv_rows(data: bytes, encoding: str) -> Iterator[Row]:
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError:
        raise UnreadableRoster(
            f"このCSVは {encoding} では読めません。保存したときの文字コードを確かめ、--encoding を直してください。"
        ) from None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise UnreadableRoster("CSVの形が崩れています。引用符が閉じているか確かめてください。") from None
    return ((number, _trimmed(cells)) for number, cells in enumerate(lines, start=1))


def _sheet_rows(data: bytes) -> Iterator[Row]:
    try:
        read_archive(data)  # sizes, paths and overlaps are refused before anything is inflated
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = [tuple(map(_text, cells)) for cells in book.worksheets[0].iter_rows(values_only=True)]
    except _BROKEN:
        raise UnreadableRoster(
            "Excelのファイルとして読めません。Excelで開いて xlsx で保存し直してください。"
        ) from None
    return ((number, _trimmed(cells)) for number, cells in enumerate(rows, start=1))


def _text(value: Any) -> str:
    """A cell as a person reads it: 12, not 12.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Cells without the white space around them; no character inside is touched."""
    whole = [cell.strip() for cell in cells]
    while whole and not whole[-1]:
        whole.pop()
    return tuple(whole)

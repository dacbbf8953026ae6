"""Every sentence Todoke itself says to a person: what (the title of the box), the rule, what to do.

None of them quotes a submitted value. The sentences of a rule of law stand beside the rule in `rules/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.model import Level, Outcome, Problem

OUTCOMES: Mapping[str, str] = {
    Outcome.DELIVERED: "交付",
    Outcome.RETURNED: "返却",
    Outcome.HELD: "保留",
    Outcome.DUPLICATE: "重複",
}

WHOLE_FORM = "様式全体"

AUDIENCES: Mapping[str, str] = {
    "applicant": "申請者",
    "contractor": "受託事業者",
    "centre": "地区保健福祉センター",
    "division": "こども家庭課",
    "members": "会議構成員",
    "agency": "関係機関",
    "school": "学校",
    "prefecture": "県",
    "outside": "外部",
    "public": "公表",
}

_KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "はい（true）・いいえ（false）",
    "array": "一覧",
    "object": "項目名と値の組",
    "null": "空欄",
}

_READING: Mapping[str, str] = {
    "EMPTY": "ファイルが空です。記入した様式を保存し直して、もう一度入れてください。",
    "TRUNCATED": "ファイルが途中で切れています。コピーが終わったことを確かめて、もう一度入れてください。",
    "SIZE": "ファイルが大きすぎます（10MBまで）。様式だけを入れ、添付資料は別に送ってください。",
    "ENCODING": "文字コードがUTF-8ではありません。メモ帳などで開き、文字コード「UTF-8」で保存し直してください。",
    "TYPE": "この種類のファイルは受け付けていません。様式のファイル（.docx・.json）を入れてください。",
    "JSON": "様式ファイルの書き方（JSON）に誤りがあります。様式を作成したソフトで保存し直してください。",
    "JSON_TRAILING": "様式ファイルに二つ以上の様式が続けて入っています。１ファイルに１様式だけを入れてください。",
    "JSON_DUPLICATE_KEY": "同じ項目が二度書かれています。どちらか一つだけを残してください。",
    "JSON_NUMBER": "扱えない数（NaN、無限大、けた数の多すぎる数など）が書かれています。正しい数に直してください。",
    "JSON_DEPTH": "様式ファイルの入れ子が深すぎます。決められた様式を使ってください。",
    "LIMIT": "様式ファイルの項目が多すぎるか、一つの項目が長すぎます。決められた様式を使ってください。",
    "NOT_A_FORM": "様式の形（項目名と値の組）になっていません。決められた様式を使ってください。",
    "FORM_MISSING": "どの様式かを示す項目「form」がありません。様式の名前を書いてください。",
    "FORM_UNKNOWN": "この名前の様式はありません。様式の名前を確かめてください。",
    "FORM_VERSION": "様式の版が今の版と違います。新しい様式に書き写して、もう一度入れてください。",
    "CASE_MISSING": "ケース番号が必要な様式です。ケース番号を書いてください。",
    "CASE_UNUSED": "この様式はケースに結び付きません。ケース番号を消してください。",
    "DATE_BEFORE_FORMS": "この日付には、使える書類のひな形がまだありません。日付が正しいか確かめてください。",
    "CASE_UNKNOWN": "このケース番号は登録されていません。番号を確かめるか、先に申請書を受け付けてください。",
    "CASE_FORMAT": "ケース番号・提出番号は、決められた形（例：YC-23-1-001）の半角の英数字とハイフンで書いてください。",
    "CORRECTS_FORMAT": "訂正・取下げをする受付の番号は、受領書にある形（例：20240226-0001）の半角の数字とハイフンで書いてください。",
    "CORRECTS_UNKNOWN": "この番号の、交付済みで今も有効な同じ様式・同じケースの組がありません。受領書の番号とケース番号を確かめてください。",
    "CORRECTS_PUBLISHED": "発行した版は、訂正も取下げもできません。今の版を改訂する形に書き直して、次の改訂として出してください。",
    "CORRECTED_EARLIER": "前の手続が訂正又は取下げになりました。次の組を見直し、必要なら訂正してください：",
    "CORRECTION_REASON": "訂正には理由が必要です。どこを、なぜ直すのかを200字以内で書いてください。",
    "CORRECTION_BOTH": "訂正と取下げの両方が書かれています。どちらか一つだけにしてください。",
    "CORRECTION_UNUSED": "訂正の理由がありますが、どれを訂正するのかが書かれていません。受付の番号を書くか、理由を消してください。",
    "DRAFT": (
        "下書きのファイルです。提出用ではありません。様式（HTML）を開き、「その他」の「ファイルから読み込む」で"
        "このファイルを選び、残りを記入して「保存」を押してください。できたファイルを入れてください。"
    ),
    "CRLF": "改行の記号を統一しました（内容は変わっていません）。",
}  # fmt: skip

_TEXT: Mapping[str, str] = {
    "MY_NUMBER": "個人番号（マイナンバー）らしい12桁の数字があります。この事務では個人番号を扱えません。消してください。",
    "TEXT_NEWLINE": "１行で書く項目に改行が入っています。改行を取って書き直してください。",
    "TEXT_SURROGATE": "壊れた文字が入っています。文字を入力し直してください。",
    "TEXT_CONTROL": "目に見えない制御文字が入っています。文字を入力し直してください。",
    "TEXT_NONCHARACTER": "文字ではない符号が入っています。文字を入力し直してください。",
    "TEXT_BIDI": "文字の向きを変える見えない記号が入っています。文字を入力し直してください。",
    "TEXT_INVISIBLE": "目に見えない文字が入っています。文字を入力し直してください。",
    "TEXT_MOJIBAKE": "文字化けした文字（�）が入っています。正しい文字に直してください。",
    "TEXT_PRIVATE": "外字（このパソコンだけの文字）が入っています。ほかの機関では表示できません。標準の文字に直してください。",
    "TEXT_UNASSIGNED": "文字として登録されていない符号が入っています。文字を入力し直してください。",
    "TEXT_COMBINING": "一つの文字に記号が重なりすぎています。文字を入力し直してください。",
}  # fmt: skip


def reading_problem(code: str, pointer: str = "", title: str = WHOLE_FORM, found: str = "") -> Problem:
    """Return the problem of a file that cannot be read or identified."""
    return Problem(code, pointer, title, _READING[code], found=found)


# --- Versions of forms ---------------------------------------------------------------------------------------------

CHANGES: Mapping[str, str] = {  # for the list of all changes
    "ADDED": "「{title}」が加わりました。",
    "DROPPED": "「{title}」がなくなりました。",
    "RENAMED": "「{before}」が「{title}」になりました。",
    "REQUIRED": "「{title}」が必須になりました。",
    "CHOICES": "「{title}」の選択肢が変わりました。",
    "KIND": "「{title}」の書き方が変わりました。",
}
CHANGED_BOX: Mapping[str, str] = {  # beside a problem with the box
    "ADDED": "この項目は{version}で加わりました。",
    "REQUIRED": "この項目は{version}から必須です。",
    "CHOICES": "この項目の選択肢は{version}で変わりました。",
    "KIND": "この項目の書き方は{version}で変わりました。",
}
_MOST_CHANGES = 12
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_RETIRED = "{old}の様式です。いまは{new}です。{old}は受け付けていません。新しい様式に書き写して、もう一度入れてください。"
_EARLIER = "{old}の様式です。いまの{new}として読みました。次からは新しい様式を使ってください。"
_DROPPED_BOX = "この項目は{version}でなくなりました。記入は書類に載りません。必要なことは、ほかの項目に記入してください。"


def version_name(number: int) -> str:
    """Return 第２版, 第10版: one digit full width, more half (公用文)."""
    digits = str(number)
    return f"第{digits.translate(_FULL_WIDTH) if len(digits) == 1 else digits}版"


def version_problem(version: int, present: int, accepted: bool, changes: Sequence[str]) -> Problem:
    """Return what is said of a form of an earlier version, with what has changed since."""
    said = _EARLIER if accepted else _RETIRED
    shown = "".join(changes[:_MOST_CHANGES])
    more = f"ほかに{len(changes) - _MOST_CHANGES}か所あります。" if len(changes) > _MOST_CHANGES else ""
    told = f"変わったところ：{shown}{more}" if changes else ""
    message = said.format(old=version_name(version), new=version_name(present)) + told
    code, level = ("FORM_EARLIER", Level.WARNING) if accepted else ("FORM_RETIRED", Level.ERROR)
    return Problem(code, "/form_version", "様式の版", message, level)


def dropped_box(pointer: str, title: str, version: int) -> Problem:
    """Return what is said of a filled box that the form has no longer."""
    message = _DROPPED_BOX.format(version=version_name(version))
    return Problem("BOX_DROPPED", pointer, title, message, Level.WARNING)


def text_problem(code: str, pointer: str, title: str) -> Problem:
    """Return the problem of a box whose characters no paper may carry."""
    return Problem(code, pointer, title, _TEXT[code])


def schema_problem(
    keyword: str, limit: Any, schema: Mapping[str, Any], pointer: str, title: str, found: str = ""
) -> Problem:
    """Return the problem of a box that breaks its schema. `limit` is the schema's own value, never the sender's."""
    code, rule = _schema_sentence(keyword, limit, schema)
    hint = str(schema.get("x-hint", "")) if keyword != "additionalProperties" else ""
    return Problem(code, pointer, title or WHOLE_FORM, rule + hint, found=found)


def _schema_sentence(keyword: str, limit: Any, schema: Mapping[str, Any]) -> tuple[str, str]:
    match keyword:
        case "required":
            return "REQUIRED", "記入されていません。必ず記入する項目です。"
        case "type":
            return "TYPE_OF_VALUE", f"書き方が違います。{_kind(limit)}で記入してください。"
        case "maxProperties" | "maxLength" if limit == 0:
            return "NOT_FOR_THIS", "この場合は記入しない項目です。消してください。"
        case "maxLength":
            return "TOO_LONG", f"文字が多すぎます。{limit}字以内で記入してください。"
        case "minLength":
            return ("REQUIRED", "記入されていません。必ず記入する項目です。") if limit == 1 else (
                "TOO_SHORT", f"文字が足りません。{limit}字以上で記入してください。")  # fmt: skip
        case "enum":
            return (
                "CHOICE",
                f"選べるものの中にありません。次から選んでください：{'、'.join(map(str, limit))}。",
            )
        case "const":
            return "CHOICE", f"「{limit}」と記入する項目です。"
        case "pattern":
            return "PATTERN", "書き方が決まりと違います。決められた書き方に直してください。"
        case "format":
            return "FORMAT", _FORMATS.get(str(limit), "書き方が決まりと違います。")
        case "minimum" | "exclusiveMinimum":
            return "TOO_SMALL", f"数が小さすぎます。{limit}以上で記入してください。"
        case "maximum" | "exclusiveMaximum":
            return "TOO_LARGE", f"数が大きすぎます。{limit}以下で記入してください。"
        case "maxProperties" | "maxItems" if limit == 0:
            return "NOT_FOR_THIS", "この場合は記入しない項目です。消してください。"
        case "maxItems":
            return "TOO_MANY", f"数が多すぎます。{limit}件までにしてください。"
        case "minItems":
            return "TOO_FEW", f"数が足りません。{limit}件以上記入してください。"
        case "uniqueItems":
            return "REPEATED", "同じものが二度書かれています。一つにしてください。"
        case "additionalProperties":
            return (
                "UNKNOWN_FIELD",
                "この様式にない項目が書かれています。項目の名前を確かめるか、消してください。",
            )
        case _:
            return (
                "CONDITION",
                "ほかの項目の記入と合っていません。関係する項目を確かめ、どちらかを直してください。",
            )


_FORMATS = {
    "date": "日付として正しくありません。実際にある日を「2023-06-01」の形で記入してください。",
    "time": "時刻として正しくありません。「13:30」の形で記入してください。",
    "month": "月として正しくありません。年と月を「2023-06」の形で記入してください。",
}


def _kind(limit: Any) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return "又は".join(_KINDS.get(str(kind), str(kind)) for kind in kinds)


# --- What the command line says -----------------------------------------------------------------------------------

BUG = "todoke の誤りで止まりました。受け付けたものは失われていません。管理者へこの行を知らせてください。"
PDF_NOT_ASKED = "PDFは作らない設定です（todoke.toml の [pdf] mode）。"
PREFILLED_CARE = (
    "個人の情報が記入されています。作った人だけが開けるようにしてあります（.todoke/forms か --out のフォルダ）。"
    "ほかの人に渡すときは宛先を確かめ、使い終わったら消してください。"
)
ANOTHER_RUNS = "別の todoke が同じ作業場所で動いています。終わってからもう一度実行してください。"
NO_SENTINEL = (
    "受付フォルダの目印（.todoke-inbox）が見つかりません。共有フォルダがつながっていないおそれがあります。"
    "つながっていることを確かめるか、新しい作業場所なら todoke init を実行してください。"
)
NESTED = "受付・送付・作業用のフォルダが互いに重なっています。todoke.toml の [folders] を別々の場所に直してください。"
TOO_OPEN = "作業用フォルダ .todoke がほかの人にも読める設定です。chmod 700 で持ち主だけにしてください。"
TWO_DISKS = "送付フォルダと作業用フォルダ .todoke が別の記憶装置にあります。同じ装置の上に置いてください。"
NO_SPACE = "記憶装置の空きが足りません。不要なファイルを片づけてから、もう一度実行してください。"
PLACE_FAILED = "フォルダの読み書きに失敗しました。共有フォルダの接続、空き容量、権限を確かめてください。受け付けたものは失われていません。"
JOURNAL_BROKEN = (
    "台帳（.todoke/journal.db）を開けません。todoke rebuild で受付済みの原本から作り直してください。"
)
JOURNAL_BEHIND = (
    "台帳（.todoke/journal.db）の知らない原本が保管されています。台帳が古い控えに戻っているおそれがあります。"
    "todoke rebuild で、受領書と原本から作り直してください。"
)
UNREADABLE_RECEIPTS = "送付フォルダに、受領書のない組があります。台帳を作り直す前に、控えから戻すか、送付フォルダの外へ移してください："
KEYS_EXPOSED = (
    "綴じ込みの鍵のファイルを、ほかの人が読めます。受付・送付フォルダの外に置き、chmod 600 にしてください。"
)
KEYS_UNREADABLE = '綴じ込みの鍵のファイルを読めません。"読み手" = "鍵" の形で書いてください。'
KEYS_TOO_SHORT = "綴じ込みの鍵が短すぎます。20字以上にしてください。"
KEY_MISSING = (
    '「{title}」を封じる鍵がありません。鍵のファイルに "{reader}" = "20字以上の鍵" を書き、todoke retry でやり直してください'
    "（封じないときは todoke.toml の packet.encrypt を off にします）。"
)
VALUES_LOST = "受け付けた値の控え（.todoke/spool の .values.json）が、なくなっているか壊れています。控えから戻してください："
CONFLICT = "送付フォルダに、同じ番号で中身の違う組があります。触らずに管理者へ知らせてください。"
ORIGINAL_LOST = "受け付けた原本が、なくなっているか書き換えられています。控えから .todoke/spool に戻し、todoke retry でやり直してください。"
THREE_CRASHES = (
    "この様式の処理が３回続けて異常終了しました。管理者へ知らせてください。原本は保管されています。"
)

REFUSED_OBJECTS: Mapping[str, str] = {
    "DIRECTORY": "フォルダは受け付けません。中の様式を受付フォルダへ直接入れてください。",
    "SYMLINK": "ショートカット（リンク）は受け付けません。様式そのものを入れてください。",
    "SPECIAL": "ファイルではないものがあります。取り除いてください。",
    "HARDLINK": "ほかの場所と共有されたファイルです。コピーを入れてください。",
    "NO_SUFFIX": "種類を示す拡張子のないファイルです。様式のファイルか確かめてください。",
    "UNREADABLE": "読む権限のないファイルです。権限を直すか、入れ直してください。",
    "CLAIM_FAILED": "受付フォルダから動かせないファイルです。開いたままになっていないか、権限を確かめてください。",
}

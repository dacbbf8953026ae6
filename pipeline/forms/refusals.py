"""What is said to the sender of a Word form that cannot be read, or not wholly: what, the rule, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.model import Level, Problem
from pipeline.wording import WHOLE_FORM

_SAVE_AGAIN: Final = (
    "Word（又はLibreOffice 7.5以降）で開き、「Word文書（.docx）」として保存し直してください。"
)
_NEW_FORM: Final = "配られた様式を開き直し、記入し直してください。"

REFUSALS: Final[Mapping[str, str]] = {
    "EMPTY": "ファイルが空です。記入した様式を保存し直して、もう一度入れてください。",
    "TRUNCATED": "ファイルが途中で切れています。コピーが終わったことを確かめて、もう一度入れてください。",
    "TYPE": "Word文書ではありません。配られたWord様式（.docx）に記入して入れてください。",
    "NOT_WORD": f"Officeのファイルですが、Word文書ではありません。{_NEW_FORM}",
    "ENCRYPTED": "パスワードで保護されています。パスワードを外して保存し直し、もう一度入れてください。",
    "LEGACY": f"古いWordの形式（.doc）です。{_SAVE_AGAIN}",
    "RTF": f"リッチテキスト（.rtf）です。{_SAVE_AGAIN}",
    "ODT": f"OpenDocument（.odt）です。{_SAVE_AGAIN}",
    "PDF": "PDFは読み取れません。記入したWord様式（.docx）そのものを入れてください。",
    "HTML": "ウェブページの形式です。記入したWord様式（.docx）そのものを入れてください。",
    "WORD2003": f"Word 2003のXML形式です。{_SAVE_AGAIN}",
    "MACRO": f"マクロが入っています。安全のため開けません。マクロのない{_SAVE_AGAIN}",
    "EXTERNAL": f"ほかの場所にあるファイルを呼び出す設定が入っています。安全のため開けません。{_NEW_FORM}",
    "EMBEDDED": "ほかのファイルや部品が埋め込まれています。安全のため開けません。取り除いて保存し直してください。",
    "ALTCHUNK": "ほかの文書が差し込まれています。差し込みを取り除き、文字として記入し直してください。",
    "FIELD": f"ほかのファイルや機能を呼び出すフィールドが入っています。安全のため開けません。{_NEW_FORM}",
    "OPC": f"Word文書として必要な部分が欠けています。{_SAVE_AGAIN}",
    "OPC_TARGET": f"文書の外を指す部品が入っています。安全のため開けません。{_NEW_FORM}",
    "XML": f"文書の中身が壊れているか、入れ子が深すぎます。{_SAVE_AGAIN}",
    "XML_DTD": f"文書の中に使えない定義（DTD）が入っています。安全のため開けません。{_SAVE_AGAIN}",
    "XML_ENCODING": f"文書の文字コードが読み取れない種類です。{_SAVE_AGAIN}",
    "XML_NODES": f"文書の部品が多すぎます。{_NEW_FORM}",
    "XML_DEPTH": f"文書の入れ子が深すぎます。{_NEW_FORM}",
    "OLD_LIBREOFFICE": (
        "古いLibreOffice（7.4以前）で保存されています。この版は記入した文字を二重にすることがあります。"
        "配られた様式を Word か LibreOffice 7.5以降 で開いて記入し直し、保存してください。"
    ),
    "FORM_MISSING": f"様式ID（様式の番号）が見つかりません。どの様式か分かりません。{_NEW_FORM}",
    "FORM_UNKNOWN": "この様式IDの様式はありません。新しい様式を受け取り、書き写してください。",
    "FORM_MIXED": "文書の中に、種類の違う様式IDがあります。１ファイルに１様式だけを入れてください。",
}  # fmt: skip

# Every way an archive is not what it says (reliability §4.4) has the same cause for its sender.
_ARCHIVE: Final = f"ファイルの作り（ZIP）に誤りがあるか、壊れています。{_SAVE_AGAIN}"

BOX_PROBLEMS: Final[Mapping[str, str]] = {
    "BOX_MISSING": f"この欄が見つかりません。行や欄が消されています。{_NEW_FORM}",
    "BOX_MOVED": "欄がほかの場所に移されています。どこの記入か決められません。元の欄に記入し直してください。",
    "BOX_TWICE": "同じ欄が二つあり、内容が違います。一つの様式に一つだけ記入してください。",
    "MARK_UNREADABLE": "印（☑・☐）が読み取れません。項目の前の□を押して、☒か☐にしてください。",
    "TEXT_BESIDE_MARKS": "印の欄に、印のほかの文字や印が書き加えられています。□を押して選び、書き加えた文字は消してください。",
    "PROMPT_LEFT": "「ここに入力」などの案内の文字が、記入した文字と一緒に残っています。案内の文字を消してください。",
    "PICTURE": "画像や図形が入っています。読み取れません。内容は文字で記入し、画像や図形は消してください。",
    "EQUATION": "数式が入っています。読み取れません。ふつうの文字で記入してください。",
    "FAINT_TEXT": "白い文字か、ごく小さい文字が入っています。紙には見えません。消すか、ふつうの色と大きさにしてください。",
    "BOX_BOUND": f"この欄は文書の中の別のデータと結び付けられています。見える文字と違う内容になることがあります。{_NEW_FORM}",
    "UNMAPPED_TEXT": "様式の欄の外に文字が書かれているか、印刷された文字や行が変えられています。欄の中に記入し、元の文字に戻してください。",
}  # fmt: skip

BOX_NOTES: Final[Mapping[str, str]] = {
    "TRACKED": "変更履歴が残っています。すべて承諾したものとして読みました。",
    "HIDDEN": "隠し文字があります。読んでいません。",
    "EQ_FIELD": "囲い文字・古いルビがあります。元の文字を読みました。",
    "NUMBERED": "自動の段落番号・箇条書きがあります。番号や記号は読んでいません。",
    "CONTROL_LOST": "入力欄の枠がなくなっていました。欄に見える文字を読みました。",
    "OUTSIDE": "入力欄の枠の外に書かれた文字を、この欄の記入として読みました。",
    "BESIDE": "入力欄の枠の中と外の文字を、続けて読みました。",
    "MARK_MISMATCH": "印の見た目と内部の値が違います。見た目のとおりに読みました。",
    "DATE_MISMATCH": "欄の文字と、カレンダーで選んだ日付が違います。欄に見える文字のとおりに読みました。",
    "HYPERLINK": "リンクがあります。文字だけを読みました。",
    "TEMPLATE_TYPE": "テンプレート（.dotx）として保存されています。文書として読みました。",
    "SIGNED": "電子署名があります。署名は確かめていません。",
    "COMMENTS": "コメントがあります。コメントの文は読んでいません。",
    "TEXT_MISSING": "様式に印刷されている文字の一部が消えています。",
    "FORM_ID_BY_TEXT": "様式の情報が失われていたため、印刷された様式IDで見分けました。",
}


def refusal(code: str) -> Problem:
    """Return why a file is not read at all."""
    return Problem(code, "", WHOLE_FORM, REFUSALS.get(code, _ARCHIVE))


def box_problem(code: str, pointer: str, title: str, found: str = "") -> Problem:
    """Return what is wrong with one box or place."""
    return Problem(code, pointer, title, BOX_PROBLEMS[code], found=found)


def box_note(code: str, pointer: str = "", title: str = WHOLE_FORM) -> Problem:
    """Return what the sender should know of how a box or the file was read."""
    return Problem(code, pointer, title, BOX_NOTES[code], Level.WARNING)

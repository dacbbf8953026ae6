"""The small language inside `{{ }}` and `{% %}`: what may be written, and how a value becomes text of a Word file.

Everything is refused that is not listed, so nothing a template says can call, import or count without end
(reliability.md §4.6, T01–T09): there are no calls, no globals, no attributes but the keys of a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from pipeline.errors import OfficeFault
from pipeline.papers.filters import FILTERS
from pipeline.papers.pictures import CHART, show_chart
from pipeline.papers.ruby import KANA, RUBY, show_kana, show_ruby

BORROWED_FILTERS: Final = ("join", "length", "first", "last")
BORROWED_TESTS: Final = ("none", "true", "false", "odd", "even", "divisibleby", "in")
# Not `default`, `defined`: an absent value is None, a name that is not there is a mistake and must be seen as one.
# Not `safe`, `attr`, `map`, `format`: ways round the escaping and the sandbox (CVE-2024-56326, CVE-2025-27516).

LINE_BREAK: Final = '</w:t><w:br/><w:t xml:space="preserve">'
TAB: Final = '</w:t><w:tab/><w:t xml:space="preserve">'

_ILLEGAL: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_SPECIAL: Final = re.compile(f"[\t\n{_ILLEGAL}]").search
_UNPRINTABLE: Final = re.compile(f"[{_ILLEGAL}]").search


class UnprintableValue(OfficeFault):
    """A value holds a character that no Word file can hold; never left out silently (reliability.md 0.1).

    A sender's own were refused long before (`textcheck`), so it is the office's data that holds it.
    """

    def __init__(self) -> None:
        super().__init__(
            "UNPRINTABLE",
            "書類に書けない文字（制御文字など）が、役所側のデータに含まれています。office/ の記載を確かめてください。",
        )


def printable(value: object) -> str:
    """Return a value as text of a `w:t`: line breaks and tabs as Word writes them, None as nothing.

    Jinja escapes what comes out of here, except the Markup that carries breaks, which is escaped already. Raises
    UnprintableValue; TypeError for what has no printed form (a list, a group, true or false).
    """
    if isinstance(value, str):
        return value if _SPECIAL(value) is None else _with_breaks(value)
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Undefined):
        return str(value)  # raises: the name is not there
    raise TypeError("has no printed form")


def _with_breaks(text: str) -> Markup:
    if _UNPRINTABLE(text) is not None:
        raise UnprintableValue
    return Markup(str(escape(text)).replace("\n", LINE_BREAK).replace("\t", TAB))


class PaperEnvironment(SandboxedEnvironment):
    """Jinja where a dot reads a key of a form and nothing else (`meeting.items` is the key, not the method)."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a key of a mapping; a member of an absent group is absent; `loop` keeps its own members."""
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        if obj is None:
            return None
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext):
            return super().getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a key of a mapping, or an item of a list by its number."""
        if isinstance(argument, int) and isinstance(obj, list | tuple):
            return obj[argument] if -len(obj) <= argument < len(obj) else None
        return self.getattr(obj, str(argument))


def make_environment() -> PaperEnvironment:
    """Return the environment all papers share: sandbox, escaping, strictness; no loader, no globals."""
    environment = PaperEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        loader=None,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    filters = {name: environment.filters[name] for name in BORROWED_FILTERS}
    tests = {name: environment.tests[name] for name in BORROWED_TESTS}
    environment.filters = {**filters, **FILTERS, CHART: show_chart, RUBY: show_ruby, KANA: show_kana}
    environment.tests = tests
    return environment


ENVIRONMENT: Final = make_environment()

# --- What may be written ------------------------------------------------------------------------------------------

_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign),
    *(nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.List, nodes.Tuple),
    *(nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.Concat),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Neg),
)
_STATEMENT: Final = re.compile(r"\{%\s*(?:(?:p|tr|r)\s+)?(\w*)\s*(.*?)\s*%\}", re.DOTALL)
_WRAPPED: Final = {
    "if": "{%% if %s %%}{%% endif %%}",
    "elif": "{%% if %s %%}{%% endif %%}",
    "for": "{%% for %s %%}{%% endfor %%}",
    "set": "{%% set %s %%}",
}
_BARE: Final = ("else", "endif", "endfor")
_NAMES: Final = {
    nodes.Call: "かっこ付きの呼び出し（名前(…)）",
    nodes.Mul: "掛け算",
    nodes.Pow: "べき乗",
    nodes.Mod: "％の計算",
    nodes.Div: "割り算",
    nodes.FloorDiv: "割り算",
    nodes.Slice: "範囲の切り出し（[a:b]）",
    nodes.Keyword: "名前付きの指定（名前=値）",
    nodes.Dict: "辞書（{…}）",
    nodes.AssignBlock: "範囲の set",
}


@lru_cache(maxsize=4096)
def check_tag(tag: str) -> tuple[str, ...]:
    """Return what is wrong with one tag by itself, in Japanese; asked once of all the tags that are alike."""
    return tuple(_faults_of(tag))


def _faults_of(tag: str) -> Iterator[str]:
    if tag.startswith("{#"):
        return
    source = tag if tag.startswith("{{") else _as_template(tag)
    if source is None:
        keyword = "{% " + _keyword(tag) + " %}"
        yield f"「{keyword}」は使えません。if・elif・else・endif・for・endfor・set だけで書いてください。"
        return
    try:
        tree = ENVIRONMENT.parse(source)
    except (TemplateSyntaxError, RecursionError):
        yield "書き方が読み取れません。かっこ・引用符・区切りを確かめてください。"
        return
    yield from dict.fromkeys(_check_nodes(tree))


def _keyword(tag: str) -> str:
    match = _STATEMENT.fullmatch(tag)
    return match[1] if match else ""


def _as_template(tag: str) -> str | None:
    match = _STATEMENT.fullmatch(tag)
    if match is None:
        return None
    keyword, rest = match.groups()
    if keyword in _BARE and not rest:
        return ""
    return _WRAPPED[keyword] % rest if keyword in _WRAPPED else None


def _check_nodes(tree: nodes.Node) -> Iterator[str]:
    for node in (tree, *tree.find_all(nodes.Node)):
        if not isinstance(node, _ALLOWED):
            yield f"{_NAMES.get(type(node), 'この書き方')}は使えません。値はそのまま書き、計算は規則に任せてください。"
        elif isinstance(node, nodes.Filter):
            yield from _check_filter(node)
        elif isinstance(node, nodes.Test) and node.name not in BORROWED_TESTS:
            yield f"「is {node.name}」は使えません。値がない項目は「{{% if 項目 %}}」で調べてください。"
        elif isinstance(node, nodes.For) and (node.recursive or not isinstance(node.target, nodes.Name)):
            yield "繰り返しは「for 名前 in 一覧」の形で書いてください。"
        elif isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
            yield "set は「set 名前 = 値」の形で書いてください。"
        elif _is_private(node):
            yield "下線で始まる名前は使えません。"


def _check_filter(node: nodes.Filter) -> Iterator[str]:
    if node.name not in ENVIRONMENT.filters:
        near = suggest(node.name, ENVIRONMENT.filters)
        yield f"「|{node.name}」という書き換えはありません。{near or '使える書き換えは説明書の一覧にあります。'}"
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield f"「|{node.name}」の指定は、一つずつ書いてください（* は使えません）。"


def _is_private(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Name):
        return node.name.startswith("_")
    if isinstance(node, nodes.Getattr):
        return node.attr.startswith("_")
    key = node.arg if isinstance(node, nodes.Getitem) else None
    return isinstance(key, nodes.Const) and str(key.value).startswith("_")


def suggest(name: str, known: Mapping[str, Any] | Iterator[str] | frozenset[str]) -> str:
    """Return 「もしかして：…」 with the nearest known name, or nothing."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"もしかして：{near[0]}" if near else ""

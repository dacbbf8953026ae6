"""The page is judged from both sides: its script against the Python validator, and as a person sees it in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import example as example_text_of
from hypothesis import strategies as st

from pipeline.fields import Field
from pipeline.forms.html_form import make_html_form
from pipeline.forms.html_frame import Envelope
from pipeline.forms.layout import FormShape
from pipeline.normalise.dates import read_date, read_month
from pipeline.normalise.numbers import read_integer
from pipeline.normalise.times import read_time
from pipeline.rules.wareki import month_name, to_wareki, to_wareki_weekday
from pipeline.textcheck import check_text
from pipeline.validate import FormSchema, make_form_schema, make_registry
from tests.forms.browser import CHROMIUM, Browser, open_browser
from tests.forms.pages import data_in
from tests.forms.web_filling import fill, save
from tests.intake import stretched
from tests.stepping import sample

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "pipeline" / "forms" / "html_form.js"
SCHEMAS = {
    schema["$id"]: schema
    for path in sorted((ROOT / "schemas").rglob("*.schema.json"))
    for schema in (json.loads(path.read_text("utf-8")),)
}
FORMS = [uri.removeprefix("todoke:").removesuffix(".schema.json") for uri in SCHEMAS if "common" not in uri]
ENVELOPE = ("form", "form_version", "case_id", "submission_id")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@lru_cache
def schema_of(form: str) -> FormSchema:
    return make_form_schema(SCHEMAS[f"todoke:{form}.schema.json"], make_registry(SCHEMAS))


def shape_of(form: str) -> FormShape:
    schema = SCHEMAS[f"todoke:{form}.schema.json"]
    return FormShape(form, schema["x-version"], schema["title"], schema_of(form).root)


def page_of(form: str, values: Any = None, envelope: Envelope | None = None) -> str:
    return make_html_form(shape_of(form), SCHEMAS, values, envelope).decode("utf-8")


def example(form: str, name: str) -> dict[str, Any]:
    path = ROOT / "doc_templates" / form / "examples" / f"{name}.json"
    return {key: value for key, value in json.loads(path.read_text("utf-8")).items() if key not in ENVELOPE}


# --- The script under node -----------------------------------------------------------------------------------------

HARNESS = """
const { makeForm } = require(process.argv[1]);
const forms = new Map();
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { form, data, call, args } = JSON.parse(line);
  if (data) forms.set(form, makeForm(data));
  const made = forms.get(form);
  const sets = (_, value) => (value instanceof Set ? [...value] : value === undefined ? null : value);
  console.log(JSON.stringify(call ? made[call](...args) : null, sets) ?? "null");
});
"""


class Script:
    """The page's own script, asked line by line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "-e", HARNESS, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def load(self, form: str, data: Any) -> None:
        self._ask({"form": form, "data": data})

    def call(self, form: str, name: str, *args: Any) -> Any:
        return self._ask({"form": form, "call": name, "args": args})

    def _ask(self, question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode("ascii") + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="module")
def script() -> Iterator[Script]:
    running = Script()
    for form in FORMS:
        running.load(form, data_in(page_of(form)))
    yield running
    running.close()


def _python_says(form: str, values: Any) -> set[tuple[str, str, str, str]]:
    schema = schema_of(form)
    problems = (*schema.check(values), *check_text(schema.root, values))
    return {(problem.pointer, problem.code, problem.title, problem.message) for problem in problems}


def _script_says(script: Script, form: str, values: Any) -> set[tuple[str, str, str, str]]:
    problems = script.call(form, "check", values)
    return {
        (problem["pointer"], problem["code"], problem["title"], problem["message"]) for problem in problems
    }


WORDS = [
    "見本　太郎",
    "みほん　たろう",
    "𠮷田",
    "葛󠄀城",
    "髙﨑",
    "神",
    "0246-00-0001",
    "９７０－８６８６",
    "970-8686",
    "2023-06-05",
    "2023-02-29",
    "1867-12-31",
    "13:30",
    "24:00",
    "５い平福第12号",
    "5𠮷𠮷𠮷𠮷𠮷𠮷𠮷第1号",
    "平地区保健福祉センター",
    "承認",
    "不承認",
    "案",
    "その他",
    "a\u000ab",
    "",
    "　",
    "\u200b",
    "\ue000",
    "\ufffd",
    "\u202e",
    "\u001f",
    "\u0378",
    "1234-5678-9018",
    "か\u3099",
    "👨\u200d👩\u200d👧",
    "a\u200db",
    "\ufdd0",
    "\u2028",
    "\u3164",
    "\ud800",
    "</script><script>alert(1)</script>",
    "{{ 7*7 }}",
]


class Filler:
    """Values for a form, mostly right, sometimes at a limit or of quite another kind; equal for an equal seed.

    (Drawing whole forms from hypothesis' own strategies took a minute and a half; the seed is what it varies here.)
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def fill(self, field: Field) -> Any:
        if field.path and self._random.random() < 0.08:
            return self._random.choice([None, True, 0, 7, *WORDS, [], {}, {"x": 1}, ["その他"], [1, True]])
        match field.kind:
            case "object":
                keep = {
                    member.key: member.required or self._random.random() < 0.6 for member in field.members
                }
                return {
                    member.key: self.fill(member)
                    for member in field.members
                    if keep[member.key] and self._random.random() < 0.95
                }
            case "array":
                most = field.schema.get("maxItems", 3)
                count = self._random.choice(
                    [0, 1, 2, 2, 3, most if most < 9 else 2, most + 1 if most < 9 else 1]
                )
                return [self.fill(field.members[0]) for _ in range(count)]
            case "boolean":
                return self._random.random() < 0.5
            case "integer":
                low, high = field.schema.get("minimum", 0), field.schema.get("maximum", 9)
                return self._random.choice([low, high, low - 1, high + 1])
        return self._text(field.schema)

    def _text(self, schema: Any) -> str:
        if "enum" in schema:
            return str(self._random.choice(schema["enum"]))
        if "format" in schema:
            return self._random.choice(
                ["2023-06-05", "2024-02-29"] if schema["format"] == "date" else ["00:00", "23:59"]
            )
        limit = schema.get("maxLength", 9)
        return self._random.choice([*WORDS, "𠮷" * limit, "𠮷" * (limit + 1), "葛\U000e0100" * (limit // 2)])


@needs_node
@pytest.mark.parametrize("form", FORMS)
@settings(quick, max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_script_and_validator_find_the_same_problems(script: Script, form: str, seed: int) -> None:
    values = Filler(seed).fill(schema_of(form).root)
    assert _script_says(script, form, values) == _python_says(form, values)


@needs_node
@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("doc_templates/*/examples/*.json")), ids=lambda path: path.name
)
def test_script_and_validator_agree_on_every_example(script: Script, path: Path) -> None:
    form = path.parents[1].name
    values = example(form, path.stem)
    assert _script_says(script, form, values) == _python_says(form, values)


KEYWORDS = {
    "$id": "todoke:odd.schema.json", "title": "見本", "type": "object", "additionalProperties": False, "x-version": 1,
    "properties": {
        "a": {"title": "あ", "type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 5},
        "b": {"title": "い", "type": "array", "maxItems": 4, "minItems": 1, "uniqueItems": True,
              "contains": {"const": "x"}, "minContains": 1, "maxContains": 2,
              "items": {"title": "い", "type": "string", "maxLength": 2}},
        "c": {"title": "う", "type": "string", "minLength": 2, "maxLength": 3, "const": "うう"},
        "d": {"title": "え", "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
              "properties": {"e": {"title": "お", "type": "boolean"}, "f": {"title": "か", "type": "number", "minimum": 0.5}}},
    },
    "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    "if": {"properties": {"a": {"const": 2}}, "required": ["a"]},
    "then": {"required": ["c"]},
    "else": {"properties": {"c": {"maxLength": 0}}},
}  # fmt: skip
ODD = st.dictionaries(
    st.sampled_from("abcdz"),
    st.none() | st.booleans() | st.integers(0, 6) | st.sampled_from(["", "x", "うう", "ううう", "𠮷𠮷𠮷𠮷"])
    | st.lists(st.sampled_from(["x", "y", "xyz", 1, True, 0, False]), max_size=5)
    | st.dictionaries(st.sampled_from("efg"), st.booleans() | st.sampled_from([0, 0.25, 1.5])),
)  # fmt: skip


@pytest.fixture(scope="module")
def odd(script: Script) -> FormSchema:
    schema = make_form_schema(KEYWORDS, make_registry({KEYWORDS["$id"]: KEYWORDS}))
    page = make_html_form(FormShape("odd", 1, "見本", schema.root), {KEYWORDS["$id"]: KEYWORDS})
    script.load("odd", data_in(page.decode()))
    return schema


@needs_node
@settings(quick, max_examples=150)
@given(values=ODD)
def test_every_other_keyword_agrees_too(script: Script, odd: FormSchema, values: Any) -> None:
    expected = {(problem.pointer, problem.code, problem.found) for problem in odd.check(values)}
    problems = [p for p in script.call("odd", "check", values) if not p["code"].startswith("TEXT_")]
    assert {(problem["pointer"], problem["code"], problem["found"]) for problem in problems} == expected


def test_a_schema_that_could_not_be_checked_is_refused() -> None:
    odd = {**KEYWORDS, "propertyNames": {"maxLength": 1}}
    schema = make_form_schema(odd, make_registry({odd["$id"]: odd}))
    with pytest.raises(ValueError, match="propertyNames"):
        make_html_form(FormShape("odd", 1, "見本", schema.root), {odd["$id"]: odd})


# --- What is typed and what is sent --------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize(
    "path",
    sorted(p for p in ROOT.glob("doc_templates/*/examples/*.json") if ".bad" not in p.name),
    ids=lambda p: p.name,
)
def test_good_values_pass_through_the_boxes_unchanged(script: Script, path: Path) -> None:
    form = path.parents[1].name
    for values in (example(form, path.stem), stretched(form, example(form, path.stem))):
        judged = script.call(form, "judge", script.call(form, "toRaw", values))
        filled = {key: value for key, value in values.items() if value != []}
        assert judged["values"] == filled
        assert {problem["code"] for problem in judged["problems"]} <= {"REPEATED"}


@needs_node
@quick
@given(
    name=st.text(
        st.sampled_from("見本𠮷葛\U000e0100髙﨑神か\u3099Aａ①㈱～ 　"), min_size=1, max_size=20
    ).filter(str.strip),
    reason=st.text(st.sampled_from("困る\n 　𠮷①</script>&{{"), min_size=1, max_size=60).filter(str.strip),
    rows=st.integers(1, 8),
)
def test_names_and_free_text_stay_code_point_for_code_point(
    script: Script, name: str, reason: str, rows: int
) -> None:
    values = example("dispatch_application", "typical") | {"reason": reason}
    values["household"] = [{**values["household"][0], "name": name, "condition": name} for _ in range(rows)]
    judged = script.call(
        "dispatch_application", "judge", script.call("dispatch_application", "toRaw", values)
    )
    assert judged["values"] == values


SEPARATORS = st.sampled_from(
    [("年", "月", "日"), (".", ".", ""), ("/", "/", ""), ("-", "-", ""), ("．", "．", "")]
)
YEARS = [
    "令和5", "令和元", "R5", "Ｒ５", "平成31", "平成35", "H31", "昭和64", "S64", "大正15", "T1", "明治45", "明治0", "令和0", "㋿5",
    "5", "23", "2023", "西暦2023", "1867", "2101",
]  # fmt: skip


def example_text(text: str) -> Any:
    return example_text_of(text=text)


WIDE = str.maketrans("0123456789/", "０１２３４５６７８９／")


@st.composite
def written_dates(draw: st.DrawFn) -> str:
    year = draw(st.sampled_from(YEARS))
    month, day = draw(st.integers(0, 13)), draw(st.integers(0, 32))
    first, second, last = draw(SEPARATORS)
    tail = draw(st.sampled_from(["", "", "（木）", "(水)", "木曜日", "（木曜日）"]))
    text = f"{year}{first}{month}{second}{day}{last}{tail}"
    text = text.translate(WIDE) if draw(st.booleans()) else text
    return text.replace("年", "年　") if draw(st.booleans()) else text


@needs_node
@settings(quick, max_examples=150)
@given(text=written_dates())
def test_dates_are_read_as_the_word_reader_reads_them(script: Script, text: str) -> None:
    expected, found = read_date(text), script.call("meeting_minutes", "readDate", text)
    assert found == ({"value": expected.value} if expected.value else {"problem": expected.problem})


@needs_node
@pytest.mark.parametrize(
    "text",
    [
        "5/6/1",
        "6月上旬",
        "050601",
        "4月1日",
        "未定",
        "20230601",
        "令和 5 年６ 月 1日",
        "2024-02-30",
        "H31.5.1",
        "㍻元年１月８日",
    ],
)
def test_what_leaves_a_choice_is_refused_with_the_same_code(script: Script, text: str) -> None:
    expected, found = read_date(text), script.call("meeting_minutes", "readDate", text)
    assert (found.get("value"), found.get("problem")) == (expected.value, expected.problem)


@st.composite
def written_months(draw: st.DrawFn) -> str:
    year, month = draw(st.sampled_from(YEARS)), draw(st.integers(0, 13))
    first, last = draw(
        st.sampled_from([("年", "月"), ("年", "月分"), (".", ""), ("/", ""), ("-", "分"), ("年", "")])
    )
    text = f"{year}{first}{month}{last}"
    text = text.translate(WIDE) if draw(st.booleans()) else text
    return text.replace("年", "年　") if draw(st.booleans()) else text


@needs_node
@settings(quick, max_examples=150)
@given(text=written_months())
@example_text("６月")
@example_text("令和５年６月１日")
@example_text("2023-06-01")
@example_text("202306")
@example_text("先月")
@example_text("昭和64年２月")
@example_text("平成元年１月")
def test_months_are_read_as_the_word_reader_reads_them(script: Script, text: str) -> None:
    expected, found = read_month(text), script.call("meeting_minutes", "readMonth", text)
    assert found == ({"value": expected.value} if expected.value else {"problem": expected.problem})


@needs_node
@settings(quick, max_examples=200)
@given(
    half=st.sampled_from(["", "午前", "午後", "PM", "ａｍ"]), hour=st.integers(0, 25), minute=st.integers(0, 61),
    form=st.sampled_from(["{h}:{m:02}", "{h}：{m:02}", "{h}時{m}分", "{h}時", "{h}時半", "{h:02}:{m:02}", "正午", "夕方"]),
)  # fmt: skip
def test_times_are_read_as_the_word_reader_reads_them(
    script: Script, half: str, hour: int, minute: int, form: str
) -> None:
    text = half + form.format(h=hour, m=minute)
    expected, found = read_time(text), script.call("meeting_minutes", "readTime", text)
    assert found.get("value") == expected.value
    if expected.problem and form not in ("正午", "夕方"):
        assert found["problem"] == expected.problem


@needs_node
@pytest.mark.parametrize(
    "text", ["１２", "1,234", "12", "-3", "１.５", "約10", "ー3", "0", "１２３４５６７８９０１２３４５６"]
)
def test_numbers_are_never_read_otherwise_than_by_the_word_reader(script: Script, text: str) -> None:
    raw = script.call("dispatch_decision", "toRaw", example("dispatch_decision", "approved")) | {"fee": text}
    judged = script.call("dispatch_decision", "judge", raw)
    expected = read_integer(text)
    assert judged["values"]["fee"] == (text if expected.value is None else expected.value)
    misread = [problem["code"] for problem in judged["problems"] if problem["code"].startswith("NUMBER_")]
    assert bool(misread) == (expected.value is None)


@needs_node
@quick
@given(day=st.dates(date(1868, 1, 25), date(2100, 12, 31)))
def test_dates_are_shown_as_papers_print_them(script: Script, day: date) -> None:
    assert script.call("meeting_minutes", "showDate", day.isoformat()) == to_wareki(day)
    assert script.call("meeting_minutes", "showDay", day.isoformat()) == to_wareki_weekday(day)
    assert script.call("meeting_minutes", "readDate", to_wareki_weekday(day)) == {"value": day.isoformat()}
    name = month_name(day.replace(day=1))
    assert script.call("meeting_minutes", "showMonth", f"{day:%Y-%m}") == name
    assert script.call("meeting_minutes", "readMonth", name) == {"value": f"{day:%Y-%m}"}


@needs_node
def test_codes_are_brought_to_their_form_and_names_are_not(script: Script) -> None:
    raw = script.call("dispatch_application", "toRaw", example("dispatch_application", "typical"))
    raw["applicant"] |= {"phone": "０２４６（００）０００１", "name": "ﾐﾎﾝ １"}
    raw["applicant"]["address"]["postal"] = "〒９７０８６８６"
    values = script.call("dispatch_application", "judge", raw)["values"]["applicant"]
    assert (values["phone"], values["address"]["postal"], values["name"]) == (
        "0246-00-0001",
        "970-8686",
        "ﾐﾎﾝ １",
    )


@needs_node
def test_empty_rows_go_only_at_the_end(script: Script) -> None:
    raw = script.call("dispatch_application", "toRaw", example("dispatch_application", "typical"))
    raw["visit"]["centre_staff"] = ["例示　一郎", "　", "例示　二葉", "", " "]
    judged = script.call("dispatch_application", "judge", raw)
    assert judged["values"]["visit"]["centre_staff"] == ["例示　一郎", "", "例示　二葉"]
    assert [problem["pointer"] for problem in judged["problems"]] == ["/visit/centre_staff/1"]


@needs_node
def test_an_empty_form_names_every_box_that_must_be_filled(script: Script) -> None:
    problems = script.call("dispatch_application", "judge", {})["problems"]
    pointers = [problem["pointer"] for problem in problems]
    assert {problem["code"] for problem in problems} == {"REQUIRED"}
    assert pointers[:4] == ["/applied_on", "/received_on", "/centre", "/applicant/name"]
    assert "/children/0/school/grade" in pointers


@needs_node
def test_a_group_left_empty_is_not_sent_for_the_groups_it_would_need(script: Script) -> None:
    values = example("monthly_report", "without_invoice")
    raw = script.call("monthly_report", "toRaw", values) | {
        "invoice": {"help": {}, "claimant": {"name": " "}}
    }
    assert "invoice" not in script.call("monthly_report", "judge", raw)["values"]
    raw["invoice"] = {"subject": "委託料"}
    judged = script.call("monthly_report", "judge", raw)
    assert judged["values"]["invoice"] == {"subject": "委託料", "help": {}, "claimant": {}, "bank": {}}
    assert "/invoice/help/minutes" in {problem["pointer"] for problem in judged["problems"]}


@needs_node
def test_the_part_of_the_other_decision_is_not_sent(script: Script) -> None:
    raw = script.call("dispatch_decision", "toRaw", example("dispatch_decision", "approved"))
    refusal = script.call("dispatch_decision", "toRaw", example("dispatch_decision", "refused"))["refusal"]
    judged = script.call("dispatch_decision", "judge", raw | {"refusal": refusal})
    assert judged["values"] == example("dispatch_decision", "approved")
    assert "/refusal" in judged["forbid"] and "/plan" not in judged["forbid"]
    assert judged["problems"] == []
    raw["decision"]["result"] = "不承認"
    turned = script.call("dispatch_decision", "judge", raw | {"refusal": refusal})
    assert "plan" not in turned["values"]
    assert turned["values"]["refusal"] == example("dispatch_decision", "refused")["refusal"]


@needs_node
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"todoke_draft": "meeting_minutes"}, "otherForm"),
        ({"form_version": 2}, "otherVersion"),
        ({"todoke_draft": None}, "otherForm"),
    ],
)
def test_a_draft_of_another_form_is_refused(script: Script, change: Any, refusal: str) -> None:
    draft = script.call("dispatch_decision", "draft", {}, "", "") | change
    assert script.call("dispatch_decision", "open", draft, "") == {"refusal": refusal}


@needs_node
def test_a_draft_changed_by_hand_gives_only_known_boxes(script: Script) -> None:
    boxes = {
        "fee": ["1"],
        "centre": "どこか",
        "evil": 1,
        "children": [{"name": 5, "grade": "小５"}] * 9,
        "plan": "x",
    }
    opened = script.call(
        "dispatch_decision", "open", {"todoke_draft": "dispatch_decision", "boxes": boxes}, ""
    )["raw"]
    assert (opened["fee"], opened["centre"], len(opened["children"])) == ("", "どこか", 4)
    assert opened["children"][0] == {"name": "", "grade": "小５"}
    assert "evil" not in opened


# --- The file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_page_runs_only_its_own_script_and_fetches_nothing(form: str) -> None:
    page = page_of(form)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    for kind in ("script", "style"):
        content = re.search(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert (
        re.findall(r"(?:src|href)\s*=|url\(|@import|https?://", page.replace("https://json-schema.org", ""))
        == []
    )
    assert "innerHTML" not in page


def test_equal_input_gives_equal_bytes() -> None:
    values = example("dispatch_application", "typical")
    turned = dict(reversed(values.items()))
    assert page_of("dispatch_application", values) == page_of("dispatch_application", turned)
    assert page_of("dispatch_application", values) != page_of("dispatch_application")


ATTACK = "</script><script>alert(1)</script><!-- \u2028 & \ud800"


def test_values_cannot_leave_their_place() -> None:
    values = {"reason": ATTACK}
    page = page_of("dispatch_application", values, Envelope("<b>"))
    assert page.count("<script") == page_of("dispatch_application").count("<script")
    assert data_in(page)["values"] == values
    assert "<b>" not in page.split("<main>")[0]


def test_the_case_number_is_asked_for_where_the_form_needs_one() -> None:
    def frame_of(form: str, envelope: Envelope) -> Any:
        return data_in(page_of(form, None, envelope))["frame"]

    assert frame_of("meeting_minutes", Envelope()) is None
    (box,) = frame_of("dispatch_decision", Envelope(None, "required"))["root"]["members"]
    assert (box["key"], box["required"]) == ("case_id", True)
    (box,) = frame_of("dispatch_application", Envelope(None, "opens"))["root"]["members"]
    assert "required" not in box
    assert frame_of("dispatch_decision", Envelope("R5-0001", "required")) is None
    assert "ケース番号　R5-0001" in page_of("dispatch_decision", None, Envelope("R5-0001", "required"))


# --- In a browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def show(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Browser]]:
    folder = tmp_path_factory.mktemp("page")

    def opened(page: str) -> Browser:
        path = folder / "様式.html"
        path.write_text(page, "utf-8", newline="")
        for old in browser.downloads.glob("*.json"):
            old.unlink()
        browser.said.clear()
        browser.dialogs.clear()
        browser.requests.clear()
        browser.open(path)
        return browser

    yield opened
    browser.run("localStorage.clear()")
    assert browser.said == []
    assert [url for url in browser.requests if not url.startswith(("file:", "blob:"))] == []


@pytest.mark.browser
@needs_chromium
def test_wrong_boxes_are_listed_marked_and_reached(show: Callable[[str], Browser]) -> None:
    values = example("dispatch_application", "typical")
    del values["centre"]
    page = show(page_of("dispatch_application", values))
    page.type("applicant.phone", "×")
    page.type("applied_on", "5/6/1")
    page.click("#save")
    assert page.run("return document.activeElement.id") == "summary"
    assert (
        page.run("return document.querySelector('#summary-title').textContent") == "直すところが3か所あります"
    )
    assert page.run("return [...document.querySelectorAll('#summary a')].map((link) => link.textContent)") == [
        "申請年月日", "所管センター", "申請者／電話番号",
    ]  # fmt: skip
    page.click("#summary li:nth-child(3) a")
    assert page.run("return document.activeElement.closest('[data-tag]').dataset.tag") == "applicant.phone"
    assert page.run("return document.activeElement.getAttribute('aria-invalid')") == "true"
    described = "document.activeElement.getAttribute('aria-describedby').split(' ')"
    told = page.run(f"return {described}.map((id) => document.getElementById(id).textContent).join('')")
    assert "0246-00-0000" in told
    assert "書き方が決まりと違います" in told
    assert list(page.downloads.glob("*.json")) == []
    assert page.run("return [...document.querySelectorAll('input:not([type=file]), select, textarea')]"
                    ".filter((box) => !box.labels.length || !box.labels[0].textContent).length") == 0  # fmt: skip


@pytest.mark.browser
@needs_chromium
def test_a_box_is_judged_on_leaving_it_and_a_good_one_is_read_back(show: Callable[[str], Browser]) -> None:
    page = show(page_of("dispatch_application"))
    page.type("applied_on", "Ｒ５．６．１")
    page.type("applicant.birth", "令和５年６月１日（金）")
    page.type("reason", "𠮷葛󠄀")
    text = "return document.querySelector(`[data-tag='${a[0]}'] .${a[1]}`).textContent"
    assert page.run(text, "applied_on", "reading") == "読み取り：令和５年６月１日（木）"
    assert "曜日が合っていません" in page.run(text, "applicant.birth", "error")
    assert page.run(text, "reason", "counter") == "3字／400字"
    assert page.run("return document.querySelectorAll('.error:not([hidden])').length") == 1


@pytest.mark.browser
@needs_chromium
def test_rows_are_added_and_removed_by_keyboard(show: Callable[[str], Browser]) -> None:
    page = show(page_of("dispatch_application"))
    for _ in range(5):
        page.run("document.querySelector(\"[data-tag='children'] > .add\").focus()")
        page.press("Enter", 13)
    assert page.run("return document.querySelectorAll(\"[data-tag='children'] > .rows > .row\").length") == 4
    assert page.run("return document.querySelector(\"[data-tag='children'] > .add\").hidden") is True
    page.type("children[2].name", "見本　三郎")
    assert page.run("return document.activeElement.closest('[data-tag]').dataset.tag") == "children[2].name"
    page.run("document.querySelectorAll(\"[data-tag='children'] > .rows > .row > .remove\")[1].focus()")
    page.press(" ", 32)
    assert (
        page.run(
            "return document.querySelector(\"[data-tag='children[1].name'] :is(input, textarea)\").value"
        )
        == "見本　三郎"
    )
    assert page.run("return document.activeElement.closest('[data-tag]').dataset.tag") == "children[1].name"


@pytest.mark.browser
@needs_chromium
def test_only_what_an_answer_forbids_is_out_of_sight(show: Callable[[str], Browser]) -> None:
    page = show(page_of("dispatch_application"))
    other = "return document.querySelector(`[data-tag='wanted_other']`).checkVisibility()"
    assert page.run(other) is True, "what may be filled in can be filled in, whatever else is ticked"
    page = show(page_of("dispatch_decision"))
    seen = "return ['plan', 'refusal'].map((tag) => document.querySelector(`[data-tag='${tag}']`).checkVisibility())"
    assert page.run(seen) == [True, True]
    fill(page, {"decision": {"kind": "新規", "result": "承認"}})
    assert page.run(seen) == [True, False]
    fill(page, {"decision": {"result": "不承認"}})
    assert page.run(seen) == [False, True]


@pytest.mark.browser
@needs_chromium
def test_a_draft_outlives_the_page_and_can_be_erased(show: Callable[[str], Browser]) -> None:
    page = show(page_of("dispatch_application"))
    page.type("applied_on", "６月上旬")
    page.type("applicant.name", "見本　𠮷子")
    page.click("#keep-draft")
    assert "このパソコン" in page.run("return document.querySelector('#status').textContent")
    page.run("window.isOld = true; location.reload()")
    page.wait(
        "return !window.isOld && document.querySelector('#draft') && !document.querySelector('#draft').hidden"
    )
    assert (
        page.run("return document.querySelector(\"[data-tag='applicant.name'] :is(input, textarea)\").value")
        == ""
    )
    page.click("#open-draft")
    assert (
        page.run("return document.querySelector(\"[data-tag='applicant.name'] :is(input, textarea)\").value")
        == "見本　𠮷子"
    )
    assert (
        page.run("return document.querySelector(\"[data-tag='applied_on'] :is(input, textarea)\").value")
        == "６月上旬"
    )
    page.click("#save-draft")
    draft = json.loads(page.downloaded(".draft.json").read_text("utf-8"))
    assert (draft["todoke_draft"], draft["boxes"]["applied_on"]) == ("dispatch_application", "６月上旬")
    page.click("#erase-draft")
    assert page.run("return [document.querySelector('#draft').hidden, localStorage.length]") == [True, 0]


@pytest.mark.browser
@needs_chromium
def test_a_file_is_loaded_and_one_of_another_form_refused(
    show: Callable[[str], Browser], tmp_path: Path
) -> None:
    page = show(page_of("dispatch_decision"))
    approved = {"form": "dispatch_decision", "form_version": 1, **example("dispatch_decision", "approved")}
    for name, content in (("good", approved), ("other", {"todoke_draft": "meeting_minutes", "boxes": {}})):
        (tmp_path / name).write_text(json.dumps(content), "utf-8")
        document = page.call("DOM.getDocument")["root"]["nodeId"]
        node = page.call("DOM.querySelector", nodeId=document, selector="#load-draft")["nodeId"]
        page.call("DOM.setFileInputFiles", files=[str(tmp_path / name)], nodeId=node)
        page.wait("return document.querySelector('#status').textContent !== ''")
        said = page.run(
            "const s = document.querySelector('#status'), t = s.textContent; s.textContent = ''; return t"
        )
        assert said.startswith("読み込みました" if name == "good" else "別の様式の下書きです")
    assert {k: v for k, v in save(page).items() if k not in ENVELOPE} == example(
        "dispatch_decision", "approved"
    )


@pytest.mark.browser
@needs_chromium
def test_prefilled_text_is_text(show: Callable[[str], Browser]) -> None:
    values = example("dispatch_application", "typical") | {
        "reason": "</script><script>alert(1)</script>\n" * 8
    }
    page = show(page_of("dispatch_application", values, Envelope("R5-0001", "opens")))
    box = "document.querySelector(\"[data-tag='reason'] textarea\")"
    assert page.run(f"return {box}.value") == values["reason"]
    assert page.run(f"return {box}.scrollHeight <= {box}.clientHeight + 4")
    saved = save(page)
    assert page.dialogs == []
    assert saved == {"form": "dispatch_application", "form_version": 1, "case_id": "R5-0001", **values}


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("form", sample(FORMS, 12))
def test_nothing_is_cut_off_on_a_narrow_screen_or_on_paper(show: Callable[[str], Browser], form: str) -> None:
    page = show(page_of(form))
    for width in (1200, 400):
        page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.pdf().startswith(b"%PDF")

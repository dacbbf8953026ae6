"""A form with everything a form may ask for: what the surveys, monthly reports and ledgers to come will have, at once."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(title: str, most: int, **more: Any) -> Schema:
    return {"title": title, "type": "string", "maxLength": most, **more}


def choice(title: str, *options: str, **more: Any) -> Schema:
    return {"title": title, "type": "string", "enum": list(options), **more}


def ticks(title: str, *options: str, **more: Any) -> Schema:
    return {"title": title, "type": "array", "maxItems": len(options), "uniqueItems": True,
            "items": {"title": title, "type": "string", "enum": list(options)}, **more}  # fmt: skip


def group(title: str, *required: str, **members: Schema) -> Schema:
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": members,
    }


def rows(title: str, most: int, item: Schema, **more: Any) -> Schema:
    return {"title": title, "type": "array", "maxItems": most, "items": item, **more}


DAY: Schema = {"title": "日付", "type": "string", "format": "date"}
CLOCK: Schema = {"title": "時刻", "type": "string", "format": "time"}
YES: Schema = {"title": "実施", "type": "boolean"}


def number(title: str, **more: Any) -> Schema:
    return {"title": title, "type": "integer", "minimum": 0, "maximum": 99999, **more}


CARE = (
    "食事の世話",
    "洗濯",
    "掃除",
    "買物",
    "きょうだいの世話",
    "通院の付添い",
    "見守り",
    "通訳",
    "服薬の管理",
    "金銭の管理",
    "入浴の介助",
    "その他",
)

# 31 rows with many columns: a month of visits.
MONTH = rows(
    "訪問の実績",
    31,
    group(
        "訪問",
        "date",
        "start",
        date=DAY,
        start={**CLOCK, "title": "開始時刻"},
        end={**CLOCK, "title": "終了時刻"},
        minutes=number("時間（分）"),
        helper=text("訪問支援員の氏名", 40, **{"x-name": True}),
        done=YES,
        kind=choice("内容", "家事", "育児", "両方"),
        note=text("備考（変更・中止の理由など）", 60),
    ),
    minItems=1,
    **{"x-rows": 31, "x-hint": "訪問した日ごとに、訪問の順に記入してください。"},
)
# Ten columns: no table of a portrait page holds them.
WIDE = rows(
    "請求の内訳",
    12,
    group(
        "内訳",
        "item",
        **{f"c{n}": number(f"{n}週の回数") for n in range(1, 8)},
        item=text("区分の名称", 20),
        total=number("計（円）"),
        note=text("摘要", 40),
    ),
)
# A list in a list in a list, with long text.
NESTED = rows(
    "支援の経過",
    6,
    group(
        "経過",
        "on",
        on=DAY,
        place=text("場所", 60),
        story=text("内容", 3000, **{"x-multiline": True}),
        people=rows(
            "参加者",
            8,
            group("参加者", name=text("氏名", 40, **{"x-name": True}), role=text("役職・立場", 40)),
        ),
        actions=rows("決めたこと", 5, {"type": "string", "maxLength": 200, "title": "決めたこと"}),
        cares=ticks("ケアの内容", *CARE),
    ),
    **{"x-rows": 2},
)
_ASKED = ("家族のことで困ったことがある", "家族の世話をするために、宿題や勉強をする時間が取れないことがある")
SURVEY = group(
    "ケアの状況",
    "who",
    who=ticks(
        "世話をしている相手",
        "父",
        "母",
        "祖父",
        "祖母",
        "兄",
        "姉",
        "弟",
        "妹",
        "その他の家族",
        minItems=1,
        **{"x-hint": "当てはまるものをすべて選んでください。"},
    ),
    care=ticks("ケアの内容", *CARE, **{"x-hint": "ふだんしているものを選んでください。"}),
    weekday=number("平日１日当たりの時間（分）", **{"x-hint": "およその分数を記入してください。"}),
    holiday=number("休日１日当たりの時間（分）"),
    since={**DAY, "title": "始めた時期"},
    alone={
        **YES,
        "title": "一人でしている",
        "x-hint": "ほかに担う人がいないときは「はい」を選んでください。",
    },
    sleep=choice("睡眠の様子", "足りている", "少し足りない", "足りない"),
    school=choice("学校を休むこと", "ない", "月に１日から３日くらい", "週に１日以上", "ほとんど行っていない"),
    words=text(
        "本人の言葉",
        400,
        **{"x-multiline": True, "x-hint": "言い換えずに、本人の言葉のまま記入してください。"},
    ),
    health=group(
        "健康",
        sleep=text("睡眠について気になることを、家族の様子も含めて具体的に", 100),
        meal=choice("食事", "３食", "２食", "１食以下"),
        weight=number("体重（キログラム）"),
    ),
    **{
        f"q{n:02}": choice(f"設問{n}　{_ASKED[n > 12]}", "よくある", "ときどきある", "あまりない", "ない")
        for n in range(1, 25)
    },
)
SCHEMA: Schema = {
    "title": "見本：あらゆる項目のある調査票",
    "type": "object",
    "additionalProperties": False,
    "x-hint": "いろいろな項目を一度に試すための見本です。実際には使いません。",
    "required": ["on", "survey", "month"],
    "properties": {
        "on": {**DAY, "title": "調査年月日", "x-hint": "調査した日を記入してください。"},
        "count": number("世帯の人数"),
        "open": {**YES, "title": "本人の同意"},
        "kinds": rows("使った資料の名前", 31, {"type": "string", "maxLength": 60, "title": "資料の名前"}, **{"x-rows": 5}),
        "survey": SURVEY,
        "month": MONTH,
        "wide": WIDE,
        "nested": NESTED,
        "days": rows("予定の日", 31, {**DAY}, **{"x-rows": 7}),
        "opinion": text("総合所見", 2000, **{"x-multiline": True, "x-hint": "事実と意見を分けて記入してください。"}),
        "very_long_name_of_a_group_of_boxes": group("とても長い題名の付いた、二十五字を超えるような一まとまりの項目", a_box=text("とても長い題名の付いた、二十五字を超えるような項目", 80)),
    },
}  # fmt: skip


def full_values(schema: Schema = SCHEMA, row: int = 0) -> Any:
    """Values with every box as full, and every list as long, as the schema allows; texts tell their row apart."""
    match schema["type"]:
        case "object":
            return {key: full_values(part, row) for key, part in schema["properties"].items()}
        case "array" if "enum" in schema["items"]:
            return list(schema["items"]["enum"])
        case "array":
            return [full_values(schema["items"], index) for index in range(schema["maxItems"])]
        case "boolean":
            return True
        case "integer":
            return int(schema["maximum"]) - row
    if "enum" in schema:
        return max(schema["enum"], key=len)
    if "format" in schema:
        return f"2024-12-{row % 31 + 1:02}" if schema["format"] == "date" else "23:59"
    words = f"{row + 1}番、見本　𠮷葛\U000e0100髙﨑例示花子。"
    return (words * schema["maxLength"])[: schema["maxLength"] - 1] + "終"

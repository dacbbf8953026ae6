"""`make bench`: every benchmark in one run; prints the ratios and writes benchmarks/results.md."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks import editions, end_to_end, reading, render

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Measure, print, write."""
    lines = [
        f"# 計測結果（{date.today():%Y-%m-%d}）",
        "",
        "`make bench` で作り直します。比は同じ一回の中のものです。",
        "",
    ]
    for title, rates, base, ratio in (
        ("Render, one warm process, documents a second", render.measure(), None, "× plain docxtpl"),
        (
            "End to end, durable, one process, nine Word papers, submissions a second",
            end_to_end.measure(),
            None,
            "× plain docxtpl",
        ),
        ("Two editions of a manual, comparisons a second", editions.measure(), None, "of the first"),
        ("Reading a filled Word form, forms a second", reading.measure(), reading.FLOOR, "of the floor"),
    ):
        first = rates[base] if base else next(iter(rates.values()))
        lines += [f"## {title}", "", f"| what | a second | {ratio} |", "|---|---|---|"]
        lines += [
            f"| {name} | {rate:,.1f} | {rate / first:.{2 if rate < first else 1}f} |"
            for name, rate in rates.items()
            if name != "papers"
        ]
        lines.append("")
    text = "\n".join(lines)
    print(text)
    RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

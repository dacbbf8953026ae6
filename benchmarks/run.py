"""`make bench`: every benchmark in one run; prints the ratios and writes benchmarks/results.md."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks import end_to_end, render

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Measure, print, write."""
    lines = [
        f"# 計測結果（{date.today():%Y-%m-%d}）",
        "",
        "`make bench` で作り直します。比は同じ一回の中のものです。",
        "",
    ]
    for title, rates in (
        ("Render, one warm process, documents a second", render.measure()),
        (
            "End to end, durable, one process, nine Word papers, submissions a second",
            end_to_end.measure(),
        ),
    ):
        first = next(iter(rates.values()))
        lines += [f"## {title}", "", "| what | a second | × plain docxtpl |", "|---|---|---|"]
        lines += [f"| {name} | {rate:,.1f} | {rate / first:.1f} |" for name, rate in rates.items()]
        lines.append("")
    text = "\n".join(lines)
    print(text)
    RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

from __future__ import annotations

import pytest

from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.ordering import check_numbers


def said(source: str) -> list[tuple[int, bool]]:
    text, faults = read_text(f"# 題名\n\n{source}")
    assert text is not None, faults
    return [(fault.place, fault.is_error) for fault in check_numbers(text.blocks)]


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("第１条　一\n\n第２条　二\n\n第２条の２　枝\n\n第２条の３　枝\n\n第３条　三\n", []),
        ("第１条の２　枝\n\n第２条　二\n", []),
        ("第１条　一\n\n第１条　二\n", [(1, True)]),
        ("第２条　一\n\n第１条　二\n", [(1, True)]),
        ("第１条　一\n\n第３条　三\n", [(1, False)]),
        ("第１条　一\n\n第１条の３　枝\n", [(1, False)]),
        ("第1条　一\n\n第2条　二\n", [(0, False), (1, False)]),
        ("第１条　一\n\n２　二\n\n４　四\n\n第２条　一\n\n２　二\n\n３　三\n", [(2, False)]),
        ("第１条　一\n\n- (1)　一\n  - ア　一\n  - ウ　三\n- (2)　二\n- (2)　二\n", [(3, False), (5, True)]),
        ("## 第１章　一\n\n第１条　一\n\n## 第２章　二\n\n第１条　二\n", [(3, True)]),
        ("## 第１章　一\n\n## 第３章　三\n", [(1, False)]),
        ("第１条　一\n\n## 附　則\n\n第１条　附則の条\n\n## 附　則\n\n１　一\n", []),
        ("第１条　一\n\n## 別表第１\n\n## 別表第１\n\n## 様式第１号\n", [(2, True)]),
        ("## 第１章　一\n\n### １　節\n\n## 第２章　二\n\n### １　節\n", []),
    ],
)
def test_numbers(source: str, faults: list[tuple[int, bool]]) -> None:
    assert said(source) == faults

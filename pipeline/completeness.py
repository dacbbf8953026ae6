"""Legal completeness: what a kind of notice must be able to print, held against its template. Pure.

Which papers are notices stands in their `paper.toml` (`notice`), what each kind must print in `doc_templates/notices.toml`
(domain.md §1.11–1.16, §6.9; 行政手続法８条・14条, 行政不服審査法82条, 行政事件訴訟法46条). What a sender leaves out is the rules' and the
schemas' to return; what is printed in the end is proven on each paper. This room proves that the template has a place for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pipeline.fields import is_granted
from pipeline.spec import NoticeKind, PaperSpec, Requirement

NUMBERED = "numbers."  # a paper with a 文書番号 goes out in the city's name


def check_notice(
    paper: PaperSpec, kinds: Mapping[str, NoticeKind], printed: Collection[str]
) -> Iterator[str]:
    """Yield one Japanese sentence for everything a notice's template has no place for. `printed`: the paths it prints."""
    if not paper.notice:
        if any(path.startswith(NUMBERED) for path in paper.fields):
            known = "・".join(kinds)
            yield f"文書番号のある書類です。paper.toml に通知書の種類（notice = {known} のどれか）を書いてください。"
        return
    kind = kinds.get(paper.notice)
    if kind is None:
        yield f"通知書の種類「{paper.notice}」が doc_templates/notices.toml にありません。どちらかを直してください。"
        return
    for requirement in kind.must:
        for paths in _lacking(requirement, printed):
            yield (
                f"「{kind.title}」に必ず載せる「{requirement.title}」を印字する所がありません。"
                f"ひな形に {'、'.join(paths)} のどれかを書いてください。"
            )


def _lacking(requirement: Requirement, printed: Collection[str]) -> Iterator[tuple[str, ...]]:
    for paths in requirement.prints:
        if not any(is_granted(seen, paths) for seen in printed):
            yield paths

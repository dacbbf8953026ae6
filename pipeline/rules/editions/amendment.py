"""The 改め文 of two texts, proved: carried out on the old text it gives the new one, or there is none (domain.md §4.4)."""

from __future__ import annotations

from pipeline.rules.editions.acts import Inexpressible
from pipeline.rules.editions.applying import apply_sentences
from pipeline.rules.editions.drafting import draft
from pipeline.rules.editions.sentences import Sentence, read_sentences, write_sentences
from pipeline.rules.editions.text import EditionText


def find_amendment(old: EditionText, new: EditionText) -> tuple[Sentence, ...] | None:
    """Return the sentences of a proved 改め文; None where the vocabulary cannot say the change, or the proof fails.

    The proof reads the sentences again from their written form. Where quoting words does not lead there, every changed
    provision is written anew.
    """
    if old == new:
        return ()
    for coarse in (False, True):
        try:
            sentences = draft(old, new, coarse)
            if apply_sentences(old, read_sentences(write_sentences(sentences))) == new:
                return sentences
        except (Inexpressible, ValueError):  # CannotApply, or a form that cannot be written and read again
            continue
    return None

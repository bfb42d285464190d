"""One word of what was heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One word in matching form.

    start, end  the characters of the original text it came from
    numeral     the numeral it was spelled from ("201", "3rd", "$5"), "" for words
    """

    text: str
    start: int
    end: int
    numeral: str = ""

"""Names of persons in texts: those that a caller has given, wherever they are said again.

There is no list of all names: what is masked was given for a slot of type `name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = "[name]"
"""Stands for the name of a person."""
_LEAST = 3
"""Letters of a part that is looked for alone: "Jo" and "de" are in other words' places."""
_LEAST_EAST = 2
"""Syllables of a given name: 민수 of 김민수, 晓明 of 张晓明."""
_EAST = re.compile(r"[぀-ヿ㐀-鿿가-힯]+")
_TITLES = frozenset({"mrs", "miss", "doctor", "professor", "the", "and", "von", "van", "der", "den", "del"})


def parts_of(name: str) -> frozenset[str]:
    """What of a name is not said without meaning its bearer, in lower case; itself too."""
    whole = " ".join(name.casefold().split())
    found = {whole} if len(whole) >= _LEAST_EAST else set()
    for part in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", whole):
        if _EAST.fullmatch(part):
            found.add(part)
            if len(part) > _LEAST_EAST:
                found.add(part[1:])
        elif len(part) >= _LEAST and part not in _TITLES:
            found.add(part)
    return frozenset(part for part in found if len(part) >= _LEAST_EAST)


def without_names(text: str, parts: Iterable[str]) -> str:
    """The text with `NAME` for every run of `parts`, whole words of them; within a word where there are no
    spaces between words."""
    if not (ordered := sorted(parts, key=len, reverse=True)):
        return text
    one = "|".join(
        re.escape(part) if _EAST.fullmatch(part.replace(" ", "")) else rf"\b{re.escape(part)}(?:'s|’s)?\b"
        for part in ordered
    )
    return re.sub(rf"(?:{one})(?:[ -]+(?:{one}))*", NAME, text, flags=re.IGNORECASE)

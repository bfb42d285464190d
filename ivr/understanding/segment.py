"""Words of languages whose writing does not part them: Hangul and Chinese characters, one by one.

Korean is written with spaces, but recognizers put them where they like; Chinese has none. So spaces count for
nothing: a run of such characters is cut into the words that the language's file lists (numbers, days, words
of the trade), the longest at each place, and what no word covers into single characters. A particle stands as
a character of its own then, whatever it is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ivr.understanding.token import Token
from ivr.understanding.words import Words

_WRITTEN_TOGETHER = re.compile("[\u3400-\u9fff\uac00-\ud7a3〇]+")


def segmented(tokens: tuple[Token, ...], text: str, words: Words) -> tuple[Token, ...]:
    """Tokens cut into the words of the language; those of other scripts stay as they are.

    text  the original that the tokens' places count in
    """
    out: list[Token] = []
    run: list[Token] = []
    for token in tokens:
        if not _WRITTEN_TOGETHER.fullmatch(token.text):
            out.extend(_cut(run, words))
            out.append(token)
            run = []
            continue
        if run and not _follows(run[-1], token, text):
            out.extend(_cut(run, words))
            run = []
        run.extend(_characters(token))
    out.extend(_cut(run, words))
    return tuple(out)


def _follows(last: Token, token: Token, text: str) -> bool:
    """Whether a token belongs to the run before it: only spaces between them, and of one numeral or none."""
    if token.numeral or last.numeral:
        return token.numeral == last.numeral and token.start == last.start
    return not text[last.end : token.start].strip()


def _characters(token: Token) -> Iterator[Token]:
    known = not token.numeral and token.end - token.start == len(token.text)
    for at, char in enumerate(token.text):
        start, end = (token.start + at, token.start + at + 1) if known else (token.start, token.end)
        yield replace(token, text=char, start=start, end=end)


def _cut(run: list[Token], words: Words) -> Iterator[Token]:
    text = "".join(token.text for token in run)
    at = 0
    while at < len(run):
        sizes = range(min(words.longest, len(run) - at), 1, -1)
        size = next((size for size in sizes if text[at : at + size] in words.whole), 1)
        yield replace(run[at], text=text[at : at + size], end=run[at + size - 1].end)
        at += size

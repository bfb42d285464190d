"""Whether a caller has finished: what the endpointer asks about the words heard so far."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ivr.meaning import Command, Completeness, Intent, Meaning, SlotType
from ivr.understanding.backchannel import made_of
from ivr.understanding.dates import unfinished_date
from ivr.understanding.digits import digits_heard
from ivr.understanding.graph import Open
from ivr.understanding.query import Query
from ivr.understanding.sentence import Form, ends_politely, ends_stranded, form, says_goodbye
from ivr.understanding.slot_ends import DICTATED, dictated_to_the_end
from ivr.understanding.slots import SlotReader
from ivr.understanding.times import unfinished_time
from ivr.understanding.words import Words

_SURE = 0.9
_LEAST_WORTH = 0.25
"""Words worth no more than politeness begin every phrase and say nothing of how it goes on."""


def judge(
    query: Query, asked: SlotReader | None, allowed: Callable[[int], bool], *, more: bool = False
) -> Completeness:
    """Whether the words complete an answer or a phrase of a target that may be said now.

    more  the desk asked whether there is something else: a "yes" is the beginning of it
    """
    if not query.texts:
        return _unknown(query, asked)
    if asked is not None and (verdict := _answer(query, asked)) is not Completeness.UNKNOWN:
        return verdict
    wholes, opens = query.walked
    texts, words = query.texts, query.heard.words
    weight = query.book.weight_of
    last = len(texts)
    while last > 1 and texts[last - 1] in words.polite:
        last -= 1
    ending = [whole for whole in wholes if allowed(whole.target) and whole.end in (last, len(texts))]
    done = {whole.target for whole in ending}
    begun = [
        path
        for path in opens
        if allowed(path.target) and sum(map(weight, texts[path.start :])) >= _LEAST_WORTH
    ]
    kind = form(texts, words)
    if done:
        meanings = {query.book.targets[target].meaning for target in done}
        if _takes_leave(meanings, texts, words):
            return Completeness.TELLING  # most say goodbye after it
        # Whoever says more than the phrase and its lead-in is telling a story, which may go on.
        first = min(whole.start for whole in ending)
        story = any(weight(text) > _LEAST_WORTH for text in texts[:first])
        # Words that only lengthen what is said already need not be waited for; values and other meanings do.
        # Nor does a phrase that begins inside the whole one: "wrong number" after "no, that is wrong".
        longer = any(
            label[:1] == "{"
            or (
                not path.final
                and path.start <= first
                and path.target not in done
                and weight(label) > _LEAST_WORTH
            )
            for path in begun
            for label in path.next
        )
        if asked is None and kind is Form.TELLING and any(isinstance(one, Intent) for one in meanings):
            return Completeness.TELLING
        if more and meanings == {Command.YES}:
            return Completeness.TELLING
        if ends_politely(texts, words):
            return Completeness.COMPLETE
        if story or longer:
            return Completeness.UNKNOWN
        return Completeness.COURTESY if kind is Form.BEGGING else Completeness.COMPLETE
    only_polite = all(text in words.polite for text in texts)
    if only_polite and made_of(" ".join(texts), words.greetings + words.thanks, words):
        return Completeness.TELLING  # the matter comes next, or an answer or a goodbye is waited for
    stranded = ends_stranded(query.heard.texts, words)
    hanging = query.heard.texts[-1] in words.unfinished or any(not path.final for path in begun)
    if only_polite or (hanging and not stranded):
        if ends_politely(texts, words) and not only_polite:
            return Completeness.COMPLETE
        if asked is None and kind is Form.TELLING and _ends_on_a_beginning(query, begun):
            return Completeness.TELLING
        return Completeness.UNFINISHED
    if asked is not None and asked.spec.type.dictated:
        return Completeness.UNKNOWN
    if ends_politely(texts, words):
        return Completeness.COMPLETE
    return Completeness.TELLING if asked is None and kind is Form.TELLING else _unknown(query, asked)


def _ends_on_a_beginning(query: Query, begun: Collection[Open]) -> bool:
    """Whether only the last word begins phrases: "I can't get into (the) building" of "building plans".

    What the sentence tells is then no beginning of anything: it may go on, but as any that tells something.
    """
    texts = query.texts
    last = len(texts) - 1
    return (
        query.heard.texts[-1] not in query.heard.words.unfinished
        and last > 1
        and all(path.final or path.start == last for path in begun)
    )


def _unknown(query: Query, asked: SlotReader | None) -> Completeness:
    """Of words that say nothing: where a number is asked for, they were most likely a group of its digits."""
    if asked is None or asked.spec.type is not SlotType.DIGITS or not asked.spec.length:
        return Completeness.UNKNOWN
    _, most = digits_heard(query.heard.tokens, query.heard.words)
    return Completeness.UNKNOWN if most else Completeness.TELLING


def _takes_leave(done: Collection[Meaning], texts: tuple[str, ...], words: Words) -> bool:
    """Whether somebody ends the call and has not said the last word yet: "no, thank you", "never mind"."""
    if Command.GOODBYE in done:
        return not says_goodbye(texts, words)
    return Command.NO in done and ends_politely(texts, words)


def _answer(query: Query, asked: SlotReader) -> Completeness:
    heard, spec = query.heard, asked.spec
    tokens, words = heard.tokens, heard.words
    last = len(tokens)
    while last > 0 and tokens[last - 1].text in words.polite | words.fillers:
        last -= 1
    polite = ends_politely(query.texts, words)
    tokens = tokens[:last]
    if not tokens:
        return Completeness.UNKNOWN
    if spec.type is SlotType.DIGITS:
        fewest, most = digits_heard(tokens, words)
        low, high = spec.length or (0, 0)
        if most == 0 or not spec.length:
            return Completeness.UNKNOWN
        if most < low or tokens[-1].text in words.digits.repeats:
            return Completeness.UNFINISHED
        return Completeness.COMPLETE if fewest <= high <= most else Completeness.UNKNOWN
    ending = [one for one in asked.read(heard, query.now, True) if one.end >= last]
    match spec.type:
        case SlotType.DATE:
            if not ending:
                return Completeness.UNFINISHED if unfinished_date(tokens, words) else Completeness.UNKNOWN
            day_only = tokens[-1].text in words.numbers.ordinals
            weekday = any(tokens[-1].text in names for names in words.dates.weekdays)
            open_end = (day_only or weekday) and not polite
            return Completeness.UNKNOWN if open_end else Completeness.COMPLETE
        case SlotType.TIME:
            if unfinished_time(tokens, words):
                return Completeness.UNFINISHED
            explicit = any(one.end - one.start > 1 for one in ending)
            return Completeness.COMPLETE if explicit else Completeness.UNKNOWN
        case SlotType.NAME | SlotType.CHOICE if ending and spec.choices:
            whole = any(
                one.score >= _SURE and _says_all(heard.texts[one.start : one.end], asked) for one in ending
            )
            return Completeness.COMPLETE if whole else Completeness.UNKNOWN
        case kind if kind in DICTATED:
            return dictated_to_the_end(kind, tokens, ending, words)
        case _:
            return Completeness.UNKNOWN


def _says_all(said: tuple[str, ...], asked: SlotReader) -> bool:
    """Whether words are one way to say a value and not the beginning of another."""
    ways = [way for some in asked.ways.values() for way in some]
    return said in ways and not any(len(way) > len(said) and way[: len(said)] == said for way in ways)

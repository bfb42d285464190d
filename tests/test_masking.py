"""A sensitive number is keyed in, used, and kept nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from call_parts import DESK, Done, Talker, Tones, hold

from ivr.errors import DeskError
from ivr.events import Heard, KeyPressed, Outcome, SlotFilled, Transfer, Transferred, Understood
from ivr.handover import Route
from ivr.masking import unheard, without_values
from ivr.meaning import Hypothesis, SlotValue, Word
from ivr.media.pcm import Pcm
from ivr.records.codec import to_json

PIN = "4829"
SECRET = (
    DESK.replace("routes:\n", 'routes:\n  vault: {label: the vault, extension: "9{pin}"}\n')
    + """  account:
    say: ["my account"]
    keys: "5"
    slots:
      pin: {type: digits, length: 4, sensitive: true, ask: "Please key in your PIN."}
    then: {route: vault}
"""
)


class Tap:
    def __init__(self) -> None:
        self.caller: list[Pcm] = []
        self.desk: list[Pcm | None] = []

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        self.caller.append(caller)
        self.desk.append(desk)

    def close(self) -> None: ...


def keys(text: str, at: float) -> list[tuple[float, str]]:
    return [(round(at + 0.2 * n, 2), key) for n, key in enumerate(text)]


def kept(done: Done) -> str:
    """All that a log would have."""
    return json.dumps([to_json(event) for _, event in done.events])


async def test_a_keyed_number_is_used_and_not_kept(tmp_path: Path) -> None:
    tap = Tap()
    line = Talker([(2.5, "5"), *keys(PIN, 4.5), (4.3, 1.2)])
    done = await hold(tmp_path, line, desk=SECRET, taps=(tap,))
    assert line.routes[0].extension == "9" + PIN
    assert done.of(Transferred)[0][1].accepted
    assert PIN not in kept(done)
    assert [event.key for _, event in done.of(KeyPressed)] == ["5", *"xxxx"]
    assert done.of(SlotFilled)[0][1].slot.value == "xxxx"
    assert done.of(Transfer)[0][1].route.extension == "9xxxx"
    silent = np.concatenate(tap.caller[round(4.2 / 0.02) : round(6.0 / 0.02)])
    assert not silent.any(), "the caller's tones and words are not in the recording"


async def test_before_and_after_the_recording_goes_on(tmp_path: Path) -> None:
    tap = Tap()
    line = Talker([(0.5, 0.1), (2.5, "5"), *keys(PIN, 4.5), (8.0, 1.0)], accepts=False)
    done = await hold(tmp_path, line, desk=SECRET, taps=(tap,), prompts=Tones(seconds=2.0))
    assert np.concatenate(tap.caller[25:35]).any()
    assert np.concatenate(tap.caller[400:450]).any()
    assert done.ended.outcome is Outcome.HANDED_OFF
    request = done.queue.requests[0]
    assert PIN not in json.dumps(to_json(request)) and request.slots[0].value == "xxxx"


async def test_a_number_that_is_said_is_neither_taken_nor_written_down(tmp_path: Path) -> None:
    line = Talker([(2.5, "5"), (5.0, 1.5)])
    done = await hold(tmp_path, line, "four eight two nine", desk=SECRET)
    assert done.of(Understood)[0][1].heard.text == "[masked]"
    assert not done.of(SlotFilled)
    said = kept(done)
    assert "four" not in said and PIN not in said
    assert all("four" not in str(request) for request in done.queue.requests)


async def test_a_person_can_be_asked_for_instead(tmp_path: Path) -> None:
    line = Talker([(2.5, "5"), (5.0, 1.5)])
    done = await hold(tmp_path, line, "let me talk to a person please", desk=SECRET)
    assert done.ended.outcome is Outcome.HANDED_OFF
    assert [turn.text for turn in done.queue.requests[0].transcript if turn.who == "caller"] == ["[masked]"]


async def test_keys_beyond_the_number_are_masked_too(tmp_path: Path) -> None:
    line = Talker([(2.5, "5"), *keys(PIN + "77", 4.5)], accepts=False)
    done = await hold(tmp_path, line, desk=SECRET)
    assert "7" not in [event.key for _, event in done.of(KeyPressed)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sensitive: true,", "sensitive: true, read_back: always,", "cannot be read back"),
        ("type: digits, length: 4", "type: name", "that callers key in"),
        ("sensitive: true,", "sensitive: true, keys: false,", "that callers key in"),
        ("sensitive: true,", "sensitive: true, optional: true,", "cannot be optional"),
        ('"my account"', '"my account {pin}"', "is keyed in, not said"),
        ("then: {route: vault}", "then: [{say: 'It is {pin}.'}, {route: vault}]", "{pin} is sensitive"),
        ("then: {route: vault}", "then: {handoff: {want: 'PIN {pin}'}}", "{pin} is sensitive"),
    ],
    ids=["read back", "type", "no keys", "optional", "phrase", "text", "want"],
)
async def test_a_desk_that_would_give_it_away_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in SECRET
    with pytest.raises(DeskError) as caught:
        await hold(tmp_path, Talker([]), desk=SECRET.replace(old, new))
    assert says in str(caught.value)


def test_what_is_not_sensitive_stays_itself() -> None:
    value = SlotValue("a", "1", "one", 0.9)
    event = Transfer(Route("r", "r", extension="11"), (value,))
    assert without_values(event) == event
    assert without_values(SlotFilled(value)).slot is value


def test_a_masked_reading_keeps_how_well_it_fitted() -> None:
    word = Word("four", 0.0, 0.3, 0.8)
    held = Hypothesis("four eight", 0.8, (word,), fit=-0.2, likelihood=-0.4)
    (kept,) = unheard(Heard((held,), 0.0, 1.0, "moonshine tiny")).hypotheses
    assert kept == Hypothesis("[masked]", 0.8, fit=-0.2, likelihood=-0.4)

"""One call: order of things, barge-in, faults of its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from call_parts import DESK, Queue, Talker, Tones, hold

from ivr.errors import ModelError, StateError, VoiceError
from ivr.events import (
    ActionFailed,
    Backchannel,
    CallEnded,
    HandedOff,
    HandOff,
    KeyPressed,
    NoInput,
    Outcome,
    PromptEnded,
    PromptPaused,
    PromptResumed,
    PromptStarted,
    Resumption,
    SpeechEnded,
    Transferred,
    Trouble,
    Understood,
)
from ivr.handover import Reason
from ivr.ports import CallLimits

URGENT_ROUTE = f"{DESK}  emergency: {{label: danger, say: [danger], then: {{route: billing}}}}\n"


async def test_a_caller_is_heard_and_routed(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "I have a question about my bill")
    assert (done.ended.outcome, done.ended.detail) == (Outcome.ROUTED, "billing")
    assert done.of(Understood)[0][1].heard.text == "I have a question about my bill"
    assert done.events[-1][1] == done.ended and len(done.of(CallEnded)) == 1
    assert done.line.closed


async def test_slower_and_louder_are_heard(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "not so fast please")
    assert [event.heard for _, event in done.of(PromptEnded)][:2] == [1.0, 1.25]
    quiet = max(int(np.abs(pcm).max()) for pcm in done.line.sent if pcm is not None)
    (tmp_path / "louder").mkdir()
    done = await hold(tmp_path / "louder", Talker([(3.0, 1.0)]), "could you speak up")
    assert max(int(np.abs(pcm).max()) for pcm in done.line.sent if pcm is not None) > 1.9 * quiet


async def test_the_transfer_waits_until_its_announcement_was_heard(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "billing please")
    announced = done.of(PromptEnded)[-1][0]
    assert done.of(Transferred)[0][0] >= announced


async def test_the_wait_is_counted_from_the_last_speech(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "when are you open")
    replies = [event for _, event in done.of(PromptStarted) if event.wait is not None]
    assert 0.4 < replies[0].wait < 0.7


async def test_each_tick_sends_at_most_one_frame_and_silence_between_prompts(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "billing")
    assert all(pcm is None or (len(pcm) == 160 and pcm.dtype == np.int16) for pcm in done.line.sent)
    assert any(pcm is None for pcm in done.line.sent) and done.line.sent[0] is not None


async def test_a_voice_pauses_a_prompt_and_its_words_end_it(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 1.5)]), "billing please", prompts=Tones(seconds=8.0))
    assert 1.0 < done.of(PromptPaused)[0][0] <= 1.1
    quiet = [n for n, pcm in enumerate(done.line.sent[:140]) if pcm is None or not pcm.any()]
    assert quiet[0] * 0.02 <= 1.15, "silence within 150 ms"
    assert quiet == list(range(quiet[0], 140))
    stopped = done.of(PromptEnded)[0][1]
    assert stopped.interrupted and 1.0 < stopped.heard < 1.1
    assert not done.of(PromptResumed)
    assert done.ended.outcome is Outcome.ROUTED


async def test_a_long_sound_without_words_does_not_silence_a_prompt_for_long(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 9.0)]), "", prompts=Tones(seconds=6.0))
    ((paused, _),), ((resumed, event),) = done.of(PromptPaused), done.of(PromptResumed)
    assert event.why is Resumption.NOISE and resumed - paused == pytest.approx(2.0, abs=0.05)
    assert not done.of(PromptEnded)[0][1].interrupted and done.of(PromptEnded)[0][0] < 9.0


async def test_what_was_said_of_a_prompt_is_in_the_transcript(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 1.5)]), "operator", prompts=Tones(seconds=2.0))
    assert done.of(PromptEnded)[0][1].said == "Hello. What"
    assert done.queue.requests[0].transcript[0].text == "Hello. What ..."


async def test_a_short_noise_does_not_end_a_prompt(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 0.1), (12.0, 1.0)]), "billing", prompts=Tones(seconds=5.0))
    assert [event.why for _, event in done.of(PromptResumed)] == [Resumption.NOTHING]
    assert done.of(PromptResumed)[0][0] < 1.5
    assert not done.of(PromptEnded)[0][1].interrupted
    assert done.ended.outcome is Outcome.ROUTED


async def test_after_a_noise_the_prompt_goes_on_and_all_of_it_is_heard(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 0.8), (16.0, 1.0)]), "", "billing", prompts=Tones(seconds=5.0))
    assert [event.why for _, event in done.of(PromptResumed)] == [Resumption.NOISE]
    ended = done.of(PromptEnded)[0][1]
    assert ended == PromptEnded("greeting", 5.0, interrupted=False)
    assert not [at for at, _ in done.of(NoInput) if at < done.of(PromptEnded)[0][0] + 5.9]
    assert done.ended.outcome is Outcome.ROUTED


@pytest.mark.parametrize("words", ["uh-huh", "Yeah, okay.", "Mm-hmm."])
async def test_a_listener_who_says_so_does_not_end_a_prompt(tmp_path: Path, words: str) -> None:
    talker = Talker([(1.0, 0.6), (16.0, 1.0)])
    done = await hold(tmp_path, talker, words, "billing", prompts=Tones(seconds=5.0))
    assert [event.why for _, event in done.of(PromptResumed)] == [Resumption.BACKCHANNEL]
    assert [event.heard.text for _, event in done.of(Backchannel)] == [words]
    assert not done.of(PromptEnded)[0][1].interrupted
    assert [event.heard.text for _, event in done.of(Understood)] == ["billing"]


async def test_a_word_that_fits_nothing_does_not_end_a_prompt(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 0.6)]), "it has", prompts=Tones(seconds=5.0))
    assert [event.why for _, event in done.of(Backchannel)] == [Resumption.UNKNOWN]
    assert not done.of(PromptEnded)[0][1].interrupted and not done.of(Understood)


async def test_a_sentence_that_fits_nothing_does(tmp_path: Path) -> None:
    talker = Talker([(1.0, 1.6)])
    done = await hold(tmp_path, talker, "it has rained all day", prompts=Tones(seconds=5.0))
    assert done.of(PromptEnded)[0][1].interrupted and done.of(Understood)


async def test_wait_is_no_backchannel(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(1.0, 0.6)]), "wait", prompts=Tones(seconds=5.0))
    assert done.of(PromptEnded)[0][1].interrupted and done.of(Understood)


async def test_yes_over_the_question_is_its_answer(tmp_path: Path) -> None:
    asks = DESK.replace("label: billing\n    say", "label: billing\n    confirm: always\n    say")
    talker = Talker([(7.0, 1.0), (9.6, 0.6)])
    done = await hold(tmp_path, talker, "billing", "yeah", prompts=Tones(seconds=5.0), desk=asks)
    assert done.of(PromptEnded)[1][1].interrupted
    assert done.ended.outcome is Outcome.ROUTED


async def test_a_prompt_that_must_be_heard_is_not_even_paused(tmp_path: Path) -> None:
    talker = Talker([(3.0, 1.0), (6.5, 1.0)])
    done = await hold(tmp_path, talker, "operator", "stop stop", prompts=Tones(seconds=2.0))
    assert [event.name for _, event in done.of(PromptEnded)][-1].startswith("handoff")
    assert not done.of(PromptPaused) and not any(event.interrupted for _, event in done.of(PromptEnded))


async def test_silence_is_asked_about_and_then_ends_the_call(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([]))
    assert len(done.of(NoInput)) >= 2
    asked = [event.text for _, event in done.of(PromptStarted)]
    assert len(set(asked)) == len(asked), "the same words twice"
    assert done.ended.seconds < 60


async def test_the_caller_hangs_up(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(2.0, None)]))
    assert done.ended.outcome is Outcome.ABANDONED
    assert 1.9 < done.ended.seconds < 2.1


async def test_a_recognizer_that_fails_brings_the_caller_to_a_person(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (12.0, 1.0), (25.0, 1.0)])
    done = await hold(tmp_path, line, *[ModelError("the model is damaged")] * 3)
    assert done.of(Trouble)
    assert done.ended.outcome in (Outcome.HANDED_OFF, Outcome.ABANDONED)


async def test_a_voice_that_fails_does_not_end_the_call(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "billing", prompts=Tones(VoiceError("no voice")))
    assert done.of(Trouble)
    assert done.ended.outcome is Outcome.ROUTED


async def test_a_refused_transfer_goes_to_a_person(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)], accepts=False), "billing")
    assert done.of(ActionFailed)
    assert done.ended.outcome is Outcome.HANDED_OFF
    assert done.queue.requests[0].reason is Reason.TROUBLE


async def test_a_handoff_is_in_the_queue_before_the_caller_is_told(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "let me talk to a person please")
    queued = done.of(HandedOff)[0][0]
    told = next(at for at, event in done.of(PromptStarted) if at > 3.5)
    assert queued <= told
    request = done.queue.requests[0]
    assert [turn.who for turn in request.transcript] == ["desk", "caller"]
    assert request.waited > 3.0 and request.caller == "+4420"


async def test_a_queue_that_fails_is_told_and_the_call_still_ends(tmp_path: Path) -> None:
    full = StateError("no space left on the disk")
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "operator", queue=Queue(full))
    assert done.of(ActionFailed) and done.of(Trouble)
    assert not done.of(HandOff)
    assert done.ended.outcome is Outcome.FAILED


async def test_a_caller_who_leaves_while_being_passed_on_is_still_in_the_queue(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (5.0, None)])
    done = await hold(tmp_path, line, "operator", prompts=Tones(seconds=4.0))
    assert len(done.queue.requests) == 1


async def test_danger_over_a_prompt_silences_it_and_is_in_the_queue_at_once(tmp_path: Path) -> None:
    desk = f"{DESK}no_barge_in: [greeting]\n"
    long = Tones(seconds=6.0)
    done = await hold(tmp_path, Talker([(1.0, 1.0)]), "he's not breathing", prompts=long, desk=desk)
    assert done.of(HandedOff)[0][0] <= 2.0 + 0.5
    assert done.of(PromptEnded)[0][1].interrupted
    (request,) = done.queue.requests
    assert (request.priority, request.reason) == (0, Reason.EMERGENCY)
    assert [number for number, _ in done.queue.updates] == [1]  # the handoff itself: the same request
    assert done.ended.outcome is Outcome.HANDED_OFF


async def test_danger_while_somebody_else_is_called(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (8.0, 1.0)], paced=True, answer_after=60.0)
    done = await hold(tmp_path, line, "billing please", "please call an ambulance")
    assert done.queue.requests[0].reason is Reason.EMERGENCY
    assert done.ended.outcome is Outcome.HANDED_OFF


async def test_who_was_alerted_need_not_come_when_the_caller_is_with_somebody(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "there is a fire", desk=URGENT_ROUTE)
    assert (done.ended.outcome, done.ended.detail) == (Outcome.ROUTED, "billing")
    assert done.of(HandedOff)[0][0] < done.of(Transferred)[0][0]
    assert done.queue.settled == [(1, "billing")]


async def test_a_failed_alert_is_tried_again_by_the_handoff(tmp_path: Path) -> None:
    full = StateError("no space left on the disk")
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "there is a fire", queue=Queue(full))
    assert len(done.of(Trouble)) == 2 and len(done.of(ActionFailed)) == 1


async def test_keys_are_heard_beside_speech(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(2.5, "0")]))
    assert done.ended.outcome is Outcome.HANDED_OFF


async def test_the_time_limit_brings_the_caller_to_a_person(tmp_path: Path) -> None:
    talks = Talker([(float(at), 1.0) for at in range(3, 200, 6)])
    done = await hold(tmp_path, talks, *["when are you open"] * 40, limits=CallLimits(seconds=20.0))
    assert done.ended.outcome is Outcome.HANDED_OFF
    assert done.ended.seconds < 50


async def test_nobody_is_transferred_in_the_middle_of_their_words(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0), (4.8, 2.0)]), "billing please", "about my last bill")
    assert done.of(Transferred)[0][0] > 6.8
    assert done.ended.outcome is Outcome.ROUTED


async def test_a_no_while_it_is_announced_stops_the_transfer(tmp_path: Path) -> None:
    talks = Talker([(3.0, 1.0), (4.8, 0.8), (12.0, 1.0)])
    done = await hold(tmp_path, talks, "billing please", "no", "when are you open")
    assert not done.of(Transferred)
    assert done.ended.outcome is Outcome.ANSWERED


async def test_what_is_known_goes_along_with_the_transfer(tmp_path: Path) -> None:
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "billing please")
    (context,) = done.line.contexts
    assert context.headers() == {"X-IVR-Call": "call-1", "X-IVR-Reason": "Wants billing."}


async def test_the_call_goes_on_while_somebody_else_is_called(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (8.0, "5")], paced=True, answer_after=9.0)
    done = await hold(tmp_path, line, "billing please")
    assert 9.0 <= done.of(Transferred)[0][0] < 9.1
    assert not done.of(KeyPressed)
    assert len(line.sent) == round(done.ended.seconds / 0.02), "a frame for every tick"


async def test_a_caller_who_leaves_ends_the_attempt_to_pass_them_on(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (9.0, None)], paced=True, answer_after=1000.0)
    done = await hold(tmp_path, line, "billing please")
    assert not done.of(Transferred)
    assert done.ended.outcome is Outcome.ABANDONED


ORDERS = f"""{DESK}  status:
    label: the state of an order
    say: ["where is my order"]
    slots: {{order: {{type: digits, length: 6, ask: "Which number?", confirm: "{{order}}?"}}}}
    then: {{answer: "On its way."}}
"""


async def test_a_group_of_digits_that_reads_as_nothing_is_waited_on(tmp_path: Path) -> None:
    caller = Talker([(3.0, 1.0), (7.0, 0.5), (8.2, 0.5)])
    done = await hold(tmp_path, caller, "where is my order", "four eight two nine one three", desk=ORDERS)
    spoken = done.of(SpeechEnded)
    assert len(spoken) == 2, "the pause of 0.7 s is inside the number"


async def test_thanks_over_a_prompt_do_not_stop_it(tmp_path: Path) -> None:
    caller = Talker([(3.0, 1.0), (5.0, 0.6)])
    done = await hold(tmp_path, caller, "when are you open", "thank you", prompts=Tones(seconds=4.0))
    assert [event.why for _, event in done.of(Backchannel)] == [Resumption.BACKCHANNEL]
    assert done.of(PromptResumed)


COUNTING = """
name: Small desk
language: en-US
greeting: Hello.
start: push
stay: {say: [Here.]}
intents:
  push:
    label: pushing
    urgent: yes
    alert: rescue
    then:
      - count: {words: [push, two], per_minute: 110, times: 5}
      - stay: {say: [Go on.], after: 2}
  again:
    label: breathing again
    say: ["he is breathing again"]
    confirm: never
    then: {say: "Well done."}
"""


async def test_who_counts_along_does_not_stop_the_rhythm(tmp_path: Path) -> None:
    talker = Talker([(10.0, 2.0), (14.0, 1.5), (17.5, None)])
    words = ("push two push two push two", "his name is John Miller and he is sixty")
    done = await hold(tmp_path, talker, *words, prompts=Tones(seconds=9.0), desk=COUNTING)
    assert not done.of(PromptPaused)
    assert [event.name for _, event in done.of(PromptEnded)] == ["greeting"], (
        "it goes on to the end of the call"
    )
    assert [event.heard.text for _, event in done.of(Backchannel)] == list(words)


async def test_what_means_something_stops_the_rhythm(tmp_path: Path) -> None:
    talker = Talker([(10.0, 1.0)])
    done = await hold(tmp_path, talker, "he is breathing again", prompts=Tones(seconds=7.0), desk=COUNTING)
    counted = next(event for _, event in done.of(PromptEnded) if "count" in event.name)
    assert counted.interrupted and counted.heard < 6.0
    assert "Well done." in [event.text for _, event in done.of(PromptStarted)]

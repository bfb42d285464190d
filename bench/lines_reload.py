"""What callers notice while a large desk is learned anew beside them: 150 intents of 100 sentences."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

import httpx
from ruamel.yaml import YAML

from bench.labelled import DATA, labelled_set
from bench.lines_wait import answers, sample_callers, served
from bench.report import Result, percentile

CALLERS = 6
BEFORE_SECONDS = 40.0
LONGEST_SECONDS = 120.0
_LINE = """
desks = {{ "999" = "{desk}" }}
"""


async def reload(_: argparse.Namespace) -> list[Result]:
    """Callers one after another on six telephones, before and while the desk is learned."""
    if not DATA.is_dir():
        return []
    with served(more=_desk) as at:
        waits: list[tuple[float, float]] = []
        going = [asyncio.create_task(_calls(at.sip, number, waits)) for number in range(CALLERS)]
        await asyncio.sleep(BEFORE_SECONDS)
        changed = time.monotonic()
        with (at.folder / "large" / "said.jsonl").open("a") as file:
            file.write(json.dumps({"text": "and one sentence more", "intent": "balance"}) + "\n")
        while "desk large is reloaded" not in (text := at.log.read_text()).replace(str(at.folder) + "/", ""):
            if time.monotonic() - changed > LONGEST_SECONDS:
                raise SystemExit(text)
            await asyncio.sleep(0.1)
        done = time.monotonic()
        for task in going:
            task.cancel()
        async with httpx.AsyncClient() as client:
            line = (await client.get(f"http://127.0.0.1:{at.http}/readyz")).json()["lines"][0]
    before = [wait for when, wait in waits if when < changed]
    beside = [wait for when, wait in waits if changed <= when <= done]
    what = f"{CALLERS} conversations beside a reload of 15,000 sentences"
    return [
        Result(f"{what}: from the change to the new desk", done - changed, "s"),
        Result(f"{what}: caller's wait before, median of {len(before)}", percentile(before, 0.5), "s"),
        Result(f"{what}: caller's wait before, p95", percentile(before, 0.95), "s"),
        Result(f"{what}: caller's wait meanwhile, median of {len(beside)}", percentile(beside, 0.5), "s"),
        Result(f"{what}: caller's wait meanwhile, p95", percentile(beside, 0.95), "s"),
        Result(f"{what}: frames that came too late to be sent", line["numbers"]["frames_starved"], ""),
    ]


async def _calls(port: int, number: int, waits: list[tuple[float, float]]) -> None:
    said = sample_callers()
    await asyncio.sleep(number)
    while True:
        number += CALLERS
        for wait in await answers(port, said[number % len(said)]):
            waits.append((time.monotonic(), wait))


def _desk(folder: Path) -> str:
    """A desk of all sentences in `folder`; the line of the settings that names it."""
    place = folder / "large"
    place.mkdir()
    intents = labelled_set("clinc150").vocabulary.intents
    with (place / "said.jsonl").open("w") as file:
        for intent in intents:
            for text in intent.examples:
                file.write(json.dumps({"text": text, "intent": intent.name}) + "\n")
    desk = {
        "name": "Large",
        "language": "en-US",
        "greeting": "Hello.",
        "intents": {
            one.name: {"examples": "said.jsonl", "then": {"answer": "That is known."}} for one in intents
        },
    }
    with (place / "desk.yaml").open("w") as file:
        YAML().dump(desk, file)
    return _LINE.format(desk=place)

"""A real browser and a real call: log in, accept, speak and hear, end, write up, beside ``ivr serve``."""

from __future__ import annotations

import asyncio
import json
import time

import numpy as np
import pytest
from axe_playwright_python.async_playwright import Axe
from browser_tools import (
    HEARD,
    Served,
    heard_by,
    likeness,
    log_in,
    needs_chromium,
    say_to,
    sweep,
    waiting_caller,
)
from playwright.async_api import Browser

pytestmark = needs_chromium


async def test_an_operator_talks_with_a_caller_in_the_browser(served: Served, browser: Browser) -> None:
    page = await log_in(browser, served, "ann")
    await page.keyboard.press("r")
    await page.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await page.wait_for_selector("#offer:not([hidden])")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#mute:not([hidden])")
    before = len(caller.heard)
    await say_to(page, caller)
    await page.wait_for_selector("[data-heard=enough]")
    ours = heard_by(await page.evaluate(HEARD))
    assert likeness(ours, sweep(500, 3_000)) >= 0.9
    assert likeness(np.concatenate(caller.heard[before:]), sweep(3_000, 500)) >= 0.9
    await page.keyboard.press("e")
    await asyncio.wait_for(caller.over.wait(), 10)
    await page.wait_for_selector("#doing:has-text('writing up')")
    await page.select_option("#disposition", "settled")
    await page.fill("#notes", "all well")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#doing:has-text('available')")
    await caller.hang_up()
    await page.context.close()
    events = sorted((served.folder / "state" / "calls").glob("*/*/events.jsonl"))[-1].read_text("utf-8")
    names = [json.loads(line)["event"] for line in events.splitlines()]
    people = [name for name in names if name.startswith("Person")]
    assert people == ["PersonJoined", "PersonLeft", "PersonDone"]


async def test_a_browser_that_dies_gives_its_caller_back(served: Served, browser: Browser) -> None:
    page = await log_in(browser, served, "bob")
    await page.keyboard.press("r")
    caller = await waiting_caller(served)
    await page.wait_for_selector("#offer:not([hidden])")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#mute:not([hidden])")
    await page.context.close()
    died = time.monotonic()
    other = await log_in(browser, served, "ann")
    await other.wait_for_selector("#line .tag.urgent:has-text('was cut off')")
    assert time.monotonic() - died < 10
    assert not caller.over.is_set()
    await caller.hang_up()
    await other.wait_for_selector("#line-empty:not([hidden])")


async def test_a_supervisor_listens_in(served: Served, browser: Browser) -> None:
    page = await log_in(browser, served, "ann")
    await page.keyboard.press("r")
    caller = await waiting_caller(served)
    await page.wait_for_selector("#offer:not([hidden])")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#mute:not([hidden])")
    await page.keyboard.press("m")  # the operator's own voice is heard by nobody now
    await page.wait_for_selector("#mute[aria-pressed=true]")
    boss = await log_in(browser, served, "sam")
    await boss.goto(f"{served.console}/console/supervisor")
    await boss.click("button:has-text('Listen in')")
    await boss.wait_for_selector("[data-heard]")
    await say_to(boss, caller)
    await boss.wait_for_selector("[data-heard=enough]")
    assert likeness(heard_by(await boss.evaluate(HEARD)), sweep(500, 3_000)) >= 0.9
    await caller.hang_up()
    await page.wait_for_selector("#doing:has-text('writing up')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_use_the_pages(served: Served, browser: Browser, scheme: str) -> None:
    """axe-core finds nothing serious; it must be put into the page, which its policy would not allow."""
    page = await log_in(browser, served, "sam", bypass_csp=True, color_scheme=scheme)
    await page.keyboard.press("r")
    await page.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await page.wait_for_selector("#offer:not([hidden])")

    async def nothing_grave(where: str) -> None:
        found = await Axe().run(page)
        grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert not grave, (where, grave)

    for path in ("", "/supervisor", "/cases"):
        await page.goto(f"{served.console}/console{path}")
        await page.wait_for_selector("#line li, #waiting tr, #list li")
        await nothing_grave(path)
    await page.goto(f"{served.console}/console")
    await page.click("#accept:visible, [data-take]:visible")  # the offer may have rung out meanwhile
    await page.wait_for_selector("#mute:not([hidden])")
    for key, dialog in (("t", "#pass"), ("k", "#keypad"), ("?", "#keys")):
        await page.keyboard.press(key)
        await page.wait_for_selector(f"{dialog}[open]")
        await nothing_grave(dialog)
        await page.keyboard.press("Escape")
        await page.wait_for_selector(dialog, state="hidden")
    await caller.hang_up()
    await page.context.close()

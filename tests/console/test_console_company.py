"""Two operators in real browsers and one real call: bring in, leave, hand over, pass on, keypad."""

from __future__ import annotations

import asyncio

import numpy as np
from browser_tools import (
    HEARD,
    LISTEN,
    Caller,
    Served,
    heard_by,
    likeness,
    log_in,
    needs_chromium,
    say_to,
    sweep,
    waiting_caller,
)
from playwright.async_api import Browser, Page, Route

from ivr.media.dtmf import DtmfDetector

pytestmark = needs_chromium


async def accepted(page: Page) -> None:
    await page.wait_for_selector("#offer:not([hidden])")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#mute:not([hidden])")


async def hears_the_caller(page: Page, caller: Caller) -> None:
    await say_to(page, caller)
    await page.wait_for_selector("[data-heard=enough]")
    assert likeness(heard_by(await page.evaluate(HEARD)), sweep(500, 3_000)) >= 0.9


async def write_up(page: Page, disposition: str = "settled") -> None:
    await page.wait_for_selector("#doing:has-text('writing up')")
    await page.select_option("#disposition", disposition)
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#doing:has-text('available')")


async def test_a_colleague_is_brought_in_and_goes_on(served: Served, browser: Browser) -> None:
    ann, bob = await log_in(browser, served, "ann"), await log_in(browser, served, "bob")
    await ann.keyboard.press("r")
    await ann.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await accepted(ann)
    await bob.keyboard.press("r")
    await bob.wait_for_selector("#doing:has-text('available')")
    await ann.keyboard.press("t")
    await ann.click("[data-ask=bob]")
    await bob.wait_for_selector("#offer-title:has-text('ann asks you in')")
    await accepted(bob)
    await ann.wait_for_selector("#company:has-text('With you: bob.')")
    # All three: bob hears the caller, the caller hears bob when ann is silent.
    await ann.keyboard.press("m")
    await ann.wait_for_selector("#mute[aria-pressed=true]")
    before = len(caller.heard)
    await hears_the_caller(bob, caller)
    assert likeness(np.concatenate(caller.heard[before:]), sweep(3_000, 500)) >= 0.9
    # Ann's notes go with the caller, ann is free, and bob ends the call.
    await ann.fill("#notes", "wants a copy")
    await ann.click("#leave")
    await ann.wait_for_selector("#doing:has-text('available')")
    await bob.wait_for_selector("#end:not([hidden])")
    await bob.keyboard.press("e")
    await asyncio.wait_for(caller.over.wait(), 10)
    await write_up(bob)
    await bob.goto(f"{served.console}/console/cases")
    await bob.click("#list li button")
    await bob.wait_for_selector(".steps:has-text('handed over, bob (by ann)')")
    await caller.hang_up()
    for page in (ann, bob):
        await page.context.close()


async def test_handed_over_to_a_colleague(served: Served, browser: Browser) -> None:
    ann, bob = await log_in(browser, served, "ann"), await log_in(browser, served, "bob")
    await ann.keyboard.press("r")
    await ann.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await accepted(ann)
    await bob.keyboard.press("r")
    await bob.wait_for_selector("#doing:has-text('available')")
    await ann.fill("#notes", "wants a copy")
    await ann.click("#pass-on")
    await ann.click("[data-give=bob]")
    await accepted(bob)
    await ann.wait_for_selector("#doing:has-text('available')")
    assert await bob.input_value("#notes") == "wants a copy"
    await hears_the_caller(bob, caller)
    await bob.keyboard.press("e")
    await asyncio.wait_for(caller.over.wait(), 10)
    await write_up(bob)
    await caller.hang_up()
    for page in (ann, bob):
        await page.context.close()


async def test_passed_on_to_a_queue_with_keys_before(served: Served, browser: Browser) -> None:
    ann, bob = await log_in(browser, served, "ann"), await log_in(browser, served, "bob")
    await ann.keyboard.press("r")
    await ann.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await accepted(ann)
    before = len(caller.heard)
    await ann.keyboard.press("m")
    await ann.wait_for_selector("#mute[aria-pressed=true]")
    await ann.keyboard.press("k")
    for key in "42#":
        await ann.keyboard.press(key)
    await ann.wait_for_selector("#keypad-pressed:has-text('42#')")
    detector, found, heard = DtmfDetector(8_000), "", before
    async with asyncio.timeout(10):
        while found != "42#":
            await caller.more(heard)
            fresh, heard = caller.heard[heard:], len(caller.heard)
            found += "".join(detector.feed(np.concatenate(fresh)))
    await ann.keyboard.press("Escape")
    await ann.wait_for_selector("#keypad", state="hidden")
    await bob.keyboard.press("r")
    await bob.wait_for_selector("#doing:has-text('available')")
    await ann.keyboard.press("t")
    await ann.click("[data-queue=other]")
    await ann.wait_for_selector("#doing:has-text('available')")
    await accepted(bob)
    await hears_the_caller(bob, caller)
    # To somebody outside: the dialplan behind AudioSocket asks where the call goes on.
    await bob.keyboard.press("t")
    await bob.keyboard.type("4711")
    await bob.keyboard.press("Enter")
    await asyncio.wait_for(caller.over.wait(), 10)
    await bob.wait_for_selector("#doing:has-text('available')")
    await caller.hang_up()
    for page in (ann, bob):
        await page.context.close()
    await asyncio.to_thread(served.hooks.some, "queue.ended")
    number = served.hooks.came[-1]["data"]["handoff"]
    told = await asyncio.to_thread(served.hooks.until, "queue.ended", number)
    assert sorted(told) == ["queue.connected", "queue.connected", "queue.ended", "queue.entered"]


async def test_a_supervisor_takes_over(served: Served, browser: Browser) -> None:
    page = await log_in(browser, served, "ann")
    await page.keyboard.press("r")
    await page.wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    await accepted(page)
    boss = await log_in(browser, served, "sam")
    await boss.goto(f"{served.console}/console/supervisor")
    await boss.click("button:has-text('Take over')")
    await boss.wait_for_selector("#mute:not([hidden])")
    await page.wait_for_selector("#doing:has-text('available')")
    await hears_the_caller(boss, caller)
    await caller.hang_up()
    await boss.wait_for_selector("#doing:has-text('writing up')")
    for one in (page, boss):
        await one.context.close()


async def test_two_pages_of_one_operator(served: Served, browser: Browser) -> None:
    """The voice is in one of them, and can be had in the other; the caller hears it once."""
    first = await log_in(browser, served, "ann")
    await first.keyboard.press("r")
    await first.wait_for_selector("#doing:has-text('available')")
    second = await first.context.new_page()
    await second.add_init_script(LISTEN)
    await second.goto(f"{served.console}/console")
    caller = await waiting_caller(served)
    await accepted(first)
    button = "#talk-here"
    # Whichever came second has it; the other one says so.
    loser, winner = first, second
    async with asyncio.timeout(20):
        while not await loser.query_selector(button):
            loser, winner = winner, loser
            await asyncio.sleep(0.1)  # noqa: ASYNC110 - either of two pages
    await hears_the_caller(winner, caller)
    await loser.click(button)
    await winner.wait_for_selector(button)
    await hears_the_caller(loser, caller)
    await caller.hang_up()
    await first.wait_for_selector("#doing:has-text('writing up')")
    await first.context.close()


async def test_a_button_stays_the_same_while_others_come_and_go(served: Served, browser: Browser) -> None:
    """Who presses while the line changes presses what they saw."""
    bob = await log_in(browser, served, "bob")
    await bob.keyboard.press("r")  # somebody is at work: callers hold the line
    await bob.wait_for_selector("#doing:has-text('available')")
    page = await log_in(browser, served, "ann")
    first = await waiting_caller(served)
    button = await page.wait_for_selector("#line li:has-text('rings bob') [data-take]")
    second = await waiting_caller(served)
    await page.wait_for_selector("#line li:nth-child(2)")
    assert await button.evaluate("it => it.isConnected")
    await first.hang_up()
    await page.wait_for_selector("#line li:nth-child(2)", state="detached")
    assert not await button.evaluate("it => it.isConnected")
    await second.hang_up()
    for one in (page, bob):
        await one.context.close()


async def test_two_operators_race_for_one_caller(served: Served, browser: Browser) -> None:
    """Both press Take at the same moment: one has the caller, the other is told."""
    pages = [await log_in(browser, served, name) for name in ("ann", "bob")]
    await pages[0].keyboard.press("r")
    await pages[0].wait_for_selector("#doing:has-text('available')")
    caller = await waiting_caller(served)
    for page in pages:
        await page.wait_for_selector("#line [data-take], #offer:not([hidden])")
    await pages[0].keyboard.press("Escape")
    await pages[0].wait_for_selector("#line [data-take]")
    both = asyncio.Barrier(2)

    async def at_once(route: Route) -> None:
        await both.wait()  # neither is told of the other's before both have pressed
        await route.continue_()

    for page in pages:
        await page.route("**/take", at_once)
    await asyncio.gather(*(page.click("#line [data-take]") for page in pages))
    for page in pages:
        await page.wait_for_selector("#mute:not([hidden]), #said:not([hidden])")
    told = [await page.inner_text("#said") for page in pages]
    talks = [await page.is_visible("#mute") for page in pages]
    assert sorted(talks) == [False, True]
    assert "taken by another" in told[talks.index(False)]
    await caller.hang_up()
    for page in pages:
        await page.context.close()

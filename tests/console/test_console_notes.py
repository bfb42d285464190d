"""Notes at the operator's page: kept while they are written, whatever comes before they are finished."""

from __future__ import annotations

from typing import Any

from browser_tools import PASSWORD, needs_chromium
from playwright.async_api import Browser, Page, expect

from ivr.handoff.queue import State
from ivr.meaning import SlotValue

Console = Any  # conftest.Console

pytestmark = needs_chromium
NOTES = "The neighbour opens the door."


async def at_work(browser: Browser, console: Console) -> Page:
    page = await (await browser.new_context(viewport={"width": 1280, "height": 720})).new_page()
    await page.goto(f"{console.url}/console")
    await page.fill("[name=name]", "ann")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await page.wait_for_selector("#doing:not(:empty)")
    return page


async def talk_about(page: Page, number: int) -> None:
    await page.click(f"[data-take='{number}']")
    await expect(page.locator("#notes-of")).to_have_text(f"of case {number}")


async def test_notes_outlive_the_time_for_them_and_the_next_caller(
    browser: Browser, console: Console
) -> None:
    first, second = console.enqueue(want="A broken lamp"), console.enqueue(want="Another lamp")
    for number in (first, second):
        await console.floor.enter(number, on_line=False)
    page = await at_work(browser, console)
    await talk_about(page, first)
    async with page.expect_response("**/notes"):  # without a click: they are kept while they are written
        await page.fill("#notes", NOTES)
    assert console.store.get(first).notes == NOTES
    await page.click("#end")
    await page.click("#ready")  # the time for notes is over, and nothing is finished
    await expect(page.locator("#notes")).to_have_value(NOTES)
    await expect(page.locator("#finish")).to_be_enabled()
    await expect(page.locator("#offer")).to_be_visible()
    await page.click("#accept")
    await expect(page.locator("#notes-of")).to_have_text(f"of case {second}")
    await expect(page.locator("#notes")).to_have_value("")
    waits = page.locator(f"[data-write='{first}']")
    await expect(waits).to_contain_text("A broken lamp")
    await expect(waits).to_be_disabled()  # not in the middle of a conversation
    await page.select_option("#disposition", "settled")
    async with page.expect_response("**/write-up"):
        await page.click("#finish")
    await waits.click()
    await expect(page.locator("#notes")).to_have_value(NOTES)
    await page.select_option("#disposition", "passed on")
    async with page.expect_response("**/write-up"):
        await page.click("#finish")
    await expect(page.locator("#unwritten")).to_be_hidden()
    done = console.store.get(first)
    assert (done.state, done.disposition, done.notes) == (State.DONE, "passed on", NOTES)
    assert console.store.get(second).disposition == "settled"


async def test_two_pages_of_one_operator_lose_no_notes(browser: Browser, console: Console) -> None:
    number = console.enqueue()
    await console.floor.enter(number, on_line=False)
    first = await at_work(browser, console)
    second = await first.context.new_page()
    await second.goto(f"{console.url}/console")
    await talk_about(first, number)
    await expect(second.locator("#notes-of")).to_have_text(f"of case {number}")
    async with second.expect_response("**/notes"):
        await second.fill("#notes", NOTES)
    await first.select_option("#disposition", "settled")
    async with first.expect_response("**/write-up"):
        await first.click("#finish")
    assert console.store.get(number).notes == NOTES
    await expect(second.locator("#notes")).to_have_value("")


async def test_what_nobody_has_said_is_shown_as_such(browser: Browser, console: Console) -> None:
    facts = (
        SlotValue("place", "12|Quay Street|Port Alder", "twelve Quay Street", 0.9),
        SlotValue("breathing", "no", "", 0.5),
        SlotValue("callback", "", "", 1.0),
    )
    number = console.enqueue(slots=facts)
    await console.floor.enter(number, on_line=False)
    page = await at_work(browser, console)
    await talk_about(page, number)
    shown = page.locator("#case dl.facts").nth(1)
    await expect(shown).to_contain_text("12, Quay Street, Port Alder said “twelve Quay Street”, 90 % sure")
    await expect(shown).to_contain_text("no nobody said so: assumed")
    await expect(shown).to_contain_text("no answer")
    await page.keyboard.press("t")
    await page.keyboard.press("Enter")  # passes nobody on
    await expect(page.locator("#pass")).to_be_hidden()
    await expect(page.locator("#doing")).to_have_text("talking")

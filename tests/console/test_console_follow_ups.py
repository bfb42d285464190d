"""Follow-ups in the console: who sees what, what can be done about one, and the page by keyboard."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from browser_tools import PASSWORD, needs_chromium
from playwright.async_api import Browser, Page

from ivr.handoff.followup import FollowUpState
from ivr.handover import FollowUpKind, FollowUpRequest
from ivr.meaning import SlotValue

Console = Any  # conftest.Console

SHOTS = os.environ.get("IVR_TEST_SCREENSHOTS")
"""A folder for pictures of the pages, to be looked at."""


def promise(console: Console, **more: Any) -> int:
    """A call-back for billing, due an hour ago."""
    now = datetime.now(UTC)
    hours = more.pop("hours", -1.0)
    values: dict[str, Any] = {
        "call_id": "call-1",
        "desk": "company",
        "queue": "billing",
        "kind": FollowUpKind.CALL_BACK,
        "what": "Call back about a bill that was charged twice",
        "made": (now - timedelta(hours=5)).isoformat(timespec="seconds"),
        "due": "" if hours is None else (now + timedelta(hours=hours)).isoformat(timespec="seconds"),
        "caller": "+442079460123",
        "contact": "02079460123",
        "slots": (SlotValue("invoice", "482913", "four eight two nine one three", 0.9),),
    }
    return console.store.promise(FollowUpRequest(**(values | more)))


async def asked(person: ClientSession, path: str, body: object = None) -> tuple[int, Any]:
    """GET, or POST with a body."""
    url = f"/api/v1/follow-ups{path}"
    async with person.get(url) if body is None else person.post(url, json=body) as answer:
        return answer.status, await answer.json()


def numbers(found: tuple[int, Any]) -> list[int]:
    assert found[0] == 200, found
    return [one["id"] for one in found[1]]


async def test_each_sees_those_of_their_queues_overdue_first(console: Console) -> None:
    later, late = promise(console, hours=2), promise(console)
    sales = promise(console, queue="sales", kind=FollowUpKind.TICKET, hours=None, what="Send a catalogue")
    async with console.person("ann") as ann, console.person("bob") as bob:
        assert numbers(await asked(ann, "")) == [late, later]
        assert numbers(await asked(bob, "")) == [late, later, sales]
        assert numbers(await asked(bob, "?show=overdue")) == [late]
        assert numbers(await asked(bob, "?kind=ticket")) == [sales]
        assert numbers(await asked(bob, "?queue=billing&q=charged")) == [late, later]
        assert numbers(await asked(ann, "?queue=sales")) == []
        assert (await asked(bob, "?show=nonsense"))[0] == 422
        hidden, missing = await asked(ann, f"/{sales}"), await asked(ann, "/999")
        assert (hidden[0], missing[0]) == (404, 404)
        assert hidden[1]["detail"].replace(str(sales), "999") == missing[1]["detail"]
        for step in ("take", "reopen", "note", "settle", "reassign", "postpone"):
            body = {
                "note": {"note": "x"},
                "reassign": {"owner": "ann"},
                "postpone": {"due": "2026-01-01T00:00Z"},
            }
            assert (await asked(ann, f"/{sales}/{step}", body.get(step, {})))[0] == 404
        _, state = await asked(ann, f"/{late}")
        assert (state["overdue"], state["contact"], state["slots"][0]["value"]) == (
            True,
            "02079460123",
            "482913",
        )


async def test_the_way_of_one(console: Console) -> None:
    number = promise(console)
    async with console.person("ann") as ann, console.person("bob") as bob, console.person("sam") as sam:
        status, told = await asked(ann, f"/{number}/take", {})
        assert (status, told["owner"], told["state"]) == (200, "ann", "in progress")
        assert (await asked(bob, f"/{number}/take", {}))[0] == 409
        assert (await asked(bob, f"/{number}/settle", {}))[1]["detail"] == "the follow-up is ann's"
        assert (await asked(bob, f"/{number}/note", {"note": "knows the customer"}))[0] == 200
        assert numbers(await asked(ann, "?show=mine")) == [number]
        assert (await asked(ann, f"/{number}/owners"))[1] == ["ada", "ann", "bob", "sam"]
        assert (await asked(ann, f"/{number}/reassign", {"owner": "nobody"}))[0] == 409
        assert (await asked(ann, f"/{number}/reassign", {"owner": "bob"}))[1]["owner"] == "bob"
        due = datetime.now(UTC) + timedelta(hours=3)
        status, told = await asked(bob, f"/{number}/postpone", {"due": due.isoformat()})
        assert (status, told["overdue"], told["due"]) == (200, False, pytest.approx(due.timestamp(), abs=1))
        assert (await asked(bob, f"/{number}/postpone", {"due": "2026-05-03T12:00:00"}))[
            0
        ] == 422  # of where?
        status, told = await asked(bob, f"/{number}/settle", {"state": "missed", "outcome": "moved away"})
        assert (told["state"], told["outcome"], told["open"]) == ("missed", "moved away", False)
        assert numbers(await asked(ann, "?show=settled")) == [number]
        assert (await asked(sam, f"/{number}/reopen", {}))[1]["state"] == "open"
        kinds = [step["kind"] for step in (await asked(sam, f"/{number}"))[1]["steps"]]
        assert kinds == ["made", "taken", "noted", "reassigned", "postponed", "missed", "reopened"]
    about = [line.about for line in console.accounts.remembered() if line.who == "bob"]
    assert f"follow-up {number}: missed" in about


async def test_an_agreed_call_back_leaves_the_waiting_line(console: Console) -> None:
    waiting = console.enqueue()
    await console.floor.enter(waiting, on_line=False)
    number = promise(console, call_id="call-1")
    async with console.person("bob") as bob:
        assert (await asked(bob, f"/{number}"))[1]["handoff"] == waiting
        await asked(bob, f"/{number}/settle", {"outcome": "explained"})
        assert waiting not in console.floor.distributor.floor.entries


async def test_pages_know_how_many_are_overdue(console: Console) -> None:
    number, _, _ = promise(console), promise(console, hours=2), promise(console, queue="sales")
    async with console.person("ann") as ann:
        await asked(ann, f"/{number}/note", {"note": "counted at once, not in a while"})
        async with ann.ws_connect("/console/live") as page:
            told = {"open": 0}
            while told["open"] == 0:
                told = (await page.receive_json(timeout=10))["follow_ups"]
        assert told == {"open": 2, "overdue": 1}


async def log_in(browser: Browser, console: Console, name: str, **more: Any) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 720}, **more)
    page = await context.new_page()
    await page.goto(f"{console.url}/console/login")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await page.wait_for_url("**/console")
    await page.goto(f"{console.url}/console/follow-ups")
    return page


@needs_chromium
async def test_the_page_by_keyboard(console: Console, browser: Browser) -> None:
    late, later = promise(console), promise(console, hours=2, what="Tell Carl that the parts are there")
    page = await log_in(browser, console, "ann")
    await page.wait_for_selector("#follow-ups-count:has-text('2, 1 overdue')")
    assert await page.locator("#follow-ups li").first.get_attribute("class") == "overdue"
    await page.keyboard.press("j")
    await page.wait_for_selector(f"#one-title:has-text('Follow-up {late}')")
    await page.keyboard.press("t")
    await page.wait_for_selector("#take[disabled]")
    await page.keyboard.press("d")
    await page.keyboard.type("explained the bill")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#one:has-text('explained the bill')")
    await page.wait_for_selector("#follow-ups-count:has-text('1'):not(.overdue)")
    done = console.store.follow_ups.get(late)
    assert (done.state, done.owner, done.outcome) == (FollowUpState.DONE, "ann", "explained the bill")
    await page.keyboard.press("j")
    await page.wait_for_selector(f"#one-title:has-text('Follow-up {later}')")
    await page.keyboard.press("n")
    await page.keyboard.type("asked Carl")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector(".steps:has-text('asked Carl')")
    await page.keyboard.press("a")
    await page.wait_for_selector("#reassign[open]")
    await page.select_option("#owner", "sam")
    await page.click("#reassign button.main")
    await page.wait_for_selector("#one:has-text('in progress, sam')")
    await page.select_option("#show", "settled")
    await page.wait_for_selector("#follow-ups li.settled")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_use_the_page(console: Console, browser: Browser, scheme: str) -> None:
    late = promise(console)
    promise(console, hours=2, kind=FollowUpKind.MESSAGE, addressee="Carl Otto", what="The parts are there")
    promise(console, hours=30, kind=FollowUpKind.APPOINTMENT, queue="sales", what="A technician visits")
    promise(console, hours=None, kind=FollowUpKind.TICKET, what="Send the price list for schools")
    page = await log_in(browser, console, "sam", bypass_csp=True, color_scheme=scheme)
    await page.wait_for_selector("#follow-ups li")
    await page.keyboard.press("j")
    await page.wait_for_selector(f"#one-title:has-text('Follow-up {late}')")
    for key, dialog in (
        ("", "page"),
        ("d", "#settle"),
        ("a", "#reassign"),
        ("p", "#postpone"),
        ("?", "#keys"),
    ):
        if key:
            await page.keyboard.press(key)
            await page.wait_for_selector(f"{dialog}[open]")
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"follow-ups-{scheme}-{dialog.strip('#')}.png")
        found = await Axe().run(page)
        grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert not grave, (dialog, grave)
        if key:
            await page.keyboard.press("Escape")
            await page.wait_for_selector(dialog, state="hidden")

"""A dispatch that did not arrive is on every page until somebody has told the centre."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from browser_tools import PASSWORD, needs_chromium
from playwright.async_api import Browser

from ivr.floor.feed import DISPATCH
from ivr.webhooks.outbox import Message

Console = Any  # conftest.Console

SHOTS = os.environ.get("IVR_TEST_SCREENSHOTS")


async def fails(console: Console, queue: str = "billing") -> int:
    """A dispatch that a centre does not take; the case."""
    data = {"handoff": 7, "queue": queue, "want": "EMERGENCY: my house is on fire"}
    (number,) = console.outbox.put([Message("control-room", DISPATCH, datetime.now(UTC), data)])
    console.outbox.failed(number, "HTTP 503")
    await console.dispatches.look(datetime.now(UTC))
    return int(number)


async def alarms(person: ClientSession) -> list[tuple[str, int]]:
    async with person.get("/api/v1/dispatches") as answer:
        return [(one["target"], one["handoff"]) for one in await answer.json()]


async def test_who_sees_it_and_who_ends_it(console: Console) -> None:
    await fails(console, "sales")
    body = {"target": "control-room", "handoff": 7}
    async with console.person("ann") as ann, console.person("bob") as bob:
        assert await alarms(ann) == []  # none of her queues
        assert await alarms(bob) == [("control-room", 7)]
        async with ann.post("/api/v1/dispatches/told", json=body) as answer:
            assert answer.status == 404
        async with bob.post("/api/v1/dispatches/told", json=body) as answer:
            assert (answer.status, await answer.json()) == (200, [])
        async with bob.post("/api/v1/dispatches/told", json=body) as answer:
            assert answer.status == 404
    assert console.accounts.remembered()[0].about == "case 7: control-room was told by telephone"


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_on_every_page(console: Console, browser: Browser, scheme: str) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 720}, bypass_csp=True, color_scheme=scheme
    )
    page = await context.new_page()
    await page.goto(f"{console.url}/console/login")
    await page.fill("[name=name]", "sam")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await page.wait_for_url("**/console")
    await page.wait_for_selector("#doing:not(:empty)")
    await fails(console)
    await page.wait_for_selector("#alarms:has-text('Dispatch not delivered to control-room')")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"dispatch-{scheme}.png")
    found = await Axe().run(page)
    grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert not grave, grave
    await page.goto(f"{console.url}/console/follow-ups")
    await page.click("#alarms button")
    await page.wait_for_selector("#alarms", state="hidden")
    assert console.outbox.waiting() == ()

"""The console over real sockets: who gets in, what they may, and what comes of it."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType

from ivr.handoff.operators import Doing
from ivr.handoff.queue import State, StepKind

Console = Any  # conftest.Console


async def post(browser: ClientSession, path: str, body: object = None) -> tuple[int, Any]:
    async with browser.post(f"/api/v1{path}", json={} if body is None else body) as answer:
        return answer.status, await answer.json()


async def get(browser: ClientSession, path: str) -> tuple[int, Any]:
    async with browser.get(f"/api/v1{path}") as answer:
        return answer.status, await answer.json()


async def test_from_offer_to_disposition(console: Console) -> None:
    number = await console.enter()
    async with console.person("ann") as ann:
        status, state = await post(ann, "/me/ready")
        assert (status, state["me"]["doing"]) == (200, "ringing")
        assert (state["offer"]["id"], state["offer"]["want"]) == (number, "A question about a bill")
        status, case = await post(ann, f"/handoffs/{number}/accept")
        assert status == 200
        assert [turn["text"] for turn in case["transcript"]] == ["Hello", "my bill is wrong"]
        assert case["slots"][0]["value"] == "482913"
        status, state = await post(ann, f"/handoffs/{number}/end")
        assert state["me"]["doing"] == "wrapping up"
        done = {"disposition": "settled", "notes": "sent a copy"}
        status, state = await post(ann, f"/handoffs/{number}/write-up", done)
        assert (status, state["me"]["doing"]) == (200, "ready")
    kept = console.store.get(number)
    assert (kept.state, kept.operator, kept.disposition, kept.notes) == (
        State.DONE,
        "ann",
        "settled",
        "sent a copy",
    )
    deeds = {(line.who, line.deed.value, line.about) for line in console.accounts.remembered()}
    assert {("ann", "took", f"case {number}"), ("ann", "wrote up", f"case {number}: settled")} <= deeds


async def test_two_race_for_one_caller(console: Console) -> None:
    number = await console.enter(queue="sales")
    async with console.person("bob") as bob, console.person("sam") as sam:
        both = await asyncio.gather(*(post(one, f"/handoffs/{number}/take") for one in (bob, sam)))
        assert sorted(status for status, _ in both) == [200, 409]
    kinds = [step.kind for step in console.store.history(number)]
    assert kinds.count(StepKind.ACCEPTED) == 1


async def test_a_page_is_told_at_once_and_signs_its_operator_on(console: Console) -> None:
    operators = console.floor.distributor.floor.operators
    async with console.person("ann") as ann:
        async with ann.ws_connect("/console/live") as page:
            first = await page.receive_json(timeout=10)
            assert first["me"]["name"] == "ann"
            assert "ann" in operators
            await post(ann, "/me/ready")
            number = await console.enter()
            offer = None
            while offer is None:
                offer = (await page.receive_json(timeout=10))["offer"]
            assert offer["id"] == number
            await post(ann, f"/handoffs/{number}/accept")
        await console.eventually(
            lambda: console.store.history(number)[-1].kind is StepKind.RETURNED and "ann" not in operators
        )
    entry = console.floor.distributor.floor.entries[number]
    assert entry.returned


async def test_a_page_that_falls_silent_is_lost(console: Console) -> None:
    operators = console.floor.distributor.floor.operators
    async with console.person("ann") as ann, ann.ws_connect("/console/live", autoping=False) as page:
        await page.receive_json(timeout=10)
        assert "ann" in operators
        await console.eventually(lambda: "ann" not in operators)


async def test_a_second_tab_keeps_the_operator(console: Console) -> None:
    operators = console.floor.distributor.floor.operators
    async with console.person("ann") as ann, ann.ws_connect("/console/live") as one:
        await one.receive_json(timeout=10)
        async with ann.ws_connect("/console/live") as two:
            await two.receive_json(timeout=10)
        await asyncio.sleep(0.5)  # longer than the grace: what must not happen has had its time
        assert "ann" in operators


async def test_an_operator_sees_only_their_queues(console: Console) -> None:
    mine, other = await console.enter(), await console.enter(queue="sales")
    async with console.person("ann") as ann, console.person("sam") as sam:
        _, state = await get(ann, "/state")
        assert [row["id"] for row in state["waiting"]] == [mine]
        assert [queue["name"] for queue in state["queues"]] == ["billing"]
        hidden, missing = await get(ann, f"/handoffs/{other}"), await get(ann, "/handoffs/999")
        assert (hidden[0], missing[0]) == (404, 404)
        assert hidden[1]["detail"].replace(str(other), "999") == missing[1]["detail"]
        assert (await post(ann, f"/handoffs/{other}/take"))[0] == 404
        assert [one["id"] for one in (await get(ann, "/handoffs"))[1]] == [mine]
        assert {row["id"] for row in (await get(sam, "/state"))[1]["waiting"]} == {mine, other}


async def test_supervisors_move(console: Console) -> None:
    number = await console.enter()
    async with console.person("sam") as sam, console.person("bob") as bob:
        body = {"queue": "sales", "priority": 1}
        assert (await post(bob, f"/handoffs/{number}/move", body))[0] == 403
        assert (await post(sam, f"/handoffs/{number}/move", body))[0] == 200
        row = (await get(sam, "/state"))[1]["waiting"][0]
        assert (row["queue"], row["priority"]) == ("sales", 1)
        assert (await post(sam, f"/handoffs/{number}/move", body | {"priority": 77}))[0] == 422


async def test_another_operators_case_cannot_be_written_up(console: Console) -> None:
    number = await console.enter()
    async with console.person("bob") as bob, console.person("ann") as ann:
        await post(bob, f"/handoffs/{number}/take")
        status, _ = await post(ann, f"/handoffs/{number}/write-up", {"disposition": "x"})
        assert status == 403
        await post(ann, f"/handoffs/{number}/end")
        assert console.floor.distributor.floor.operators["bob"].doing is Doing.TALKING


async def test_the_audit_log_is_for_admins(console: Console) -> None:
    async with console.person("sam") as sam, console.person("ada") as ada:
        assert (await get(sam, "/audit"))[0] == 403
        status, lines = await get(ada, "/audit")
        assert status == 200
        assert "login" in {line["deed"] for line in lines}


async def test_a_program_with_a_token(console: Console) -> None:
    token = console.accounts.add_token("bob", "crm", now=datetime.now(UTC))
    number = await console.enter()
    async with console.person() as program:
        program.headers["Authorization"] = f"Bearer {token}"
        assert (await post(program, f"/handoffs/{number}/take"))[0] == 200
        assert console.store.get(number).operator == "bob"
        program.headers["Authorization"] = "Bearer ivr_forged"
        assert (await get(program, "/state"))[0] == 401
        async with program.get("/api/openapi.json") as answer:
            paths = (await answer.json())["paths"]
        assert "/api/v1/handoffs/{number}/accept" in paths


# --- bad input ---------------------------------------------------------------------------------------------


async def test_without_a_session(console: Console) -> None:
    async with console.person() as stranger:
        assert (await get(stranger, "/state"))[0] == 401
        async with stranger.get("/console", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/console/login")
        async with stranger.ws_connect("/console/live") as page:
            told = await page.receive(timeout=10)
            assert (told.type, page.close_code) == (WSMsgType.CLOSE, 4401)
        stranger.cookie_jar.update_cookies({"ivr_session": "forged"})
        assert (await get(stranger, "/state"))[0] == 401


async def test_without_the_csrf_value(console: Console) -> None:
    async with console.person("bob") as bob:
        for wrong in ("", "forged"):
            bob.headers["X-CSRF-Token"] = wrong
            assert (await post(bob, "/me/ready"))[0] == 403


async def test_a_page_of_another_site(console: Console) -> None:
    async with console.person("bob") as bob:
        async with bob.ws_connect("/console/live", headers={"Origin": "https://evil.example"}) as page:
            await page.receive(timeout=10)
            assert page.close_code == 4401
        form = {"name": "bob", "password": "correct horse battery"}
        async with bob.post("/console/login", data=form, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403


async def test_a_storm_of_wrong_passwords(console: Console) -> None:
    async with console.person() as thief:
        statuses = []
        for n in range(8):
            async with thief.post(
                "/console/login", data={"name": "ann", "password": f"guess number {n}"}
            ) as one:
                statuses.append(one.status)
                text = await one.text()
        assert statuses == [401] * 6 + [429] * 2
        assert "Please wait" in text
        right = {"name": "ann", "password": "correct horse battery"}
        async with thief.post("/console/login", data=right) as one:
            assert one.status == 429


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/me/away", {"reason": "x" * 1_000}, 422),
        ("/me/away", {"reason": "x", "more": 1}, 422),
        ("/handoffs/1/write-up", {"disposition": "settled", "notes": "x" * 10_000_000}, 413),
        ("/handoffs/1/write-up", {"disposition": "settled", "notes": "x" * 30_000}, 422),
        ("/handoffs/1/write-up", {"disposition": ""}, 422),
        ("/handoffs/0/take", {}, 404),
        ("/handoffs/99999999999999999999999/take", {}, 404),
        ("/handoffs/abc/take", {}, 422),
    ],
    ids=[
        "long reason",
        "unknown key",
        "10 MB",
        "long notes",
        "no disposition",
        "0",
        "huge number",
        "no number",
    ],
)
async def test_bodies_that_cannot_be(console: Console, path: str, body: object, status: int) -> None:
    await console.enter()
    data = io.BytesIO(json.dumps(body).encode())
    async with console.person("bob") as bob, bob.post(f"/api/v1{path}", data=data) as answer:
        assert answer.status == status
    assert console.store.get(1).state is State.WAITING


async def test_what_a_caller_says_is_text(console: Console) -> None:
    await console.enter(want="<script>alert(1)</script>", caller="<b>")
    async with console.person("ann") as ann:
        async with ann.get("/console") as page:
            text = await page.text()
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert page.headers["Cache-Control"] == "no-store"
        assert "alert(1)" not in text
        _, state = await get(ann, "/state")
        assert state["waiting"][0]["want"] == "<script>alert(1)</script>"


async def test_the_cookie_is_out_of_reach(console: Console) -> None:
    form = {"name": "ann", "password": "correct horse battery"}
    async with (
        console.person() as browser,
        browser.post("/console/login", data=form, allow_redirects=False) as answer,
    ):
        cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_logging_out_ends_the_session(console: Console) -> None:
    async with console.person("ann") as ann:
        csrf = ann.headers["X-CSRF-Token"]
        async with ann.post("/console/logout", data={"csrf": "forged"}):
            pass
        async with console.person("ann") as again:
            csrf = again.headers["X-CSRF-Token"]
            secret = next(cookie.value for cookie in again.cookie_jar if cookie.key == "ivr_session")
            async with again.post("/console/logout", data={"csrf": csrf}):
                pass
            again.cookie_jar.update_cookies({"ivr_session": secret})
            assert (await get(again, "/state"))[0] == 401


async def test_only_its_operator_decides_about_a_conversation(console: Console) -> None:
    async with console.person("bob") as bob, console.person("ada") as ada, console.person("sam") as sam:
        await bob.post("/api/v1/me/ready", json={})
        number = await console.enter(queue="sales")
        case = f"/api/v1/handoffs/{number}"
        async with bob.post(f"{case}/accept", json={}) as answer:
            assert answer.status == 200
        passed = {"queue": "billing"}
        for what, body in [("pass-on", passed), ("keys", {"keys": "1"}), ("ask", {"colleague": "ann"})]:
            async with ada.post(f"{case}/{what}", json=body) as answer:
                assert answer.status == 403
        async with sam.post(f"{case}/write-up", json={"disposition": "settled"}) as answer:
            assert (answer.status, (await answer.json())["detail"]) == (
                409,
                "bob still talks with the caller",
            )
        async with bob.post(f"{case}/take-over", json={}) as answer:
            assert answer.status == 403
        for body, status in [
            ({}, 422),
            ({"queue": "billing", "number": "1"}, 422),
            ({"number": "sip:x@y"}, 422),
            ({"queue": "nowhere"}, 409),
            ({"number": "4711"}, 409),  # the caller holds no line
        ]:
            async with bob.post(f"{case}/pass-on", json=body) as answer:
                assert answer.status == status, body
        async with bob.post(f"{case}/leave", json={}) as answer:
            assert answer.status == 409
        async with bob.post(f"{case}/ask", json={"colleague": "ann"}) as answer:
            assert (answer.status, (await answer.json())["detail"]) == (409, "ann is not free")
        async with bob.post(f"{case}/notes", json={"notes": "wants a copy"}) as answer:
            assert answer.status == 200
        async with bob.post(f"{case}/pass-on", json=passed) as answer:
            assert answer.status == 200
        handoff = console.store.get(number)
        assert (handoff.state, handoff.request.queue, handoff.notes) == (
            State.WAITING,
            "billing",
            "wants a copy",
        )
        async with bob.post(f"{case}/pass-on", json=passed) as answer:
            assert answer.status == 409


async def test_a_supervisor_takes_a_conversation_over(console: Console) -> None:
    async with console.person("bob") as bob, console.person("sam") as sam:
        await bob.post("/api/v1/me/ready", json={})
        number = await console.enter(queue="sales")
        await bob.post(f"/api/v1/handoffs/{number}/accept", json={})
        async with sam.post(f"/api/v1/handoffs/{number}/take-over", json={}) as answer:
            assert answer.status == 200
        assert console.store.get(number).operator == "sam"
        async with bob.get("/api/v1/state") as answer:
            assert (await answer.json())["me"]["doing"] == "ready"


async def test_a_colleague_sees_what_they_are_asked_into(console: Console) -> None:
    """ann serves billing only; asked into a conversation of sales, she sees its case, and not before."""
    async with console.person("bob") as bob, console.person("ann") as ann:
        await bob.post("/api/v1/me/ready", json={})
        number = await console.enter(queue="sales")
        case = f"/api/v1/handoffs/{number}"
        await bob.post(f"{case}/accept", json={})
        await ann.post("/api/v1/me/ready", json={})
        async with ann.get(case) as answer:
            assert answer.status == 404
        async with bob.post(f"{case}/ask", json={"colleague": "ann"}) as answer:
            assert answer.status == 200
        async with ann.get("/api/v1/state") as answer:
            assert (await answer.json())["offer"]["asked_by"] == "bob"
        async with ann.post(f"{case}/accept", json={}) as answer:
            assert answer.status == 200
        async with bob.get("/api/v1/state") as answer:
            talk = (await answer.json())["talk"]
            assert (talk["operator"], talk["guests"], talk["asked"]) == ("bob", ["ann"], [])
        await bob.post(f"{case}/leave", json={})
        assert console.store.get(number).operator == "ann"

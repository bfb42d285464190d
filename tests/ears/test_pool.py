"""The recognizer pool: order, bounds, failures, cancelling, closing. Events instead of sleeping."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ivr.ears.pool import RecognizerPool


@asynccontextmanager
async def pool_of(threads: int, waiting_jobs: int = 100) -> AsyncIterator[RecognizerPool]:
    pool = RecognizerPool(threads, waiting_jobs)
    try:
        yield pool
    finally:
        await pool.close()


def started(task: asyncio.Task[object], event: threading.Event) -> None:
    assert event.wait(5)
    assert not task.done()


async def task_of(pool: RecognizerPool, stream: object, job: Callable[[], object]) -> asyncio.Task[object]:
    """A job that is in the pool's queue when this returns."""
    task: asyncio.Task[object] = asyncio.create_task(pool.run(stream, job))
    await asyncio.sleep(0)
    return task


async def test_the_result_comes_back_from_another_thread() -> None:
    async with pool_of(1) as pool:
        assert await pool.run("call", threading.current_thread) is not threading.current_thread()


async def test_an_exception_reaches_who_asked_and_nobody_else() -> None:
    async with pool_of(1) as pool:
        bad = await task_of(pool, "call", lambda: 1 / 0)
        good = await task_of(pool, "call", lambda: 7)
        with pytest.raises(ZeroDivisionError):
            await bad
        assert await good == 7


async def test_jobs_of_one_stream_run_one_after_the_other_in_order() -> None:
    order: list[int] = []
    inside = threading.Lock()

    def job(n: int) -> Callable[[], None]:
        def work() -> None:
            assert inside.acquire(blocking=False), "two jobs of a stream at the same time"
            order.append(n)
            inside.release()

        return work

    async with pool_of(4) as pool:
        await asyncio.gather(*(pool.run("call", job(n)) for n in range(200)))
    assert order == list(range(200))


async def test_streams_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)
    async with pool_of(2) as pool:
        await asyncio.gather(pool.run("one", both.wait), pool.run("two", both.wait))


async def test_no_more_jobs_run_at_once_than_there_are_threads() -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    all_in = threading.Barrier(3, timeout=5)

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_in.wait()
        with lock:
            running -= 1

    async with pool_of(3) as pool:
        await asyncio.gather(*(pool.run(n, job) for n in range(9)))
    assert most == 3


async def test_whose_caller_waits_longest_is_served_first() -> None:
    order: list[str] = []
    go = threading.Event()
    async with pool_of(1) as pool:
        first = asyncio.create_task(pool.run("first", go.wait))
        await asyncio.sleep(0)
        waits = {"just paused": 30.0, "ended": 10.0, "ended before": 5.0, "paused": 20.0}
        tasks = [
            asyncio.create_task(pool.run(name, lambda name=name: order.append(name), since=since))
            for name, since in waits.items()
        ]
        settled = asyncio.create_task(pool.run("settled", lambda: order.append("settled"), later=True))
        await asyncio.sleep(0)
        asked = asyncio.create_task(pool.run("settled", lambda: order.append("asked"), since=7.0))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, *tasks, settled, asked)
    assert order == ["ended before", "settled", "asked", "ended", "paused", "just paused"]


async def test_a_stream_with_many_jobs_does_not_hold_up_another() -> None:
    order: list[str] = []
    go = threading.Event()
    async with pool_of(1) as pool:
        first = await task_of(pool, "long", go.wait)
        rest = [await task_of(pool, "long", lambda: order.append("long")) for _ in range(5)]
        other = await task_of(pool, "other", lambda: order.append("other"))
        go.set()
        await asyncio.gather(first, *rest, other)
    assert order.index("other") <= 1


async def test_a_full_queue_makes_callers_wait_and_loses_nothing() -> None:
    go = threading.Event()
    done: list[int] = []
    async with pool_of(1, waiting_jobs=2) as pool:
        blocker = await task_of(pool, 0, go.wait)
        tasks = [await task_of(pool, n, lambda n=n: done.append(n)) for n in range(1, 6)]  # type: ignore[misc]
        assert len(pool._jobs) == 2
        go.set()
        await asyncio.gather(blocker, *tasks)
    assert sorted(done) == [1, 2, 3, 4, 5]


async def test_cancel_drops_a_calls_waiting_jobs_only() -> None:
    go, begun = threading.Event(), threading.Event()
    done: list[str] = []

    def block() -> str:
        begun.set()
        go.wait()
        return "finished"

    async with pool_of(1) as pool:
        running = await task_of(pool, "gone", block)
        started(running, begun)
        waiting = await task_of(pool, "gone", lambda: done.append("gone"))
        other = await task_of(pool, "stays", lambda: done.append("stays"))
        pool.cancel("gone")
        go.set()
        assert await running == "finished"
        await other
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await pool.run("gone", lambda: "again") == "again"
    assert done == ["stays"]


async def test_cancelling_the_awaiting_task_takes_its_job_out() -> None:
    go, begun = threading.Event(), threading.Event()
    done: list[int] = []

    def block() -> None:
        begun.set()
        go.wait()

    async with pool_of(1) as pool:
        running = await task_of(pool, "call", block)
        started(running, begun)
        waiting = await task_of(pool, "call", lambda: done.append(1))
        waiting.cancel()
        running.cancel()  # it has begun: it ends in its own time, and the next job waits for it
        await asyncio.gather(running, waiting, return_exceptions=True)
        last = await task_of(pool, "call", lambda: done.append(2))
        assert done == []
        go.set()
        await last
    assert done == [2]


async def test_close_cancels_what_waits_and_refuses_more() -> None:
    go, begun = threading.Event(), threading.Event()

    def block() -> str:
        begun.set()
        go.wait()
        return "finished"

    pool = RecognizerPool(1)
    running = await task_of(pool, "call", block)
    started(running, begun)
    waiting = await task_of(pool, "call", lambda: None)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    go.set()
    await closing
    assert await running == "finished"
    assert waiting.cancelled() or isinstance(
        (await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError
    )
    with pytest.raises(RuntimeError, match="closed"):
        await pool.run("call", lambda: None)
    await pool.close()


def test_a_pool_without_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="thread"):
        RecognizerPool(0)


async def test_what_can_wait_gives_way_and_leaves_a_thread_free() -> None:
    order: list[str] = []
    gates = {name: threading.Event() for name in ("first", "second")}
    begun = threading.Event()

    def held(name: str) -> Callable[[], None]:
        def work() -> None:
            order.append(name)
            begun.set()
            assert gates[name].wait(5)

        return work

    async with pool_of(2) as pool:
        first = asyncio.create_task(pool.run("a", held("first"), later=True))
        await asyncio.sleep(0)
        started(first, begun)
        second = asyncio.create_task(pool.run("b", held("second"), later=True))
        await asyncio.sleep(0)
        await asyncio.wait_for(pool.run("c", lambda: order.append("urgent")), 5)  # the other thread is free
        assert order == ["first", "urgent"]
        gates["first"].set()
        gates["second"].set()
        await asyncio.gather(first, second)
        assert order == ["first", "urgent", "second"]


async def test_what_can_wait_does_not_hold_up_its_own_stream() -> None:
    order: list[str] = []
    gate, begun = threading.Event(), threading.Event()

    def held() -> None:
        begun.set()
        assert gate.wait(5)

    async with pool_of(2) as pool:
        running = asyncio.create_task(pool.run("a", held, later=True))
        await asyncio.sleep(0)
        started(running, begun)
        can_wait = asyncio.create_task(pool.run("b", lambda: order.append("settle"), later=True))
        await asyncio.sleep(0)
        await asyncio.wait_for(pool.run("b", lambda: order.append("finish")), 5)
        assert order == ["settle", "finish"]
        gate.set()
        await asyncio.gather(running, can_wait)


async def test_pressed_when_as_many_wait_as_are_served() -> None:
    gate, begun = threading.Event(), threading.Event()
    seen: list[bool] = []

    def held() -> None:
        begun.set()
        assert gate.wait(5)
        seen.append(pool.pressed)

    async with pool_of(1) as pool:
        assert not pool.pressed
        running = await task_of(pool, "a", held)
        started(running, begun)
        can_wait = asyncio.create_task(pool.run("b", lambda: None, later=True))
        await asyncio.sleep(0)
        assert not pool.pressed  # nobody waits for that
        waiting = await task_of(pool, "c", lambda: None)
        assert pool.pressed
        gate.set()
        await asyncio.gather(running, waiting, can_wait)
        assert seen == [True] and not pool.pressed


async def test_there_is_room_beside_what_is_done_for_a_stream() -> None:
    gate, begun = threading.Event(), threading.Event()

    def held() -> None:
        begun.set()
        assert gate.wait(60)

    async with pool_of(1) as pool:
        assert pool.has_room("a")
        running = await task_of(pool, "a", held)
        started(running, begun)
        assert pool.has_room("a") and not pool.has_room("b")
        gate.set()
        await running


async def test_closing_takes_out_what_can_wait() -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)

    def held() -> None:
        begun.release()
        assert gate.wait(5)

    async with pool_of(3) as pool:
        running = [asyncio.create_task(pool.run(n, held, later=True)) for n in range(2)]
        await asyncio.sleep(0)
        assert begun.acquire(timeout=5) and begun.acquire(timeout=5)
        waiting = [asyncio.create_task(pool.run(n, held, later=True)) for n in range(2, 6)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        gate.set()
        await asyncio.wait_for(closing, 5)
        assert all(task.cancelled() for task in (await asyncio.wait(waiting))[0])
        await asyncio.gather(*running)

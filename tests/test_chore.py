"""Chores are done again until they are closed, and one that failed is not tried again at once."""

from __future__ import annotations

import asyncio

from ivr.chore import Chore


async def test_it_is_done_again_until_it_is_closed() -> None:
    thrice = asyncio.Event()
    done = 0

    async def look() -> bool:
        nonlocal done
        done += 1
        if done == 3:
            thrice.set()
        return True

    chore = Chore(look, 0.0)
    chore.start()
    async with asyncio.timeout(5):
        await thrice.wait()
    await chore.close()
    after = done
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == after
    await chore.close()


async def test_it_can_be_woken() -> None:
    done = asyncio.Event()

    async def look() -> bool:
        done.set()
        return True

    chore = Chore(look, 1_000.0)
    chore.start()
    for _ in range(3):
        async with asyncio.timeout(5):
            await done.wait()
        done.clear()
        chore.wake()
    await chore.close()


async def test_what_failed_is_not_tried_again_at_once() -> None:
    tried = 0

    async def look() -> bool:
        nonlocal tried
        tried += 1
        return False

    chore = Chore(look, 0.0)
    chore.start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert tried == 1
    await chore.close()

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a simulated BMC fetches an image: over the network, from its own address, and sometimes in odd ways."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from .images import BadImage, Check

if TYPE_CHECKING:
    from .bmc import Bmc
    from .updates import Update

ODD = ("twice_with_range", "head_only", "never", "abort")
_PART = 64 << 10
_SECONDS = 60.0
_ABORTED_AT = 0.6


async def download(bmc: Bmc, update: Update) -> None:
    """Fetch an update's image, and tell the update what came of it, or that none came in the time that it takes."""
    limit = bmc.settings.timing.download
    try:
        async with asyncio.timeout(limit or None):
            await _fetch(bmc, update)
            if limit and not update.ended and not update.intact:
                await asyncio.sleep(limit)
    except TimeoutError:
        update.fail("the image did not come in time")


async def _fetch(bmc: Bmc, update: Update) -> None:
    """Fetch the image; "never" and "head_only" leave it."""
    if update.request.odd == "never":
        return
    # Like most BMCs it believes any certificate: it judges the image itself.
    connector = aiohttp.TCPConnector(local_addr=(bmc.spec.address, 0), ssl=False)
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            size = await _head(session, update)
            if update.request.odd == "head_only":
                return
            if update.request.odd == "twice_with_range":
                await _fetched(session, update, 0, size // 2, size)
            if update.request.odd == "abort":
                await _fetched(session, update, 0, int(size * _ABORTED_AT), size)
                raise BadImage(f"the transfer broke after {update.taken} bytes")
            check = await _fetched(session, update, 0, size, size)
        update.arrived(check.image())
    except BadImage as error:
        update.intact = False
        update.fail(str(error))
    except (aiohttp.ClientError, OSError) as error:
        update.fail(f"the image could not be fetched: {error or type(error).__name__}")


async def _head(session: aiohttp.ClientSession, update: Update) -> int:
    async with session.head(update.request.url) as answer:
        if answer.status != 200:
            raise BadImage(f"HEAD was answered with {answer.status}")
        return int(answer.headers.get("Content-Length", 0))


async def _fetched(session: aiohttp.ClientSession, update: Update, start: int, end: int, size: int) -> Check:
    """Take a part of the file, by a Range where it is not the whole; all of it is judged as it arrives."""
    part = end - start < size and update.request.odd == "twice_with_range"
    headers = {"Range": f"bytes={start}-{end - 1}"} if part else {}
    check, left = Check(), end - start
    async with session.get(update.request.url, headers=headers) as answer:
        if answer.status != (206 if part else 200):
            raise BadImage(f"GET was answered with {answer.status}")
        async for chunk in answer.content.iter_chunked(_PART):
            check.feed(chunk)
            update.taken += len(chunk)
            left -= len(chunk)
            if not update.runs or (left <= 0 and end < size):
                return check
    return check

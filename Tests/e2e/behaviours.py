"""What the hostile server's listeners do. Each takes a Connection; those that end early leave the closing to it."""

import asyncio


async def polite(connection):
    """Keeps connections alive and does what the path says, word by word:
    `/status/CODE`, `/delay/SECONDS`, `/plan/KEY/500.500.200` (one status after another, the last for ever),
    `/later/KEY/SECONDS` (503 with Retry-After, then 200), `/to/CODE/LOCATION…`, `/round` (to itself), `/bytes/COUNT`; else 200."""
    while request := await connection.request():
        words = request.target.split("?")[0].strip("/").split("/")
        if words[0] == "status":
            await connection.answer(int(words[1]), '{"status":' + words[1] + "}")
        elif words[0] == "delay":
            await asyncio.sleep(float(words[1]))
            await connection.answer()
        elif words[0] == "plan":
            plan = words[2].split(".")
            status = int(plan[min(connection.server.count(words[1]), len(plan)) - 1])
            await connection.answer(status, '{"status":"' + ("ok" if status == 200 else "bad") + '"}')
        elif words[0] == "later":
            first = connection.server.count(words[1]) == 1
            await connection.answer(503 if first else 200, headers=[("Retry-After", words[2])] if first else [])
        elif words[0] == "to":
            await connection.answer(int(words[1]), headers=[("Location", request.target.split("/", 3)[3])])
        elif words[0] == "round":
            await connection.answer(302, headers=[("Location", "/round")])
        elif words[0] == "bytes":
            await connection.answer(body=b"x" * int(words[1]))
        else:
            await connection.answer()


def sending(*pieces, pause=0.05):
    """Reads one request, sends these pieces, closes."""
    async def behave(connection):
        if await connection.request() is None:
            return
        for piece in pieces:
            if not await connection.send(piece):
                return
            await asyncio.sleep(pause)
    return behave


def repeating(head, piece, pause=0.0):
    """Reads one request, sends `head`, and then `piece` for ever."""
    async def behave(connection):
        if await connection.request() is None or not await connection.send(head):
            return
        while await connection.send(piece):
            if pause:
                await asyncio.sleep(pause)
    return behave


def resetting(*pieces):
    """Reads one request, sends these pieces, resets."""
    async def behave(connection):
        await connection.request()
        for piece in pieces:
            await connection.send(piece)
            await asyncio.sleep(0.05)
        connection.reset()
    return behave


def stalling(*pieces):
    """Reads one request, sends these pieces, and then nothing more."""
    async def behave(connection):
        if await connection.request() is None:
            return
        for piece in pieces:
            await connection.send(piece)
        await connection.stall()
    return behave


async def closing(connection):
    """Accepts and closes."""


async def resetting_at_once(connection):
    connection.reset()


async def silent(connection):
    """Accepts and says nothing, whatever is sent."""
    await connection.stall()


async def babbling(connection):
    """Speaks first, and no protocol."""
    await connection.send(b"220 mail.example.com ESMTP ready\r\n")
    await connection.stall()


async def dying_on_reuse(connection):
    """Answers the first request of a connection and invites more; the second one it reads, and dies."""
    if await connection.request():
        await connection.answer()
        await connection.request()


async def vanishing_while_idle(connection):
    """Answers the first request, invites more, and resets the idle connection a moment later."""
    if await connection.request():
        await connection.answer()
        await asyncio.sleep(0.7)
        connection.reset()

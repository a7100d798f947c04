"""What stands in front of a sick host, or in its place. Each runs for ever in a process of its own."""

from __future__ import annotations

import asyncio
import socket
import time

Address = tuple[str, int]


def listening(address: Address, backlog: int = 512) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(backlog)
    return listener


def say_nothing(address: Address) -> None:
    """Accept connections, and never speak."""
    listener = listening(address)
    kept = []
    while True:
        kept.append(listener.accept()[0])


def drop_everything(address: Address) -> None:
    """Let connect(2) wait for ever: the backlog is full, so the kernel drops further SYNs."""
    listener = listening(address, 0)
    filling = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(address)
        filling.append(client)
    while listener.fileno() >= 0:
        time.sleep(3600)


def cut(address: Address, real: Address, after: int) -> None:
    """Pass bytes on, but break the connection after that many from the client."""
    asyncio.run(_proxy(address, real, after=after))


def delay(address: Address, real: Address, seconds: float) -> None:
    """Pass bytes on, each that much later, in both directions."""
    asyncio.run(_proxy(address, real, seconds=seconds))


async def _proxy(address: Address, real: Address, *, after: int | None = None, seconds: float = 0) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * seconds)  # SYN and SYN-ACK would have taken their time as well
        try:
            there = await asyncio.open_connection(*real)
        except OSError:
            writer.close()
            return
        for end in (writer, there[1]):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ends = (writer, there[1])
        await asyncio.gather(
            _pump(reader, there[1], ends, after, seconds), _pump(there[0], writer, ends, None, seconds)
        )

    server = await asyncio.start_server(connected, sock=listening(address))
    async with server:
        await server.serve_forever()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    after: int | None,
    seconds: float,
) -> None:
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    clock = asyncio.get_running_loop()

    async def deliver() -> None:
        while True:
            due, chunk = await queue.get()
            await asyncio.sleep(max(0.0, due - clock.time()))
            if not chunk:
                writer.write_eof()
                return
            writer.write(chunk)
            await writer.drain()

    delivery = asyncio.create_task(deliver())
    passed = 0
    try:
        while chunk := await reader.read(65536):
            passed += len(chunk)
            if after is not None and passed >= after:
                for end in ends:
                    end.transport.abort()
                delivery.cancel()
                return
            queue.put_nowait((clock.time() + seconds, chunk))
        queue.put_nowait((clock.time() + seconds, b""))
        await delivery
    except OSError:
        delivery.cancel()
        for end in ends:
            end.transport.abort()

"""The control socket: one JSON object a line, `{"do": "paper-out", "args": []}`, answered by one a line.

Rules: every line gets an answer, `{"ok": true, ...}` or `{"ok": false, "error": "..."}`, also what is no JSON; lines of
one connection are answered in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from hwsim.words import Misuse
from hwsim.world import World

LINE_BYTES = 65536


def make_room(path: Path) -> None:
    """Remove a socket that nobody answers any more. Raises FileExistsError where a world is running."""
    with contextlib.suppress(ConnectionRefusedError, FileNotFoundError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        raise FileExistsError(f"a world is running in {path.parent} already")
    path.unlink(missing_ok=True)


class Control:
    """The listening socket of one world and the conversations on it."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen, where `make_room` has been."""
        self._server = await asyncio.start_unix_server(self._greet, self._path, limit=LINE_BYTES)

    async def close(self) -> None:
        """End all conversations, also those that wait for something."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: those that asyncio makes for a coroutine here complain when they are cancelled.
        talk = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await _line(reader):
                writer.write(json.dumps(await _answer(self._world, line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass  # whoever asked did not wait for the answer
        finally:
            writer.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line; empty at the end, and for a line that is too long, after which the connection is closed."""
    try:
        return await reader.readline()
    except ValueError:
        return b""


async def _answer(world: World, line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        name, args = request["do"], request.get("args", [])
        if not isinstance(name, str) or not isinstance(args, list):
            raise TypeError
        return {"ok": True} | await world.do(name, [str(arg) for arg in args])
    except (Misuse, TimeoutError) as error:
        return {"ok": False, "error": str(error)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"ok": False, "error": 'expected one line like {"do": "paper-out", "args": []}'}

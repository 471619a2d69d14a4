"""A real server on a real socket for each test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.unit.api.fakes import Raw, Running


@pytest.fixture
def dial() -> Iterator[Callable[[Running], Raw]]:
    """`dial(server)` -> a plain socket client; closed at the end."""
    made: list[Raw] = []

    def connect(server: Running) -> Raw:
        made.append(Raw(server.path))
        return made[-1]

    yield connect
    for client in made:
        client.close()

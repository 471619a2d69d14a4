"""A real server on a real socket for each test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.api.fakes import Running, short_folder


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """`serve(**options)` -> a running server; stopped at the end."""
    running: list[Running] = []
    with short_folder() as folder:

        def start(**options: Any) -> Running:
            running.append(Running(folder / f"{len(running)}.sock", **options))
            return running[-1]

        yield start
        for server in running:
            server.stop()


@pytest.fixture
def served(serve: Callable[..., Running]) -> Running:
    """A server with the usual limits."""
    return serve()

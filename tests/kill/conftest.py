"""The folder of a box, as in the scenarios."""

from tests.scenario.conftest import folder

__all__ = ["folder"]

"""A desk that asks for signatures on a pad, and hears what the pad says."""

from __future__ import annotations

from posd.domain.device import DeviceReport, SignOutcome, SignRequest
from posd.pad.drivers import Pad


class Shop:
    """Whoever makes one gives it its `pad`, which speaks to `hear`."""

    pad: Pad

    def __init__(self) -> None:
        self.said: list[DeviceReport | SignOutcome] = []
        self._inside = False

    def hear(self, word: DeviceReport | SignOutcome) -> None:
        assert not self._inside, "the pad spoke from within begin or cancel"
        self.said.append(word)

    @property
    def states(self) -> list[str]:
        return [word.state for word in self.said if isinstance(word, DeviceReport)]

    @property
    def outcomes(self) -> list[SignOutcome]:
        return [word for word in self.said if isinstance(word, SignOutcome)]

    def begin(self, name: str) -> None:
        self._inside = True
        self.pad.begin(SignRequest(name, "CNY 36.00", "乌龙茶馆", "507D8226", f"t-{name}"))
        self._inside = False

    def cancel(self, name: str) -> None:
        self._inside = True
        self.pad.cancel(name)
        self._inside = False

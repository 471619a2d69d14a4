"""The methods about copies that wait for a supervisor. `Client` has them with all others."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from posd.domain import requests, views

T = TypeVar("T")


class Counter:
    """What a connection to posd can do about copies that wait; each raises PosdError."""

    @abstractmethod
    def call(self, method: str, params: object, result: type[T]) -> T:
        """Any method."""

    def waiting_reprints(self) -> views.RequestList:
        """The copies that wait for a supervisor."""
        return self.call("receipt.waiting", requests.ReprintsWaiting(), views.RequestList)

    def request(self, request: str) -> views.RequestStanding:
        """How a request for a copy stands, by its name or by the job of its copy."""
        return self.call("receipt.request", requests.ReprintShow(request), views.RequestStanding)

    def approve(self, job: str, approve: bool = True) -> views.Reprinted:
        """A supervisor's word on one of them."""
        return self.call("receipt.approve", requests.ReprintApprove(job, approve), views.Reprinted)

    def withdraw(self, job: str) -> views.Reprinted:
        """Withdraw a copy of which no byte has left, or a request that waits."""
        return self.call("receipt.cancel", requests.ReprintCancel(job), views.Reprinted)

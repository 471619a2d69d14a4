"""A sentence for a person for each reason: what is wrong, what was kept, what to do."""

from __future__ import annotations

from posd.domain.device import Reason

_SENTENCES: dict[Reason, str] = {
    "paper-near-end": "The paper is near its end. Have a new roll ready.",
    "paper-end": "The paper is out. Put in a new roll; printing goes on by itself.",
    "cover-open": "The cover is open. Close it; printing goes on by itself.",
    "cutter": "The cutter is stuck. Switch the printer off, clear the paper from the cutter, switch it on.",
    "head-hot": "The print head is too hot. Printing goes on by itself when it has cooled.",
    "offline": "The printer is offline. Press its feed or online button.",
    "unrecoverable": "The printer has an error that it cannot recover from. Switch it off and on, or have it repaired.",
    "no-answer": "The printer does not answer. Check that it is switched on and its cable is in."
    " If it is, switch it off and on.",
    "unplugged": "The printer is not connected. Plug it in; printing goes on by itself.",
}


def detail(reasons: tuple[Reason, ...]) -> str:
    """The sentences for `reasons`, in their order; empty when there is none."""
    return " ".join(_SENTENCES[reason] for reason in reasons)

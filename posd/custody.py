"""In which state posd has its journal: whole and written to, or read-only because something is wrong with it.

Rules
- A damaged journal is served as far as it is intact, and nothing is written to it; a copy of it is put aside once.
- A failure of the disk ends the process, and the next start recovers. The second one within ten minutes does not: posd
  then serves read-only until a person has looked (the moments are kept beside the journal).
- Read-only, every change is refused with a sentence that says what to do; questions are answered.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Container
from pathlib import Path

from posd import config
from posd.domain.errors import Kind, Refusal
from posd.domain.requests import (
    AnyRequest,
    Attest,
    ClockConfirm,
    ExceptionAssign,
    ExceptionClose,
    ExceptionEscalate,
    ExceptionNote,
    ExceptionWaive,
    ReprintApprove,
    ReprintAsk,
    ReprintCancel,
    ReprintDenied,
    Resign,
    SelftestAsk,
    Settle,
    ShiftClose,
    ShiftOpen,
    Skip,
    Submit,
    Uploaded,
    Void,
)
from posd.journal import Journal, JournalError, JournalLocked, NotAJournal, OpenedDamaged
from posd.journal.archive import Archive
from posd.service.failures import Failures

log = logging.getLogger("posd")
CREDENTIAL = "posd.journal-key"
_PEOPLE = (ShiftOpen, ShiftClose, ExceptionNote, ExceptionAssign, ExceptionEscalate, ExceptionWaive, ExceptionClose)
_CHANGES = (
    Submit,
    ReprintAsk,
    ReprintDenied,
    ReprintCancel,
    ReprintApprove,
    Settle,
    Resign,
    Skip,
    Void,
    Attest,
    Uploaded,
    SelftestAsk,
    ClockConfirm,
    *_PEOPLE,
)


class CredentialError(Exception):
    """The key of the seals is there and cannot be used."""


def seal_key() -> bytes | None:
    """The root key of the seals from the service manager's credential, None if it gives none. CredentialError."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    from posd.journal.seal import root_key

    path = Path(folder) / CREDENTIAL
    try:
        return root_key(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CredentialError(
            f"the credential {CREDENTIAL} cannot be used: {error}. posd did not start, so that nothing is written "
            "unsealed; correct the credential or take it out"
        ) from error


class Custody:
    """The opened journal. `kind` is what changes are refused with, None while it is written to."""

    def __init__(self, journal: Journal, path: str, failures: Failures, kind: Kind | None = None) -> None:
        self.journal = journal
        self.kind = kind
        self._path = Path(path)
        self._failures = failures
        self._aside = ""

    @property
    def read_only(self) -> bool:
        return self.kind is not None

    @property
    def advice(self) -> str:
        """What is wrong and what to do, for a person; empty while all is well."""
        if self.kind == "journal-damaged":
            lost = ", ".join(str(gap) for gap in self.journal.recovery.lost)
            path = self._path
            return (
                f"{lost} cannot be read; what is intact is served, nothing new is kept. {self._aside}Stop posd, run: "
                f"posctl journal salvage {path} -o {path}.saved, rename {path} and keep it, put the saved one in its "
                "place (or restore a backup), start posd"
            )
        if self.kind == "journal-failed":
            return (
                "the disk failed twice within ten minutes; what was acknowledged is served, nothing new is kept. Check "
                f"the disk, then remove {self._failures.path} and restart posd"
            )
        return ""

    def check(self, request: AnyRequest, known: Container[str]) -> None:
        """Refuse what would change something. A transaction that is known has its answer and may be submitted again."""
        if self.kind is None or not isinstance(request, _CHANGES):
            return
        if isinstance(request, Submit) and request.transaction.id in known:
            return
        raise Refusal(self.kind, f"The journal is read-only: {self.advice}. Nothing was kept of this request.")

    def put_aside(self) -> None:
        """Make the copy of a journal that is damaged. Takes as long as the file is large; any thread."""
        from posd.journal.copies import put_aside

        if self.kind != "journal-damaged":
            return
        stamp = self.journal.stamp()
        try:
            made = put_aside(self._path, self._path.parent, stamp)
        except OSError as error:
            self._aside = f"No copy of it could be put aside ({error.strerror or error}): make one yourself. "
            log.error("no copy of the damaged journal could be put aside: %s", error)
        else:
            self._aside = f"A copy was put aside as {made}. "
            log.warning("the damaged journal was copied to %s", made)

    def failed(self, now_ms: int) -> None:
        """The disk failed: remember when, for the next start."""
        _note(self._failures, now_ms)


def _note(failures: Failures, now_ms: int) -> None:
    try:
        failures.note(now_ms)
    except OSError as error:
        log.error("the moment of the failure could not be kept in %s: %s", failures.path, error)


def take(
    journals: type[Journal], section: config.JournalSection, now_ms: int, archive: Archive | None = None
) -> Custody:
    """Open the journal, for reading alone if it must be.

    JournalError: it cannot be used at all; CredentialError.
    """
    path = section.path
    failures = Failures(Path(path + ".failures"))
    if failures.too_many(now_ms):
        looked = journals.look(path, archive=archive)
        damaged = looked.recovery.read_only
        return Custody(looked, path, failures, "journal-damaged" if damaged else "journal-failed")
    try:
        size = config.size_bytes(section.size)
        made = journals.open(path, size=size, mirror=section.mirror, archive=archive, seal_key=seal_key())
        return Custody(made, path, failures)
    except OpenedDamaged as damage:
        return Custody(damage.journal, path, failures, "journal-damaged")
    except (JournalLocked, NotAJournal):
        raise
    except JournalError:
        _note(failures, now_ms)
        raise

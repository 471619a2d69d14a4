"""Every request has its row, or is one of those that are read page by page beside the desk."""

from __future__ import annotations

from typing import get_args

from posd.desk.answers import ANSWERS
from posd.domain.requests import AnyRequest, ArchiveRead, Backup, EvidenceExport


def test_every_request_is_answered() -> None:
    assert set(ANSWERS) == set(get_args(AnyRequest)) - {ArchiveRead, Backup, EvidenceExport}

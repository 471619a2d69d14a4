"""A job's verdict, case by case of the table in fence.py; the letter is in the test's name."""

from __future__ import annotations

import pytest

from posd.printer.fence import (
    SILENCE_S,
    STALLED_FAULT_S,
    FenceKind,
    Limits,
    Verdict,
    Watch,
    limits,
    printing_s,
    process_id,
    request,
)

LIMITS = Limits(stall_s=8.0, allowed_s=10.0, answer_s=4.0, quiet_s=6.0)
PROCESS = process_id(7)
PAPER = ("paper-end",)
NO_ANSWER = Verdict("unknown", cause="no-answer")


def watch(kind: FenceKind = "process-id") -> Watch:
    """A job of a hundred bytes, submitted at 0."""
    return Watch(kind, PROCESS, 100, LIMITS, 0.0)


def written(kind: FenceKind = "process-id") -> Watch:
    """All of it taken at 1."""
    job = watch(kind)
    job.took(100, 1.0)
    return job


@pytest.mark.parametrize("cause", ["no-answer", "unplugged", "restart"])
def test_a_end_before_the_first_byte(cause: str) -> None:
    job = watch()
    job.ended(cause)
    assert job.verdict == Verdict("failed", cause=cause)


def test_a_fault_before_the_first_byte() -> None:
    job = watch()
    job.heard(("cover-open", "paper-end"), 0.5)
    assert job.verdict == Verdict("failed", cause="cover-open")


def test_a_silence_before_the_first_byte() -> None:
    job = watch()
    job.tick(8.0)
    assert job.verdict is None
    job.tick(8.1)
    assert job.verdict == Verdict("failed", cause="no-answer")


@pytest.mark.parametrize("taken", [1, 99, 100])
def test_b_hang_up_after_the_first_byte(taken: int) -> None:
    job = watch()
    job.took(taken, 1.0)
    job.ended("unplugged")
    assert job.verdict == Verdict("unknown", cause="unplugged")


def test_c_silence_with_a_part_taken() -> None:
    job = watch()
    job.took(40, 7.0)
    job.took(1, 14.0)  # each byte starts the deadline anew
    job.tick(21.9)
    assert job.verdict is None
    job.tick(22.1)
    assert job.verdict == NO_ANSWER


def test_d_silence_with_everything_taken() -> None:
    job = written()
    job.tick(11.0)
    assert job.verdict is None
    job.tick(11.1)
    assert job.verdict == NO_ANSWER


def test_e_the_fence_answered() -> None:
    job = written()
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "confirmed")
    job = written("paper-status")
    job.answered(paper_end=False)
    assert job.verdict == Verdict("printed", "confirmed")


def test_e_the_fence_answered_under_a_fault() -> None:
    job = written()
    job.heard(PAPER, 2.0)
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "confirmed")


def test_e_the_first_verdict_stands() -> None:
    job = written()
    job.completed(PROCESS)
    job.ended("unplugged")
    job.heard(("unrecoverable",), 2.0)
    job.tick(99.0)
    assert job.verdict == Verdict("printed", "confirmed")


def test_f_another_fence_proves_nothing() -> None:
    job = written()
    job.completed(process_id(6))
    job.answered(paper_end=False)
    assert job.verdict is None
    job = written("paper-status")
    job.completed(PROCESS)
    assert job.verdict is None


def test_f_an_answer_before_the_fence_was_sent_proves_nothing() -> None:
    job = watch()
    job.took(99, 1.0)
    job.completed(PROCESS)
    assert job.verdict is None
    job = watch("paper-status")
    job.took(99, 1.0)
    job.answered(paper_end=False)
    assert job.verdict is None


def test_g_the_deadline_stands_still_under_a_fault() -> None:
    job = written()
    job.heard(PAPER, 2.0)
    for second in range(3, 3000):
        job.heard(PAPER, float(second))
        job.tick(float(second))
    assert job.verdict is None
    assert job.faulted


def test_h_the_time_that_was_left_goes_on() -> None:
    job = written()  # until 11
    job.heard(PAPER, 2.0)  # 9 left
    job.heard(PAPER, 499.0)
    job.heard((), 500.0)
    job.tick(509.0)
    assert job.verdict is None
    job.tick(509.1)
    assert job.verdict == NO_ANSWER


def test_h_at_least_the_time_to_answer() -> None:
    job = written()
    job.heard(PAPER, 10.9)
    job.heard((), 14.0)
    job.tick(17.9)
    assert job.verdict is None
    job.tick(18.1)
    assert job.verdict == NO_ANSWER


def test_h_bytes_taken_under_a_fault_give_the_whole_time_again() -> None:
    job = watch()
    job.took(1, 7.0)
    job.heard(PAPER, 14.0)
    job.took(99, 15.0)
    job.heard((), 16.0)
    job.tick(25.9)
    assert job.verdict is None


def test_i_a_fault_and_then_silence() -> None:
    job = written()
    job.heard(PAPER, 2.0)
    job.tick(6.0)
    assert job.verdict is None
    job.tick(6.1)
    assert job.verdict == NO_ANSWER


def test_i_a_fault_that_keeps_the_rest_from_being_taken_is_believed_longer() -> None:
    job = watch()
    job.took(40, 1.0)
    job.heard(PAPER, 2.0)
    job.tick(2.0 + STALLED_FAULT_S)
    assert job.verdict is None
    job.tick(2.1 + STALLED_FAULT_S)
    assert job.verdict == NO_ANSWER


def test_j_unrecoverable_after_the_first_byte() -> None:
    job = written()
    job.heard(("unrecoverable",), 2.0)
    assert job.verdict == Verdict("unknown", cause="unrecoverable")


def test_k_gs_r_answered_with_paper_end_is_asked_again_and_proves_less() -> None:
    job = written("paper-status")
    job.answered(paper_end=True)
    assert job.verdict is None
    job.heard(PAPER, 2.0)
    assert not job.ask_again
    job.heard((), 5.0)
    assert job.ask_again
    job.asked_again()
    assert not job.ask_again
    job.answered(paper_end=False)
    assert job.verdict == Verdict("printed", "assumed")


def test_l_without_a_fence_a_clean_status_after_the_printing_time() -> None:
    job = written("none")
    job.heard((), 6.9)
    assert job.verdict is None
    job.heard((), 7.0)
    assert job.verdict == Verdict("printed", "assumed")


def test_l_not_before_everything_is_taken() -> None:
    job = watch("none")
    job.took(99, 1.0)
    job.heard((), 10.5)
    assert job.verdict is None


def test_l_a_status_is_no_proof_where_there_is_a_fence() -> None:
    job = written()
    job.heard((), 10.0)
    assert job.verdict is None


def test_m_without_a_fence_a_fault_after_the_drain() -> None:
    job = written("none")
    job.heard(PAPER, 2.0)
    job.heard((), 9.0)  # the printing time begins again
    job.heard((), 14.9)
    assert job.verdict is None
    job.heard((), 15.0)
    assert job.verdict == Verdict("printed", "assumed")


def test_n_posd_ends_after_the_first_byte() -> None:
    job = written()
    job.ended("restart")
    assert job.verdict == Verdict("unknown", cause="restart")


def test_process_ids_ascend_and_are_printable() -> None:
    ids = [process_id(n) for n in (0, 1, 94, 95, 96, 9025, 81_450_624)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(len(i) == 4 and all(0x20 <= b <= 0x7E for b in i) for i in ids)


def test_requests() -> None:
    assert request("process-id", b"ABCD") == bytes.fromhex("1d284806003030") + b"ABCD"
    assert request("paper-status", b"ABCD") == bytes.fromhex("1d7201")
    assert request("none", b"ABCD") == b""


def test_limits_follow_length_line_and_mechanism() -> None:
    slip = (b"x" * 39 + b"\n") * 100
    assert printing_s(slip) > 8  # a hundred lines at 50 mm/s
    slow, fast = limits(slip, 9600, 5.0), limits(slip, 115200, 5.0)
    assert slow.allowed_s - fast.allowed_s == pytest.approx(len(slip) * 10 / 9600 - len(slip) * 10 / 115200)
    assert fast.allowed_s == fast.quiet_s + 5.0
    assert fast.stall_s == fast.allowed_s


def test_limits_of_a_long_slip_do_not_grow_with_what_is_printed_already() -> None:
    line = b"x" * 39 + b"\n"
    long, longer = limits(line * 10_000, 115200, 5.0), limits(line * 20_000, 115200, 5.0)
    assert long.stall_s == pytest.approx(longer.stall_s)
    assert long.allowed_s == pytest.approx(longer.allowed_s)
    assert long.stall_s < long.allowed_s


def test_a_short_answer_time_is_no_shorter_a_silence_than_the_questions_need() -> None:
    assert limits(b"x", 115200, 0.2).answer_s == SILENCE_S
    assert limits(b"x", 115200, 9.0).answer_s == 9.0

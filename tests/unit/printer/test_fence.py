"""A job's verdict, case by case of the table in fence.py; the letter is in the test's name."""

from __future__ import annotations

import pytest

from posd.printer.fence import (
    LAG_S,
    SILENCE_S,
    STALLED_FAULT_S,
    Fence,
    FenceKind,
    Limits,
    Verdict,
    Watch,
    document_id,
    fence,
    limits,
    printing_s,
    process_id,
    request,
)

LIMITS = Limits(stall_s=8.0, allowed_s=10.0, answer_s=4.0, quiet_s=6.0)
PROCESS = process_id(7)
PAPER = ("paper-end",)
NO_ANSWER = Verdict("unknown", cause="no-answer")


def watch(kind: FenceKind = "process-id", torn_within: int = 0) -> Watch:
    """A job of a hundred bytes, submitted at 0."""
    return Watch(Fence(kind, PROCESS, b""), 100, LIMITS, 0.0, torn_within)


def written(kind: FenceKind = "process-id") -> Watch:
    """All of it taken at 1."""
    job = watch(kind)
    job.took(100, 1.0)
    job.drained(1.0)
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


def test_a_piece_may_hang_behind_what_is_unknown_and_behind_what_a_fault_may_have_cleared() -> None:
    job = watch()
    assert not job.doubtful
    job.took(60, 0.1)
    job.ended("unplugged")
    assert job.doubtful
    job = written()
    job.completed(PROCESS)
    assert not job.doubtful
    job = written("none")
    job.drained(0.2)
    job.heard((), 60.0)
    assert job.verdict == Verdict("printed", "assumed", why="drained")
    assert not job.doubtful
    job = written("none")
    job.drained(0.2)
    job.heard(("cover-open",), 0.5)
    job.heard((), 2.0)
    job.heard((), 60.0)
    assert job.doubtful  # the cover may have cleared what the printer held


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
    assert job.verdict == Verdict("printed", "confirmed", why="process-id")


def reached() -> Watch:
    """GS r was answered at 2.0."""
    job = written("paper-status")
    job.turn(2.0)
    job.answered(paper_end=False)
    return job


def test_e_a_buffer_that_is_through_waits_for_the_paper() -> None:
    job = reached()
    job.heard((), 2.0 + LAG_S - 0.1)
    assert (job.verdict, job.due(2.0 + LAG_S - 0.1), job.due(2.0 + LAG_S)) == (None, False, True)
    job.heard((), 2.0 + LAG_S)
    assert job.verdict == Verdict("printed", "confirmed", why="paper-status")


def test_s_a_fault_between_the_answer_and_the_paper() -> None:
    job = reached()
    job.heard(("cutter",), 2.3)
    job.heard(("cutter",), 60.0)
    assert job.verdict is None
    job.heard((), 61.0)
    assert job.verdict is None, "what waits is printed now"
    job.heard((), 61.0 + LAG_S)
    assert job.verdict == Verdict("printed", "assumed", why="after-fault")
    assert job.doubtful


def test_e_an_answer_behind_a_fault_that_was_told_is_one_behind_its_end() -> None:
    job = written("paper-status")
    job.heard(("cover-open",), 1.5)
    job.turn(8.0)
    job.answered(paper_end=False)
    job.heard((), 8.1)
    job.heard((), 8.1 + LAG_S)
    assert job.verdict == Verdict("printed", "confirmed", why="paper-status")


def test_s_a_status_that_comes_so_late_that_the_printer_may_have_begun_anew() -> None:
    job = reached()
    for tenth in range(20, 42):
        job.turn(tenth / 10)
    job.heard((), 2.1 + 2 * LAG_S)
    assert job.verdict == Verdict("printed", "assumed", why="after-fault")
    assert job.doubtful


def test_e_a_status_is_not_late_when_posd_was_held_up() -> None:
    job = reached()
    job.turn(9.0)
    job.heard((), 9.0)
    assert job.verdict == Verdict("printed", "confirmed", why="paper-status")


def test_s_silence_or_a_hang_up_before_the_paper() -> None:
    job = reached()
    job.tick(99.0)
    assert job.verdict == NO_ANSWER
    job = reached()
    job.ended("unplugged")
    assert job.verdict == Verdict("unknown", cause="unplugged")


@pytest.mark.parametrize("kind", ["star-document", "star-counter"])
def test_e_a_star_fence_answered(kind: FenceKind) -> None:
    job = written(kind)
    job.completed(b"another")
    assert job.verdict is None
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "confirmed", why=kind)


def test_e_a_counter_that_all_hosts_of_a_network_share_proves_less() -> None:
    job = written("star-counter")
    job.shared = True
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "assumed", why="shared-counter")
    job = written("star-document")
    job.shared = True
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "confirmed", why="star-document")


def test_e_the_fence_answered_under_a_fault() -> None:
    job = written()
    job.heard(PAPER, 2.0)
    job.completed(PROCESS)
    assert job.verdict == Verdict("printed", "confirmed", why="process-id")


def test_e_the_first_verdict_stands() -> None:
    job = written()
    job.completed(PROCESS)
    job.ended("unplugged")
    job.heard(("unrecoverable",), 2.0)
    job.tick(99.0)
    assert job.verdict == Verdict("printed", "confirmed", why="process-id")


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
    assert job.verdict == Verdict("printed", "assumed", why="after-paper-end")


def test_l_without_a_fence_a_clean_status_after_the_printing_time() -> None:
    job = written("none")
    job.heard((), 6.9)
    assert job.verdict is None
    job.heard((), 7.0)
    assert job.verdict == Verdict("printed", "assumed", why="drained")


def test_l_not_before_everything_is_taken() -> None:
    job = watch("none")
    job.took(99, 1.0)
    job.heard((), 10.5)
    assert job.verdict is None


def test_l_not_before_everything_has_left_this_machine() -> None:
    job = watch("none")
    job.took(100, 1.0)
    job.heard((), 50.0)
    assert job.verdict is None
    job.drained(50.0)
    job.heard((), 55.9)
    assert job.verdict is None
    job.heard((), 56.0)
    assert job.verdict == Verdict("printed", "assumed", why="drained")


def test_d_bytes_that_leave_this_machine_start_the_deadline_anew() -> None:
    job = written()  # until 11
    job.moved(10.0)
    job.tick(19.9)
    assert job.verdict is None
    job.tick(20.1)
    assert job.verdict == NO_ANSWER


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
    assert job.verdict == Verdict("printed", "assumed", why="drained")


def test_n_posd_ends_after_the_first_byte() -> None:
    job = written()
    job.ended("restart")
    assert job.verdict == Verdict("unknown", cause="restart")


def test_o_a_piece_that_is_visibly_no_slip_is_torn() -> None:
    for taken, dropped, torn in ((40, 0, True), (60, 0, False), (60, 11, True), (60, 10, False), (100, 80, True)):
        job = watch(torn_within=50)
        job.took(taken, 1.0)
        job.ended("unplugged")
        verdict = job.dropped(dropped)
        assert verdict == (
            Verdict("failed", cause="unplugged", torn=True) if torn else Verdict("unknown", cause="unplugged")
        )


def test_o_only_what_would_be_unknown_is_torn() -> None:
    job = watch(torn_within=50)
    job.ended("unplugged")
    assert job.dropped(0) == Verdict("failed", cause="unplugged")
    job = written()
    job.completed(PROCESS)
    assert job.dropped(0).state == "printed"
    job = watch()  # nobody can say of what piece it is visible
    job.took(1, 1.0)
    job.ended("no-answer")
    assert job.dropped(0).state == "unknown"


def test_process_ids_ascend_and_no_status_byte_can_be_taken_for_a_part_of_one() -> None:
    ids = [process_id(n) for n in (0, 1, 47, 48, 49, 2304, 48**4 - 1)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(len(i) == 4 and all(0x20 <= b <= 0x7E and not b & 0x90 for b in i) for i in ids)


def test_a_document_id_is_another_for_a_long_time() -> None:
    ids = [document_id(n) for n in range(2304)]
    assert len(set(ids)) == 2304
    assert all(len(i) == 2 and not any(b in (0x11, 0x13) for b in i) for i in ids)


def test_a_counter_is_never_asked_to_begin_anew() -> None:
    assert fence("star-counter", 5, 30) == Fence("star-counter", b"\x1f", b"\x17")
    with pytest.raises(AssertionError, match="could not be told"):
        fence("star-counter", 5, 31)


def test_requests() -> None:
    assert request("process-id", b"ABCD") == bytes.fromhex("1d284806003030") + b"ABCD"
    assert request("paper-status", b"ABCD") == bytes.fromhex("1d7201")
    assert request("star-document", b"AB") == bytes.fromhex("1b1d0301") + b"AB"
    assert request("none", b"ABCD") == b""
    assert fence("process-id", 7, 0) == Fence("process-id", PROCESS, request("process-id", PROCESS))
    assert fence("paper-status", 7, 0) == Fence("paper-status", b"", bytes.fromhex("1d7201"))


def test_limits_follow_length_line_and_mechanism() -> None:
    slip = (b"x" * 39 + b"\n") * 100
    assert printing_s(slip) > 8  # a hundred lines at 50 mm/s
    slow, fast = limits(slip, 960, 5.0), limits(slip, 11520, 5.0)
    assert slow.allowed_s - fast.allowed_s == pytest.approx(len(slip) / 960 - len(slip) / 11520)
    assert fast.allowed_s == fast.quiet_s + 5.0
    assert fast.stall_s == fast.allowed_s


def test_limits_of_a_long_slip_do_not_grow_with_what_is_printed_already() -> None:
    line = b"x" * 39 + b"\n"
    long, longer = limits(line * 10_000, 11520, 5.0), limits(line * 20_000, 11520, 5.0)
    assert long.stall_s == pytest.approx(longer.stall_s)
    assert long.allowed_s == pytest.approx(longer.allowed_s)
    assert long.stall_s < long.allowed_s


def test_a_short_answer_time_is_no_shorter_a_silence_than_the_questions_need() -> None:
    assert limits(b"x", 11520, 0.2).answer_s == SILENCE_S
    assert limits(b"x", 11520, 9.0).answer_s == 9.0

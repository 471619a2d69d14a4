"""The laws, held against the evidence. Each check yields a violation: its kind and a sentence.

lost        what was acknowledged, shown or told as an event is not there, or not as it was said; what printed is
            not on paper
doubled     one till's id, key or receipt number stands for two; one reprint came out twice
reordered   a sale that was acknowledged before another one was sent stands behind it; events came out of order
phantom     what no till ever sent; paper of what posd says did not come out
unmarked    unmarked prints of one copy beyond the first
silent      a copy or a signature that is not done and on no list
unsound     the journal's own verification finds a fault
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.kill import paper
from tests.kill.evidence import Call, Evidence
from tests.kill.violation import KINDS, Violation, copies_of

__all__ = ["KINDS", "Violation", "acknowledged", "check"]


def check(evidence: Evidence) -> list[Violation]:
    """Every violation there is; none is what there must be."""
    checks = (_sales, _contents, _one_each, _order, _reprints, _settled, _streams, _told, _silent, _sound)
    found = [violation for one in checks for violation in one(evidence)]
    return found + list(paper.check(evidence))


def acknowledged(evidence: Evidence) -> dict[str, int]:
    """How many sales, copies and settlements got a positive answer."""
    names = {"transaction.submit": "sales", "receipt.reprint": "copies", "receipt.settle": "settled"}
    seen: dict[str, set[Any]] = {name: set() for name in names.values()}
    for call in evidence.calls:
        if call.result is not None and call.method in names:
            asked = call.params
            what = asked.get("key") or (asked.get("transaction", asked)["id"], asked.get("copy"), asked.get("number"))
            seen[names[call.method]].add(what)
    return {name: len(ids) for name, ids in seen.items()}


def _submits(evidence: Evidence) -> Iterator[tuple[str, Call]]:
    for call in evidence.calls:
        if call.method == "transaction.submit":
            yield call.params["transaction"]["id"], call


def _sales(evidence: Evidence) -> Iterator[Violation]:
    """Acknowledged sales are there, in their place, and were there whenever somebody looked."""
    since: dict[str, int] = {}
    for sale, call in _submits(evidence):
        if call.result is None or call.answered_at is None:
            continue
        since[sale] = min(call.answered_at, since.get(sale, call.answered_at))
        kept = evidence.kept.get(sale)
        if kept is None:
            yield Violation("lost", f"{sale} was acknowledged as record {call.result['seq']} and is not there")
        elif (kept["seq"], kept["receipt"]) != (call.result["seq"], call.result["receipt"]):
            yield Violation("doubled", f"{sale} was acknowledged as {call.result['seq']} and is record {kept['seq']}")
    for call in evidence.calls:
        if call.method == "transaction.get" and call.error is not None:
            sale = call.params["id"]
            if call.error["data"]["kind"] == "not-found" and since.get(sale, call.at) < call.at:
                yield Violation("lost", f"{sale} was acknowledged, and then {call.till} was told that there is none")
    listed = {one["id"] for one in evidence.listed}
    for sale in evidence.kept.keys() - listed:
        yield Violation("lost", f"{sale} is there but no search finds it")


def _contents(evidence: Evidence) -> Iterator[Violation]:
    """What is kept is what was sent and acknowledged, nothing else."""
    sent: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for sale, call in _submits(evidence):
        content = call.params["transaction"]
        sent[sale].append(content)
        if call.result is not None and sale in evidence.kept and not _same(evidence.kept[sale], content):
            yield Violation("lost", f"{sale} was acknowledged with another content than is kept")
    for one in evidence.listed:
        if one["id"] not in sent:
            yield Violation("phantom", f"{one['id']} was never sent")
    for sale, kept in evidence.kept.items():
        if not any(_same(kept, content) for content in sent[sale]):
            yield Violation("phantom", f"{sale} is kept with a content that was never sent")


def _same(kept: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    transaction = kept["transaction"]
    return {name: transaction.get(name) for name in content} == content


def _one_each(evidence: Evidence) -> Iterator[Violation]:
    """No id, record or receipt number stands twice."""
    for name in ("id", "seq", "receipt"):
        for value, count in Counter(one[name] for one in evidence.listed).items():
            if count > 1:
                yield Violation("doubled", f"{count} sales have the {name} {value}")


def _order(evidence: Evidence) -> Iterator[Violation]:
    """Whatever was acknowledged before a sale was first sent, by whomever, stands before it."""
    first_sent: dict[str, int] = {}
    acked: dict[str, int] = {}
    for sale, call in _submits(evidence):
        first_sent[sale] = min(call.at, first_sent.get(sale, call.at))
        if call.result is not None and call.answered_at is not None:
            acked[sale] = min(call.answered_at, acked.get(sale, call.answered_at))
    moments = [(at, 1, sale) for sale, at in first_sent.items()] + [(at, 0, sale) for sale, at in acked.items()]
    newest, behind = -1, ""
    for _, starts, sale in sorted(moments):
        seq = evidence.kept[sale]["seq"] if sale in evidence.kept else None
        if seq is None:
            continue
        if starts and seq < newest:
            yield Violation("reordered", f"{sale} is record {seq}, but was sent after {behind}, {newest}, was known")
        if not starts and seq > newest:
            newest, behind = seq, sale


def _reprints(evidence: Evidence) -> Iterator[Violation]:
    """A key stands for one copy, which is there; no copy is there that nobody asked for."""
    answers: dict[str, set[tuple[str, int]]] = defaultdict(set)
    contents: dict[str, set[str]] = defaultdict(set)
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for call in evidence.calls:
        if call.method == "signature.resign":  # brings a merchant copy that shows the signature
            asked[call.params["id"], "merchant"].add(call.params["key"])
        if call.method != "receipt.reprint":
            continue
        sale, copy, key = call.params["id"], call.params["copy"], call.params["key"]
        asked[sale, copy].add(key)
        if call.result is None:
            continue
        answers[key].add((call.result["job"], call.result["number"]))
        contents[key].add(repr(sorted(call.params.items())))
        there = {(c["copy"], c["number"], c["job"]) for c in copies_of(evidence, sale)}
        if (copy, call.result["number"], call.result["job"]) not in there:
            yield Violation("lost", f"copy {call.result['number']} of {sale} was promised to {key} and is not there")
    for key, got in answers.items():
        if len(got) > 1 or len(contents[key]) > 1:
            yield Violation("doubled", f"the key {key} got {sorted(got)} for {len(contents[key])} requests")
    extra = 0
    for sale in evidence.kept:
        made = Counter(c["copy"] for c in copies_of(evidence, sale) if c["number"])
        extra += sum(max(0, count - len(asked[sale, copy])) for copy, count in made.items())
    if extra > evidence.presses:
        yield Violation("phantom", f"{extra} copies that no till asked for, by {evidence.presses} presses of the key")


def _settled(evidence: Evidence) -> Iterator[Violation]:
    """What a person said of an unknown copy stands."""
    for call in evidence.calls:
        if call.method == "receipt.settle" and call.result is not None:
            yield from _says(evidence, call.params["id"], {**call.params}, "was acknowledged")


def _says(evidence: Evidence, sale: str, what: Mapping[str, Any], how: str) -> Iterator[Violation]:
    """Whether the copy is as a settlement left it: printed, or owed again and doubtful for ever."""
    for copy in copies_of(evidence, sale):
        if (copy["copy"], copy["number"]) == (what["copy"], what["number"]):
            stands = copy["state"] == "printed" if what["printed"] else copy["mark"] == "possible-duplicate"
            if stands:
                return
    yield Violation("lost", f"settling {what['copy']} {what['number']} of {sale} {how} and did not last")


def _streams(evidence: Evidence) -> Iterator[Violation]:
    """Each listener was told each event once and in order, across all its subscriptions."""
    for till, lines in evidence.logs.items():
        due = 1
        for event in (line["told"] for line in lines if "told" in line):
            first, last = event.get("from", event.get("seq")), event.get("through", event.get("seq"))
            if first < due:
                yield Violation("reordered", f"{till} was told event {first} where {due} was due")
            elif first > due:
                yield Violation("lost", f"{till} was not told the events {due} to {first - 1}")
            due = last + 1


def _told(evidence: Evidence) -> Iterator[Violation]:
    """What was told as an event was durable: everybody is told the same, and it shows in what posd says at last."""
    said = {event["seq"]: event for event in evidence.told if event["type"] != "lost"}
    oldest = min(said, default=None)
    for till, lines in evidence.logs.items():
        for event in (line["told"] for line in lines if "told" in line):
            if event["type"] == "lost":
                continue
            if oldest is not None and event["seq"] >= oldest and event["seq"] not in said:
                yield Violation("lost", f"event {event['seq']} was told to {till} and is not in the journal")
            if said.setdefault(event["seq"], event) != event:
                yield Violation("lost", f"event {event['seq']} was told to {till} and is another one now")
    for event in said.values():
        yield from _lasts(evidence, event)


def _lasts(evidence: Evidence, event: Mapping[str, Any]) -> Iterator[Violation]:
    """Whether what an event says still holds."""
    kind, seq = event["type"], event["seq"]
    if kind == "transaction.accepted":
        sale = event["transaction"]["id"]
        if sale not in evidence.kept or evidence.kept[sale]["seq"] != seq:
            yield Violation("lost", f"{sale} was told as event {seq} and is not there")
    elif kind == "copy.printed":
        there = {(c["copy"], c["number"]): c["state"] for c in copies_of(evidence, event["id"])}
        if there.get((event["copy"], event["number"])) != "printed":
            yield Violation("lost", f"event {seq} says that {event['job']} printed, and posd does not")
    elif kind == "copy.settled":
        yield from _says(evidence, event["id"], event, f"is event {seq}")
    elif kind == "signature.captured":
        kept = evidence.kept.get(event["id"])
        if kept is None or kept["state"]["signature"]["version"] < event["version"]:
            yield Violation("lost", f"event {seq} captured a signature of {event['id']}, and posd has none")


def _silent(evidence: Evidence) -> Iterator[Violation]:
    """What is not done stands on the exception list."""
    for sale, kept in evidence.kept.items():
        state = kept["state"]
        listed = Counter(x["kind"] for x in state["exceptions"] if x["state"] == "open")
        open_copies = Counter(c["state"] for c in state["copies"] if not _done(c, state["copies"]))
        unprinted = sum(count for what, count in open_copies.items() if what != "unknown")
        if open_copies["unknown"] > listed["unknown"] or unprinted > listed["unprinted"]:
            yield Violation("silent", f"{sale} has copies {dict(open_copies)}, and on the list {dict(listed)}")
        if state["signature"]["state"] not in ("not-needed", "captured", "attested") and not listed["unsigned"]:
            yield Violation("silent", f"the signature of {sale} is {state['signature']['state']} and on no list")


def _done(copy: Mapping[str, Any], copies: Sequence[Mapping[str, Any]]) -> bool:
    """Printed, withdrawn, or unknown with a later copy that printed."""
    later = (c["state"] == "printed" for c in copies if c["copy"] == copy["copy"] and c["number"] > copy["number"])
    return copy["state"] in ("printed", "cancelled") or (copy["state"] == "unknown" and any(later))


def _sound(evidence: Evidence) -> Iterator[Violation]:
    if evidence.verify != 0:
        yield Violation("unsound", f"posctl journal verify ended with {evidence.verify}")

"""`receipt.terms`: what the shop's rules say of one transaction, before anybody asks for the copy."""

from __future__ import annotations

from posd.desk import policy, queries
from posd.desk.turn import Turn
from posd.domain.moment import iso_local
from posd.domain.requests import Terms
from posd.domain.views import ReasonView, TermsView


def view(turn: Turn, request: Terms) -> TermsView:
    """The terms as a client sees them, with a sentence for a person."""
    sale = queries.find(turn.state, request.id)
    t = policy.terms(turn, sale, request.copy, turn.doer)
    until = iso_local(t.until_ms, turn.now.offset_min)
    if t.refusal is None:
        who = "a supervisor must ask" if t.approval == "supervisor" else "no approval is needed"
        sentence = f"The {request.copy} copy of {sale.id} can be reprinted until {until}, {t.left} more times; {who}."
    else:
        sentence = t.refusal.message
    return TermsView(
        id=sale.id,
        allowed=t.refusal is None,
        until=until,
        copies_left=t.left,
        approval=t.approval,
        next_at=policy.from_when(turn, t.next_ms) if t.next_ms is not None else None,
        refusal=t.refusal.kind if t.refusal else None,
        sentence=sentence,
        rule=t.rule,
        one_press=t.one_press,
        reasons=[ReasonView(name, r.zh_CN, r.en, r.note) for name, r in turn.rules.policy.reasons.items()],
    )

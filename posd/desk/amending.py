"""What people say afterwards. Of a signature: take it again, it is wrong, it was given on paper, it was handed to the
acquirer. Of an unknown copy: whether it came out.

Rules
- Nothing here erases a version: a void one stays on record, and counts no more (law 5).
- A void signature stands on the exception list as `wrong-signature` until another was captured, or one was given on
  paper. A session for it begins at once where the pad is free; else it waits to be asked for.
- What somebody of the shop skips is missing by `staff`, with the reason.
- What was signed by hand is what a person says; it is recorded with who said it.
- Uploading is the business of whoever uploads: posd keeps how it went, each try once.
"""

from __future__ import annotations

from posd.desk import printing, queries, reprints, signing
from posd.desk.state import Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import views
from posd.domain.errors import Refusal
from posd.domain.requests import Attest, Resign, Settle, Skip, Uploaded, Void


def resign(turn: Turn, request: Resign) -> views.Resigned:
    """`signature.resign`: take a missing signature again."""
    content, used = reprints.used(turn, "resign", request)
    if used is not None:
        sale = queries.find(turn.state, used.sale)
        return views.Resigned(used.session, used.version, sale.signature.state)
    sale = newest_unsigned(turn.state) if request.id == "last" else _meant(turn.state, request.id)
    event = signing.resign(turn, sale, request.reason, request.key, content)
    return views.Resigned(event.session, event.version, sale.signature.state)


def _meant(state: State, name: str) -> Sale:
    """The sale of this id, or the one that the exception of this id is about; Refusal where there is neither."""
    item = None if name in state.sales else state.exceptions.get(name)
    return queries.find(state, name if item is None else item.transaction)


def newest_unsigned(state: State) -> Sale:
    """The newest sale whose signature is missing or wrong; Refusal where there is none."""
    for sale_id in reversed(state.unsigned):
        if state.sales[sale_id].signature.state in ("missing", "voided"):
            return state.sales[sale_id]
    raise Refusal("not-found", "No signature is missing.", field="id")


def skip(turn: Turn, request: Skip) -> views.SignatureStanding:
    """`signature.skip`: somebody of the shop decided not to wait for it. On the pad it is called off: how that ended
    comes as an event, and what the customer had confirmed by then counts.
    """
    sale = queries.find(turn.state, request.id)
    state = sale.signature.state
    if state != "awaiting" and (state, sale.signature.cause) != ("missing", "staff"):
        raise Refusal(
            "conflict",
            f"Transaction {sale.id} waits for no signature: it is {state}. Nothing was changed.",
            field="id",
        )
    if state == "awaiting":
        turn.need_room("reserve")
        detail = f"skipped: {request.reason}"
        on_pad = turn.state.signing
        if on_pad is not None and on_pad.sale == sale.id:
            signing.call_off(turn, "staff", detail)
        else:
            signing.missing(turn, sale, "staff", detail)
    return views.SignatureStanding(sale.id, queries.state_view(turn.state, sale))


def void(turn: Turn, request: Void) -> views.Voided:
    """`signature.void`: the newest signature is wrong."""
    content, used = reprints.used(turn, "void", request)
    if used is None:
        sale = queries.find(turn.state, request.id)
        version = _void(turn, sale, request, content)
    else:
        sale, version = queries.find(turn.state, used.sale), used.version
    return views.Voided(sale.id, version, sale.signature.session, queries.state_view(turn.state, sale))


def _void(turn: Turn, sale: Sale, request: Void, content: str) -> int:
    signature = sale.signature
    if signature.state not in ("captured", "attested"):
        raise Refusal(
            "conflict",
            f"Transaction {sale.id} has no signature to be void: it is {signature.state}. Nothing was changed.",
            field="id",
        )
    turn.need_room("plenty")
    version = signature.version if signature.state == "captured" else 0
    turn.record(
        ev.SignatureVoided(
            time=turn.now.ms,
            doer=turn.doer,
            id=sale.id,
            version=version,
            reason=request.reason,
            key=request.key,
            content=content,
        )
    )
    turn.open_item(sale, "wrong-signature", request.cause, request.reason)
    if signing.free(turn):
        signing.begin(turn, sale, request.reason)
    return version


def attest(turn: Turn, request: Attest) -> views.SignatureStanding:
    """`signature.attest`: the slip was signed by hand."""
    content, used = reprints.used(turn, "attest", request)
    sale = _meant(turn.state, request.id if used is None else used.sale)
    if used is None:
        if sale.signature.state not in ("missing", "voided"):
            raise Refusal(
                "conflict",
                f"Transaction {sale.id} misses no signature: it is {sale.signature.state}. Nothing was changed.",
                field="id",
            )
        if request.signed is not None:
            queries.stated_ms(request.signed, "signed")
        turn.need_room("reserve")
        turn.record(
            ev.SignatureAttested(
                time=turn.now.ms,
                doer=turn.doer,
                id=sale.id,
                signed_by=request.signed_by,
                signed=request.signed,
                key=request.key,
                content=content,
            )
        )
        signing.settled(turn, sale, f"signed by hand by {request.signed_by}")
    return views.SignatureStanding(sale.id, queries.state_view(turn.state, sale))


def uploaded(turn: Turn, request: Uploaded) -> views.SignatureStanding:
    """`signature.uploaded`: how handing a version to the acquirer went."""
    sale = queries.find(turn.state, request.id)
    version = request.version or sale.signature.version
    if sale.signature.captured(version) is None:
        raise Refusal("not-found", f"There is no signature version {version} of {sale.id}.", field="version")
    known = sale.signature.upload(version)
    attempt = known.attempts + 1 if request.attempt is None else request.attempt
    if attempt > known.attempts:
        turn.need_room("reserve")
        turn.record(
            ev.SignatureUploaded(
                time=turn.now.ms,
                doer=turn.doer,
                id=sale.id,
                version=version,
                state=request.state,
                attempt=attempt,
                detail=request.detail,
            )
        )
    elif attempt < known.attempts or request.state != known.state:
        raise Refusal(
            "conflict",
            f"Attempt {attempt} of {sale.id} is told already: {known.attempts} were made, the last was {known.state}. "
            "Nothing was changed.",
            field="attempt",
        )
    return views.SignatureStanding(sale.id, queries.state_view(turn.state, sale))


def settle(turn: Turn, request: Settle) -> views.Settled:
    """`receipt.settle`: a person says whether an unknown copy came out. Saying the same again changes nothing."""
    sale = queries.find(turn.state, request.id)
    copy = sale.copy(request.copy, request.number)
    if copy is None:
        raise Refusal("not-found", f"There is no {request.copy} copy {request.number} of {sale.id}.", field="number")
    if copy.state != "unknown":
        again = copy.cause == "settled" and (copy.state == "printed") == request.printed
        if not again:
            raise Refusal(
                "conflict",
                f"The {request.copy} copy {request.number} of {sale.id} is {copy.state}, not unknown. "
                "Nothing was changed.",
                field="number",
            )
    else:
        printing.settle(turn, sale, copy, request.printed)
    return views.Settled(sale.id, queries.state_view(turn.state, sale))

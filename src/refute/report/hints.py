"""Hints: where to look, by the kind of mistake. They are about derivatives, counts and matrices in general, and never
hold an answer."""

from __future__ import annotations

from refute.deciding.verdict import Status, Verdict

_BY_KIND = {
    "sign": "Follow the sign of each term from the definition to your formula: which step turns it round?",
    "term": "List all that adds to the result, with its sign. Of a derivative, that is every path: each quantity that "
    "uses the one you differentiate by, now or later.",
    "factor": "Say of each factor where it comes from. In a derivative every step of the chain rule contributes one, "
    "in a count every choice that is made.",
    "index": "Ask at which time step the quantity was used in the forward pass.",
    "bar": "Tell values from derivatives: which of your factors flow backwards from the loss, and which were computed "
    "in the forward pass?",
    "slope": "A value that goes through a function brings that function's derivative along. Is every nonlinearity on "
    "the way accounted for?",
    "power": "Check each exponent in the smallest case in which it matters, and of a function write down the "
    "derivative by itself.",
    "function": "Look up which function the definition applies here, and whether the function or its derivative is "
    "needed.",
    "sum": "Ask how often the quantity is used in a whole run, and what that means for its derivative.",
    "range": "Write the sum out for a very short run: which steps contribute?",
    "weight": "Read off the definitions which weight multiplies which input.",
    "adjoint": "Ask which later quantity this one enters directly: its adjoint is the one that flows back.",
    "name": "Go back to the definition and read which quantities stand beside each other in it.",
    "scale": "Try the smallest case by hand: is the whole too large or too small by a constant?",
    "division": "Solve for what is asked one operation at a time, and do the same to the whole of both sides.",
    "constant": "Count the smallest case by hand, and the next one, and compare with your formula.",
    "order": "Matrices do not commute: which map is applied first, and on which side of the product does it stand?",
    "transpose": "Write down the shape of each matrix, and which index belongs to the output.",
    "block": "Differentiate each line of the update by each of its arguments: each derivative is one block.",
    "circular": "A formula may use what is known when it is evaluated. In which order is all of this computed?",
    "growth": "Let one size grow while the others stay fixed, for each size in turn: how does the count grow?",
}
_OTHERWISE = (
    "Work through the example with your answer and with the definitions, and compare the two step by step: the first "
    "place where they part is where to look."
)
_OF_STATUS = {
    Status.UNREADABLE: "Write the answer as a single formula in the names of the question, without words in it.",
    Status.REFUTED: _OTHERWISE,
}


def hint(verdict: Verdict) -> str:
    """A sentence that says where to look; empty where there is nothing to be found."""
    kind = "" if verdict.mistake is None else verdict.mistake.kind
    return _BY_KIND.get(kind) or _OF_STATUS.get(verdict.status, "")

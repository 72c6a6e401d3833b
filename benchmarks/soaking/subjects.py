"""What random formulas are written about: a few variables, or the claims that take a written answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from refute.claims import Claim, Real
from refute.formula.expr import Expr, Name
from refute.formula.parse import parse
from refute.formula.read import OPEN
from refute.formula.vocabulary import Vocabulary
from refute.project import load

Exprs = tuple[Expr, ...]


@dataclass(frozen=True)
class Subject:
    """What formulas are written about: the names they may use, and the claim if they answer one.

    `atoms` and `positive` ones stand anywhere, the `indexed` and `positive_indexed` names get an index that is bound;
    the names of `kinds` are vectors and matrices. `known` are equations that hold between nodes.
    """

    atoms: Exprs
    positive: Exprs = ()
    indexed: tuple[str, ...] = ()
    positive_indexed: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[Expr, Exprs] = field(default_factory=dict)
    claim: Claim | None = None
    is_random: bool = False  # the claim's right formula is a random one

    @property
    def vocabulary(self) -> Vocabulary:
        """What its formulas are read with."""
        return self.claim.blank.vocabulary if self.claim is not None and self.claim.blank is not None else OPEN

    @cached_property
    def own_index(self) -> frozenset[str]:
        """The index of the node that the claim asks for."""
        own = self.vocabulary.own_node
        return frozenset(i.name for i in own.indices if isinstance(i, Name)) if own is not None else frozenset()


VARIABLES = Subject(
    atoms=tuple(map(Name, "xyz")), positive=(Name("a"),),
    functions=("exp", "tanh", "sigmoid", "cosh", "sech", "sinh"),
)  # fmt: skip
DOMAIN = {"a": Real(low=0)}
WEIGHTS = tuple(f"w_{gate}{source}" for gate in "ifog" for source in "xh")
LSTM_EQUATIONS = {
    "i[t]": ("sigmoid(w_ix*x[t] + w_ih*h[t-1])",),
    "f[t]": ("sigmoid(w_fx*x[t] + w_fh*h[t-1])",),
    "o[t]": ("sigmoid(w_ox*x[t] + w_oh*h[t-1])",),
    "g[t]": ("tanh(w_gx*x[t] + w_gh*h[t-1])",),
    "c[t]": ("f[t]*c[t-1] + i[t]*g[t]",),
    "h[t]": ("o[t]*tanh(c[t])",),
}


@cache
def subjects() -> tuple[Subject, ...]:
    """One for each claim that takes a written answer."""
    return tuple(_subject(claim) for claim in load(Path(__file__).parent).claims if claim.blank is not None)


def _subject(claim: Claim) -> Subject:
    assert claim.blank is not None
    withheld = {parse(node) for node in claim.blank.withheld}
    if claim.id.startswith("1"):
        own = next(iter(claim.blank.vocabulary.own_node.indices), None) if claim.blank.vocabulary.own_node else None
        gates = (*"ifogcxh", *(f"{gate}_bar" for gate in "ifogch"))
        indexed = tuple(name for name in gates if Name(name, (Name("t"),)) not in withheld or own is None)
        return Subject(
            atoms=tuple(map(Name, WEIGHTS)), indexed=indexed, positive_indexed=("i", "f", "o"),
            functions=VARIABLES.functions,
            known={parse(node): tuple(map(parse, forms)) for node, forms in LSTM_EQUATIONS.items()}, claim=claim,
        )  # fmt: skip
    if claim.id.startswith("2"):
        return Subject(atoms=(), positive=tuple(map(Name, "GDH")), claim=claim)
    known = {"theta[k]": ("theta[k+1] - p[k+1]",), "theta[k+1]": ("theta[k] + p[k+1]",)} if claim.id == "3a.p" else {}
    sizes = ("D", "K") if claim.id == "3b.volume" else ("D",)
    return Subject(
        atoms=(), positive=tuple(map(Name, ("alpha", "beta", *(sizes if claim.id[:2] == "3b" else ())))),
        kinds={"theta": "vector", "p": "vector", "grad_J": "vector", "H": "matrix", "I": "matrix"},
        known={parse(node): tuple(map(parse, forms)) for node, forms in known.items()}, claim=claim,
    )  # fmt: skip

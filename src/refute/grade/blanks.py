"""Which claim an answer belongs to: by its id, or by the left-hand side of its equation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache

from refute.claims import Claim
from refute.formula.expr import Name
from refute.formula.read import left_side
from refute.formula.vocabulary import Vocabulary

LONGEST_LEFT = 400  # characters of a left-hand side that is looked at
LONGEST_ID = 60
LIKELY = 0.75  # how alike a word must be to an id to be a misspelt one
REMEMBERED = 4096  # left-hand sides

_SPELT = {"dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "prime": "'", "lvert": "|", "rvert": "|", "vert": "|"}
_SILENT = frozenset(
    (
        *(
            "frac",
            "left",
            "right",
            "text",
            "textrm",
            "textit",
            "textbf",
            "mathrm",
            "mathbf",
            "boldsymbol",
            "bm",
            "mathit",
        ),
        *("mathcal", "mathsf", "operatorname", "big", "bigg", "displaystyle", "quad", "qquad", "limits", "of", "the"),
    )
)
_WORD = re.compile(r"[a-z]+|[0-9]+|[-+#|']")


@dataclass(frozen=True)
class Owners:
    """The claims whose blank a left-hand side is; more than one is ambiguous. If it `is_node`, the side is the node
    that the blank asks for, which reading a formula drops by itself; else it is one of the blank's names."""

    claims: tuple[Claim, ...] = ()
    is_node: bool = False


@dataclass
class _Nodes:
    """Blanks whose vocabularies are the `shared` one, but for the node asked for and its own name: one reading of a
    left-hand side does for all of them."""

    shared: Vocabulary
    vocabulary: Vocabulary
    by_node: dict[Name, tuple[Claim, ...]] = field(default_factory=dict)

    def of(self, left: str) -> tuple[Claim, ...]:
        """The claims that ask for what a left-hand side denotes."""
        node = left_side(left, self.vocabulary)
        return () if node is None else self.by_node.get(node, ())


class Blanks:
    """The places that a person may fill in: those of claims, in the sheet's order."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = tuple(claims)
        self._by_id = {_plain_id(claim.id): claim for claim in self.claims}
        self._nodes: list[_Nodes] = []
        self._called: dict[tuple[str, ...], tuple[Claim, ...]] = {}
        self._begins: dict[tuple[str, ...], tuple[Claim, ...]] = {}
        for claim in self.claims:
            if claim.blank is not None:
                self._add_node(claim, claim.blank.vocabulary)
                for name in claim.blank.called:
                    names = self._begins if name.endswith("...") else self._called
                    names[words(name)] = (*names.get(words(name), ()), claim)
        self.owners = lru_cache(maxsize=REMEMBERED)(self._owners)

    def claim(self, written: str) -> Claim | None:
        """The claim of an id as it is written: capitals and LaTeX's escapes mean nothing."""
        return self._by_id.get(_plain_id(written)) if len(written) <= LONGEST_ID else None

    def nearest(self, written: str) -> str | None:
        """The id that was perhaps meant by one that no claim has."""
        found = get_close_matches(_plain_id(written[:LONGEST_ID]), self._by_id, 1)
        return self._by_id[found[0]].id if found else None

    def is_misspelt(self, word: str) -> bool:
        """Whether a word that is no id is much like one."""
        return bool(get_close_matches(_plain_id(word[:LONGEST_ID]), self._by_id, 1, LIKELY))

    def _owners(self, left: str) -> Owners:
        """The claims whose blank a left-hand side is. (`owners` is this, remembered.)"""
        left = left.strip()
        if not left or len(left) > LONGEST_LEFT:
            return Owners()
        nodes = [claim for group in self._nodes for claim in group.of(left)]
        if nodes:
            return Owners(tuple(nodes), is_node=True)
        said = words(left)
        exact = self._called.get(said)
        if exact is not None:
            return Owners(exact)
        begun = [claims for begin, claims in self._begins.items() if said[: len(begin)] == begin]
        return Owners(tuple({claim.id: claim for claims in begun for claim in claims}.values()))

    def _add_node(self, claim: Claim, vocabulary: Vocabulary) -> None:
        own, shared = vocabulary.own_node, replace(vocabulary, own="")
        if own is None:
            return
        for group in self._nodes:
            first = group.vocabulary.own_node
            if group.shared == shared and first is not None and first.indices == own.indices:
                break
        else:
            group = _Nodes(shared, vocabulary)
            self._nodes.append(group)
        names = {**group.vocabulary.names, own.name: len(own.indices)}
        group.vocabulary = replace(group.vocabulary, names=names)
        node = left_side(vocabulary.own, group.vocabulary) or own
        group.by_node[node] = (*group.by_node.get(node, ()), claim)


def words(text: str) -> tuple[str, ...]:
    """What a left-hand side says in words, letters and numbers, without fonts, brackets and scripts."""
    named = re.sub(r"\\([A-Za-z]+)", lambda match: f" {_SPELT.get(match[1], match[1])} ", text)
    return tuple(word for word in _WORD.findall(named.casefold()) if word not in _SILENT)


def _plain_id(written: str) -> str:
    return re.sub(r"[\s\\`*]", "", written).casefold()

"""Question 2, Multidimensional RNN. Claims: 2.activations 2a.weights 2a.operations 2b.steps 2b.optimal
2c.receptive_field 2c.depth"""

from __future__ import annotations

from fractions import Fraction

from refute.claims import Blank, Choice, Claim, Natural, Question, Real
from refute.formula.model import Model
from refute.formula.vocabulary import Vocabulary
from specs.pictures import wavefront
from specs.scenes import (
    agrees_with_model,
    dependent_squares,
    depths,
    grid_sizes,
    operations,
    receptive_fields,
    rounds,
    weights_read,
)

SHEET = "CSC421/2516 Winter 2019, homework 4, question 2"
PRODUCT = "transpose(W_in)*x[i,j] + transpose(W_W)*h[i-1,j] + transpose(W_N)*h[i,j-1]"

mdrnn = Model(ranges={"i": ("1", "G"), "j": ("1", "G")}, equations=f"h[i,j] = phi({PRODUCT})")

small_grids = {"G": Natural(1, 6), "D": Natural(1, 8), "H": Natural(1, 8)}
grids = {"G": Natural(1, 6), "D": Natural(1, 2), "H": Natural(1, 2)}
functions = ("mdrnn_forward", "mdrnn_wavefront")


def count(*right: str, called: tuple[str, ...]) -> Blank:
    """Where a count is written, as a formula of G, D and H; it is right as any of the parts named."""
    return Blank(
        setting=grid_sizes,
        vocabulary=Vocabulary(
            names=dict.fromkeys("GDH", 0),
            aliases={"g": "G", "d": "D", "h": "H"},
            units=frozenset(name.split()[-1] for name in called),
        ),
        given=dict.fromkeys("GDH", Natural(1, 40)),
        right=right or ("",),
        words={"G": "side of the grid", "D": "input dimension", "H": "hidden dimension"},
        examples=("3*G^2*D", "3G^2 D", r"3 G^2 \cdot D + H"),
        called=called,
    )


QUESTION = Question(
    "2",
    title="Multidimensional RNN",
    text="""A grid of G by G squares, input dimension D, hidden dimension H, no biases; each square is connected to its
        west and north neighbours.""",
    claims=(
        Claim(
            "2.activations",
            ask="The hidden activations of a square",
            formula=f"phi({PRODUCT})",
            mistakes={
                "phi(W_in*x[i,j] + W_W*h[i-1,j] + W_N*h[i,j-1])": "the transposes are lost",
                "phi(transpose(W_in)*x[i,j] + transpose(W_N)*h[i-1,j] + transpose(W_W)*h[i,j-1])": "west for north",
                "phi(transpose(W_in)*x[i,j] + transpose(W_W)*h[i-1,j])": "no connection to the north",
                "phi(transpose(W_in)*x[i,j] + (transpose(W_W) + transpose(W_N))*h[i-1,j-1])": "the diagonal neighbour",
                "transpose(W_in)*x[i,j] + transpose(W_W)*h[i-1,j] + transpose(W_N)*h[i,j-1]": "phi is lost",
            },
            source=SHEET,
            sizes={"G": Natural(2, 3), "D": Choice((2,)), "H": Choice((2,))},
            given={name: Real() for name in ("x", "W_in", "W_W", "W_N")},
            observe=agrees_with_model(mdrnn),
            functions=functions,
        ),
        Claim(
            "2a.weights",
            ask="How many weights does this architecture have?",
            formula="2*H^2 + D*H",
            mistakes={
                "H^2 + D*H": "only one of the two recurrent matrices is counted",
                "2*H^2 + D*H + H": "there are no biases",
                "2*H^2 + D": "W_in has D*H entries",
                "G^2*(2*H^2 + D*H)": "the squares share their weights",
                "2*H + D*H": "the recurrent weights are matrices, not vectors",
                "2*H^2 + 2*D*H": "the input matrix is counted twice",
            },
            source=f"{SHEET}, first part",
            points=Fraction(1, 2),
            sizes={"G": Natural(2, 4), "D": Natural(1, 6), "H": Natural(1, 6)},
            observe=weights_read,
            functions=functions,
            blank=count(
                called=(
                    "weights",
                    "# weights",
                    "number of weights",
                    "total number of weights",
                    "total weights",
                    "N weights",
                    "parameters",
                    "number of parameters",
                )
            ),
        ),
        Claim(
            "2a.operations",
            ask="How many arithmetic operations are required to compute the hidden activations?",
            formula={
                "zero-padded border: multiplications": "G^2*(D*H + 2*H^2)",
                "zero-padded border: additions": "G^2*H*(D + 2*H - 1)",
                "zero-padded border: phi": "G^2*H",
                "zero-padded border: total": "2*G^2*(D*H + 2*H^2)",
                "zero-padded border: total without phi": "2*G^2*(D*H + 2*H^2) - G^2*H",
                "zero-padded border: total, sums from 0": "2*G^2*(D*H + 2*H^2) + G^2*H",
                "border skipped: multiplications": "G^2*D*H + 2*G*(G - 1)*H^2",
                "border skipped: additions": "G^2*H*(D - 1) + 2*G*(G - 1)*H^2",
                "border skipped: phi": "G^2*H",
                "border skipped: total": "2*G^2*D*H + 4*G*(G - 1)*H^2",
                "border skipped: total without phi": "2*G^2*D*H + 4*G*(G - 1)*H^2 - G^2*H",
                "border skipped: total, sums from 0": "2*G^2*D*H + 4*G*(G - 1)*H^2 + G^2*H",
            },
            growth={
                "zero-padded border: total": "G^2*(H^2 + D*H)",
                "border skipped: total": "G^2*(H^2 + D*H)",
            },
            least={"G": 2, "D": 1, "H": 1},
            mistakes={
                "zero-padded border: multiplications: G^2*(D*H + H^2)": "only one recurrent product is counted",
                "zero-padded border: multiplications: G*(D*H + 2*H^2)": "there are G^2 squares",
                "zero-padded border: additions: G^2*H*(D + 2*H)": "n numbers take n - 1 additions",
                "border skipped: multiplications: G^2*D*H + 2*(G - 1)^2*H^2": "a side lacks one neighbour, not both",
                "zero-padded border: total: G^2*(D*H + 2*H^2)": "the additions are left out",
                "zero-padded border: total: 3*G^2": "matrix-vector products are counted, not the operations in them",
                "border skipped: total: 2*G^2*(D*H + 2*H^2)": "the border is counted",
                "growth: G^2*H^2*D": "true, not tight: the terms add, they do not multiply",
                "growth: G^2*H^2": "not an upper bound when D is large",
            },
            source=f"{SHEET}, first part",
            points=Fraction(1, 2),
            sizes=small_grids,
            observe=operations,
            functions=functions,
            blank=count(
                "zero-padded border: total",
                "zero-padded border: total without phi",
                "zero-padded border: total, sums from 0",
                "zero-padded border: multiplications",
                "border skipped: total",
                "border skipped: total without phi",
                "border skipped: total, sums from 0",
                "border skipped: multiplications",
                called=(
                    *("operations", "# operations", "number of operations", "total operations", "N operations"),
                    *("arithmetic operations", "# arithmetic operations", "number of arithmetic operations"),
                    *("total number of operations", "total number of arithmetic operations", "ops", "# ops"),
                    "multiplications",
                ),
            ),
        ),
        Claim(
            "2b.steps",
            ask="How many steps are required to compute the hidden activations?",
            formula="2*G - 1",
            mistakes={
                "2*G": "the first and the last diagonal are one square each",
                "2*G - 2": "the first square takes a step too",
                "G": "a diagonal, not a row, is done in a step",
                "G^2": "squares on a diagonal do not wait for each other",
                "2*G + 1": "off by two",
            },
            source=f"{SHEET}, second part",
            points=Fraction(1, 2),
            sizes=grids,
            observe=rounds,
            functions=functions,
            blank=count(
                called=("steps", "# steps", "number of steps", "total number of steps", "total steps", "N steps")
            ),
            pictures=wavefront,
        ),
        Claim(
            "2b.optimal",
            ask="Why can no schedule be shorter?",
            formula="2*G - 1",
            mistakes={
                "2*G - 2": "a chain of 2G - 1 squares needs 2G - 1 steps",
                "G": "the chain turns a corner",
                "2*G": "there is no chain that long",
                "G^2": "not all squares are on one chain",
                "G + 1": "right for G = 2 only",
            },
            source=f"{SHEET}, second part, explanation",
            points=Fraction(1, 2),
            manual=True,
            sizes=grids,
            observe=dependent_squares,
            functions=functions,
        ),
        Claim(
            "2c.receptive_field",
            ask="An advantage of an MDRNN compared to a conv net: how much of the input a square sees",
            formula={"MDRNN": "i*j", "MDRNN, north-west": "i*j", "conv net": "(L*(k - 1) + 1)^2"},
            mistakes={
                "MDRNN: i + j - 1": "not the row and the column only",
                "MDRNN: i*j - 1": "the square itself is seen too",
                "MDRNN: max(i, j)^2": "a rectangle, not a square",
                "conv net: (L*k)^2": "each layer adds k - 1, not k",
                "conv net: k^2": "right for one layer only",
                "conv net: L*(k - 1) + 1": "the side, not the area",
            },
            source=f"{SHEET}, third part",
            points=Fraction(1, 2),
            manual=True,
            sizes=(
                {"G": Natural(1, 6)},
                {"L": Natural(1, 3), "k": Choice((1, 3))},
                {"L": Natural(1, 2), "k": Choice((5,))},
            ),
            observe=receptive_fields,
            functions=(*functions, "conv_forward"),
        ),
        Claim(
            "2c.depth",
            ask="A disadvantage of an MDRNN compared to a conv net: how many steps must wait for each other",
            formula={"MDRNN": "2*G - 1", "conv net": "L"},
            mistakes={
                "MDRNN: G": "two sides of the grid, not one",
                "MDRNN: G^2": "diagonals are done at once",
                "MDRNN: 2*G": "off by one",
                "conv net: 2*G - 1": "a conv net's depth does not grow with the grid",
                "conv net: L*G": "all squares of a layer are done at once",
            },
            source=f"{SHEET}, third part",
            points=Fraction(1, 2),
            manual=True,
            sizes={"G": Natural(1, 6), "L": Natural(1, 4)},
            observe=depths,
            functions=(*functions, "conv_forward"),
        ),
    ),
)

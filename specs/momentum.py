"""Question 3, Reversibility. Claims: 3a.theta 3a.p 3a.roundtrip 3b.factors 3b.det 3b.volume 3.exact_reversal"""

from __future__ import annotations

from fractions import Fraction

from refute.claims import Blank, Choice, Claim, Natural, Question, Real, Sizes
from refute.formula.model import Model
from refute.formula.vocabulary import Vocabulary
from specs.pictures import phase_space
from specs.scenes import around_a_step, exact_reversal, jacobian_factors, roundtrip, state_before, step_determinant

SHEET = "CSC421/2516 Winter 2019, homework 4, question 3"

momentum = Model(
    ranges={"k": ("0", "K - 1")},
    equations="""
        p[k+1] = beta*p[k] - alpha*grad_J(theta[k])
        theta[k+1] = theta[k] + p[k+1]
    """,
)

# Energies J(theta) whose gradients the determinant is tried on, besides an uninterpreted one.
energies = {
    "quadratic": "sum(sum(A[i,j]*theta[i]*theta[j], j, 1, D), i, 1, D)/2",
    "quartic": "sum(sum(A[i,j]*theta[i]^2*theta[j]^2, j, 1, D) + B[i,i]*theta[i], i, 1, D)",
    "tanh network": "sum(B[i,i]*tanh(sum(A[i,j]*theta[j], j, 1, D)), i, 1, D)",
}

given = {
    "alpha": Real(low=0),
    "beta": Real(0, 1),
    "theta": Real(),
    "p": Real(),
    "g": Real(),
    "H": Real(),
    "A": Real(),
    "B": Real(),
}
dimensions = {"D": Natural(1, 4)}
functions = ("momentum_step", "momentum_inverse")
step = around_a_step(momentum)


def blank(
    own: str,
    *withheld: str,
    right: tuple[str, ...] = ("",),
    sizes: tuple[Sizes, ...] = ({"D": 1}, {"D": 2}, {"D": 3}),
    called: tuple[str, ...] = (),
) -> Blank:
    """Where a formula about one step is written; the nodes `withheld` are what the inverse has to find."""
    return Blank(
        setting=step,
        vocabulary=Vocabulary(
            names={"theta": 1, "p": 1} | dict.fromkeys(("alpha", "beta", "I", "H", "D", "K"), 0),
            indices={"k": ("0", "0")},
            functions=frozenset({"grad_J", "hess_J"}),
            aliases={"v": "p", "mu": "beta", "gamma": "beta", "eta": "alpha", "lambda": "alpha", "lr": "alpha"},
            own=own,
            model=momentum,
        ),
        sizes=sizes,
        right=right,
        withheld=withheld,
        shown=("theta[k]", "theta[k+1]", "p[k]", "p[k+1]"),
        words={
            "theta": "parameters",
            "p": "velocity",
            "alpha": "learning rate",
            "beta": "momentum",
            "H": "Hessian",
            "g": "slope of J at 0",
            "q": "third derivative of J, halved",
        },
        examples=(
            "alpha*theta[k+1] + grad_J(p[k+1])/2",
            r"\alpha \theta^{(k+1)} + \frac{1}{2} \nabla J(p^{(k+1)})",
            "[[I, 0], [alpha*H, -I]]*[[H, I], [0, I]]",
        ),
        called=called,
    )


QUESTION = Question(
    "3",
    title="Reversibility",
    text="Gradient descent with momentum, s = (theta, p), as a function from one state to the next.",
    claims=(
        Claim(
            "3a.theta",
            ask="The inverse: the parameters before the step",
            formula="theta[k+1] - p[k+1]",
            mistakes={
                "theta[k+1] + p[k+1]": "the sign is wrong",
                "theta[k+1]": "the step is not undone",
                "theta[k+1] - beta*p[k+1]": "beta is already in p",
                "theta[k+1] - alpha*p[k+1]": "alpha is already in p",
                "theta[k+1] - p[k]": "the velocity before the step, not after it",
            },
            source=f"{SHEET}, first part",
            points=Fraction(1, 2),
            given=given,
            sizes=dimensions,
            observe=state_before(momentum),
            functions=functions,
            by_code=True,
            blank=blank("theta[k]", "theta[k]", "p[k]"),
            symbolic=({"D": 1}, {"D": 2}),
        ),
        Claim(
            "3a.p",
            ask="The inverse: the velocity before the step",
            formula="(p[k+1] + alpha*grad_J(theta[k]))/beta",
            mistakes={
                "(p[k+1] - alpha*grad_J(theta[k]))/beta": "the sign is wrong",
                "p[k+1] + alpha*grad_J(theta[k])/beta": "p is to be divided by beta too",
                "(p[k+1] + alpha*grad_J(theta[k+1]))/beta": "the gradient is taken after the step",
                "(p[k+1] + grad_J(theta[k]))/beta": "alpha is left out",
                "beta*(p[k+1] + alpha*grad_J(theta[k]))": "beta multiplies instead of dividing",
                "(p[k+1] + alpha*grad_J(theta[k+1] + p[k+1]))/beta": "the parameters go the wrong way",
            },
            source=f"{SHEET}, first part",
            points=Fraction(1, 2),
            given=given,
            sizes=dimensions,
            observe=state_before(momentum),
            functions=functions,
            by_code=True,
            blank=blank("p[k]", "p[k]"),
            symbolic=({"D": 1}, {"D": 2}),
        ),
        Claim(
            "3a.roundtrip",
            ask="Inverse after step, and step after inverse, are the identity, for any J",
            formula={
                "step then inverse, theta": "theta[k]",
                "step then inverse, p": "p[k]",
                "inverse then step, theta": "theta[k]",
                "inverse then step, p": "p[k]",
            },
            mistakes={
                "step then inverse, theta: theta[k+1]": "nothing is undone",
                "step then inverse, theta: theta[k+1] - p[k]": "the old velocity is subtracted",
                "step then inverse, p: p[k+1]/beta": "the gradient is left out",
                "step then inverse, p: (p[k+1] + alpha*grad_J(theta[k+1]))/beta": "the gradient is taken too late",
                "inverse then step, theta: theta[k+1] + p[k+1]": "the velocity is not updated before it is used",
                "inverse then step, p: beta*p[k+1]": "the gradient is left out",
            },
            source=f"{SHEET}, first part",
            given=given,
            sizes={"D": Natural(1, 3), "K": Natural(1, 3)},
            observe=roundtrip,
            functions=functions,
            symbolic=({"D": 1, "K": 1}, {"D": 2, "K": 1}),
        ),
        Claim(
            "3b.factors",
            ask="The Jacobian as a product of two matrices, one for each line of the update",
            formula={
                "line for p": "[[I, 0], [-alpha*H, beta*I]]",
                "line for theta": "[[I, I], [0, I]]",
                "step": "[[I, I], [0, I]]*[[I, 0], [-alpha*H, beta*I]]",
                "step, (p, theta)": "[[I, 0], [I, I]]*[[beta*I, -alpha*H], [0, I]]",
            },
            mistakes={
                "step: [[I, 0], [-alpha*H, beta*I]]*[[I, I], [0, I]]": "the factors are in the wrong order",
                "step: [[I, 0], [-alpha*H, beta*I]]": "one factor of the Jacobian given as the whole",
                "step: [[I, I], [0, I]]*[[I, 0], [alpha*H, beta*I]]": "the sign of the Hessian",
                "step: [[I, 0], [I, I]]*[[I, 0], [-alpha*H, beta*I]]": "the first factor transposed",
                "step: [[I, I], [0, I]]*[[I, -alpha*H], [0, beta*I]]": "the second factor transposed",
                "step: [[I, I], [0, I]]*[[I, 0], [-alpha*I, beta*I]]": "the Hessian is left out",
                "step: [[I, I], [0, I]]*[[0, I], [beta*I, -alpha*H]]": "the columns have the other order of the state",
            },
            source=f"{SHEET}, second part",
            points=Fraction(1),
            given=given,
            sizes=dimensions,
            observe=jacobian_factors(momentum),
            functions=functions,
            blank=blank(
                "",
                right=("step", "step, (p, theta)"),
                called=(
                    *("J", "J_f", "J_k", "J^{(k)}", "Df", "f'", "Jacobian", r"\frac{\partial f}{\partial s}"),
                    *(rf"\frac{{{d} s^{{(k+1)}}}}{{{d} s^{{(k)}}}}" for d in (r"\partial", "d")),
                    r"\frac{\partial (\theta^{(k+1)}, p^{(k+1)})}{\partial (\theta^{(k)}, p^{(k)})}",
                    r"\frac{\partial (p^{(k+1)}, \theta^{(k+1)})}{\partial (p^{(k)}, \theta^{(k)})}",
                    r"\frac{\partial f(s^{(k)})}{\partial s^{(k)}}",
                ),
            ),
            symbolic=({"D": 1}, {"D": 2}),
        ),
        Claim(
            "3b.det",
            ask="The determinant of the Jacobian",
            formula="beta^D",
            mistakes={
                "beta": "right for D = 1 only",
                "beta^(2*D)": "only the velocity is scaled",
                "-beta^D": "the sign is wrong",
                "0": "the step can be inverted",
                "1": "the velocity shrinks",
                "alpha^D": "alpha has no part in it",
                "(1 - alpha)^D*beta^D": "the Hessian's block does not enter",
            },
            source=f"{SHEET}, second part",
            points=Fraction(1),
            given=given,
            sizes=(
                {"D": Natural(1, 4), "J": Choice(("any", *energies))},
                {"D": Choice((10, 50)), "J": Choice(("any",))},
            ),
            observe=step_determinant(energies),
            functions=functions,
            blank=blank(
                "",
                sizes=({"D": 1}, {"D": 2}, {"D": 5}, {"D": 3}),  # mistakes are told at the last but one
                called=(
                    r"\det \partial s^{(k+1)}/\partial s^{(k)}",
                    r"\det J",
                    r"\det J_f",
                    r"\det J_k",
                    r"\det J^{(k)}",
                    r"\det ...",
                    "determinant ...",
                    "| ...",
                ),
            ),
            pictures=phase_space,
            symbolic=({"D": 1, "J": "any"}, {"D": 2, "J": "any"}, {"D": 3, "J": "any"}),
        ),
        Claim(
            "3b.volume",
            ask="The determinant of the Jacobian of K steps",
            formula="beta^(K*D)",
            mistakes={
                "beta^D": "right for K = 1 only",
                "beta^K": "right for D = 1 only",
                "K*beta^D": "determinants of steps multiply",
                "beta^(K + D)": "the exponents multiply",
                "1": "volume is not preserved",
            },
            source=f"{SHEET}, second part",
            given=given,
            sizes={"K": Natural(1, 3), "D": Natural(1, 2), "J": Choice(("any", *energies))},
            observe=step_determinant(energies),
            functions=functions,
            blank=blank(
                "",
                sizes=({"D": 1, "K": 2}, {"D": 2, "K": 3}, {"D": 5, "K": 13}, {"D": 3, "K": 4}),
                called=(
                    r"\det \partial s^{(K)}/\partial s^{(0)}",
                    r"\det \partial s^{(k+K)}/\partial s^{(k)}",
                ),
            ),
        ),
        Claim(
            "3.exact_reversal",
            ask="How much must be remembered to run finite-precision momentum backwards bit-exactly?",
            formula={"entries not restored": "0", "bits per parameter": "K*log2(1/beta)"},
            within={"bits per parameter": "16"},
            mistakes={
                "bits per parameter: K": "less than one bit a step is lost",
                "bits per parameter: 64*K": "storing every velocity is far too much",
                "bits per parameter: K*log2(beta)": "the sign is wrong",
                "bits per parameter: log2(1/beta)": "the loss adds up over the steps",
                "bits per parameter: 2*K*log2(1/beta)": "only the velocity loses bits",
            },
            source="""Maclaurin, Duvenaud and Adams 2015, Gradient-based hyperparameter optimization through reversible
                learning, section 2""",
            sizes={"K": Choice((1_000, 10_000))},
            observe=exact_reversal,
            functions=("fixed_point_step", "fixed_point_inverse"),
        ),
    ),
)

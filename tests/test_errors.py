"""Errors: the text says what, expected, got, where and an example, and the class says whose fault it is."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refute.errors import (
    AnswerError,
    ImplementationError,
    InternalError,
    ProjectError,
    RefuteError,
    UsageError,
)
from refute.formula.parse import FormulaError

EXIT_CODES = {
    AnswerError: 3,
    FormulaError: 3,
    ProjectError: 2,
    UsageError: 2,
    ImplementationError: 1,
    InternalError: 70,
    RefuteError: 70,
}
LABELS = {"expected": "expected", "got": "got", "where": "at", "example": "for example"}
WORDS = st.text("abcxyz", min_size=1, max_size=5)
PARTS = st.dictionaries(st.sampled_from(list(LABELS)), WORDS)


@pytest.mark.parametrize("kind", EXIT_CODES)
def test_the_exit_code_says_whose_fault_it_is(kind: type[RefuteError]) -> None:
    assert kind("it fails").exit_code == EXIT_CODES[kind]
    assert isinstance(kind("it fails"), RefuteError)


def test_every_kind_of_error_has_its_exit_code_here() -> None:
    assert set(RefuteError.__subclasses__()) < set(EXIT_CODES)


TEXTS: Mapping[str, tuple[str, dict[str, str]]] = {
    "it fails": ("it fails", {}),
    "it fails: expected a, got b; at c; for example d": (
        "it fails",
        {"expected": "a", "got": "b", "where": "c", "example": "d"},
    ),
    "it fails: expected a": ("it fails", {"expected": "a"}),
    "it fails: got b; for example d": ("it fails", {"got": "b", "example": "d"}),
    "it fails: at c": ("it fails", {"where": "c"}),
    "expected a, got b": ("", {"expected": "a", "got": "b"}),
    "at c; for example d": ("", {"where": "c", "example": "d"}),
    "": ("", {}),
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_is_the_message_and_the_parts_that_are_given(text: str) -> None:
    message, parts = TEXTS[text]
    assert str(RefuteError(message, **parts)) == text


@given(WORDS, PARTS)
def test_the_parts_stand_in_the_text_in_their_order(message: str, parts: dict[str, str]) -> None:
    given_parts = [f"{label} {parts[name]}" for name, label in LABELS.items() if name in parts]
    assert re.split(": |, |; ", str(ProjectError(message, **parts))) == [message, *given_parts]


@given(WORDS, PARTS)
def test_a_part_that_is_none_is_not_mentioned(message: str, parts: dict[str, str]) -> None:
    none: dict[str, None] = dict.fromkeys(LABELS)
    assert str(UsageError(message, **{**none, **parts})) == str(UsageError(message, **parts))


@given(WORDS, PARTS)
def test_the_parts_are_attributes(message: str, parts: dict[str, str]) -> None:
    error = AnswerError(message, **parts)
    assert error.message == message
    assert {name: getattr(error, name) for name in LABELS} == dict.fromkeys(LABELS) | parts


@pytest.mark.parametrize("kind", EXIT_CODES)
def test_an_error_comes_whole_out_of_another_process(kind: type[RefuteError]) -> None:
    error = kind("it fails", expected="a", where="c")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))


def test_the_place_in_a_formula_survives_too() -> None:
    error = FormulaError("it fails", line=2, column=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.line, copy.column) == (2, 3)


def test_the_case_of_one_failure_is_not_that_of_another() -> None:
    one, other = ImplementationError("one"), ImplementationError("other")
    one.case = {"T": "2"}
    assert (one.case, other.case) == ({"T": "2"}, {})
    with pytest.raises(TypeError):
        other.case["T"] = "3"  # type: ignore[index]  # that it cannot be changed is the law

"""A claim project's claims as pytest's items."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest

from refute.claims import Bound
from refute.configuration import nearest
from refute.deciding.bench import name_of
from refute.deciding.check import Checker
from refute.deciding.verdict import Status, Verdict
from refute.errors import RefuteError
from refute.project import Trial, load, with_others
from refute.report.terminal import failure
from refute.sandbox.local import LocalImplementation
from refute.testing.profiles import Profile
from refute.testing.running import NotAccepted, current


class ProjectFile(pytest.File):
    """The pyproject.toml of a claim project, whose claims are its items: each with the project's own implementation and
    with each other one.

    Claims that share an observation and an implementation share the runs of it.
    """

    def __init__(self, *, profile: Profile, seed: int, **node: Any) -> None:
        super().__init__(**node)
        self.profile, self.seed = profile, seed
        self._checkers: dict[object, Checker] = {}
        self._others: dict[object, LocalImplementation] = {}

    def collect(self) -> Iterator[pytest.Item]:
        """The items. Raises CollectError when the project is not in order."""
        before = list(sys.path)
        try:
            self.project = with_others(load(self.path.parent))
            trials = self.project.trials(self.project.select())
        except RefuteError as error:
            raise self.CollectError(f"refute: {error}") from None
        finally:
            self.import_path, sys.path[:] = list(sys.path), before
        groups: dict[object, str] = {}
        for trial in trials:
            item = ClaimItem.from_parent(self, name=self._name(trial), trial=trial)
            if self.config.pluginmanager.hasplugin("xdist"):
                group = groups.setdefault(self._group(trial), item.name)
                item.add_marker(pytest.mark.xdist_group(f"refute {group}"))
            yield item
        for name, reason in self.project.missing.items():
            missing = MissingItem.from_parent(self, name=f"claims / {name}")
            missing.add_marker(pytest.mark.skip(reason=reason))
            yield missing

    def _name(self, trial: Trial) -> str:
        """The claim, and what it is checked against; one about the model alone has nothing else."""
        claim = self.project.claim(trial.claim)
        own = None if isinstance(claim.observe, Bound) else self.project.implementation_of(claim)
        other = trial.other or (None if own is None else name_of(own))
        return f"claim {trial.claim}" if other is None else f"claim {trial.claim} / {other}"

    def _group(self, trial: Trial) -> object:
        """What trials have in common whose claims share an observation, and which try the same implementation."""
        return id(self.project.claim(trial.claim).observe), trial.other

    def verdict_on(self, trial: Trial) -> Verdict:
        """The verdict on one trial. Raises ProjectError when a spec is not in order."""
        group, claim = self._group(trial), self.project.claim(trial.claim)
        if group not in self._checkers:
            self._checkers[group] = Checker(self.profile.options(self.seed))
        checker, fitted = self._checkers[group], self.profile.fitted(claim)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "path", list(self.import_path))
            if trial.other is None:
                return checker.check(fitted, self.project.implementation_of(claim))
            if group not in self._others:
                self._others[group] = self.project.other_implementation(trial.other, claim)
            return checker.check_other(fitted, self._others[group])

    def command(self, trial: Trial) -> str:
        """The command that decides a trial again, without pytest."""
        words = ["refute", "check", trial.claim, *(("--impl", trial.other) if trial.other else ())]
        command = f"{shlex.join(words)} --seed {self.seed}"
        folder, start = self.path.parent, self.config.invocation_params.dir
        return (
            command if nearest(start) == folder.resolve() else f"cd {shlex.quote(relpath(folder, start))} && {command}"
        )


class ClaimItem(pytest.Item):
    """A claim and an implementation of it. Setting up reaches the verdict, so that what keeps us from one is an error
    and not a failure."""

    def __init__(self, *, trial: Trial, **node: Any) -> None:
        super().__init__(**node)
        file: ProjectFile = node["parent"]
        self.trial, self.file, self.claim = trial, file, file.project.claim(trial.claim)
        question = next(question for question in file.project.questions if self.claim in question.claims)
        _, _, other = self.name.partition(" / ")
        self.add_marker(pytest.mark.claim(id=self.claim.id, question=question.id, implementation=other))

    def setup(self) -> None:
        """Reach the verdict."""
        self.verdict = self.file.verdict_on(self.trial)

    def runtest(self) -> None:
        """Say what the verdict is worth."""
        current().verdicts.append(("claim", self.verdict))
        if self.verdict.status is Status.SKIPPED:
            pytest.skip(self.verdict.message)
        if not self.verdict.accepted:
            raise NotAccepted(self.verdict, failure(self.claim, self.verdict), (self.file.command(self.trial),))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the claim is written, and the headline of a failure."""
        path, _, line = self.claim.place.rpartition(":")
        return Path(path), int(line) - 1, f"{self.name} at {Path(path).name}:{line}"


class MissingItem(pytest.Item):
    """What stands for the claims of an implementation that could not be imported; it is marked to be skipped."""

    def runtest(self) -> None:
        """Nothing can be run."""
        raise NotImplementedError

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file that names the implementation."""
        return self.path, 0, self.name

"""Verdicts as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from refute.deciding.verdict import Verdict


def verdicts_json(project: str, verdicts: Sequence[Verdict]) -> str:
    """``{"project", "claims": [...], "ok"}``; `ok` is whether every claim is accepted."""
    claims = [verdict.to_json() for verdict in verdicts]
    return json.dumps(
        {"project": project, "claims": claims, "ok": all(v.accepted for v in verdicts)}, ensure_ascii=False
    )

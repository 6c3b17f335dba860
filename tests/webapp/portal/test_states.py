from __future__ import annotations

import pytest

from webapp.jobs.models import Job
from webapp.portal.states import SHARES, STEPS, percent


@pytest.mark.parametrize("kind", SHARES)
def test_the_bar_of_a_job_never_falls_back(kind: str) -> None:
    steps = ["opening", "reading", "checking", "preparing", "segmenting", "measuring", "drawing", "saving"]
    seen = [
        percent(Job(kind=kind, step=step, done=done, total=10))
        for step in steps
        if step in SHARES[kind] and not (kind == "prepare" and step == "drawing")
        for done in (0, 5, 10)
    ]
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 100)


def test_progress_without_a_total_or_beyond_it_stays_within_the_bar() -> None:
    assert percent(Job(kind="segment", step="segmenting", done=0, total=0)) == 10
    assert percent(Job(kind="segment", step="segmenting", done=99, total=3)) == 80
    assert percent(Job(kind="unknown", step="", done=0, total=0)) == 0
    assert percent(Job(kind="unknown", step="anything", done=1, total=4)) == 25


def test_every_step_with_a_share_has_words() -> None:
    assert {step for shares in SHARES.values() for step in shares} <= set(STEPS)

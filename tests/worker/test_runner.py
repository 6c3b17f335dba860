"""However a job's work ends, the ledger says so, once; and nothing is left lying about."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from segmentation.errors import sentence
from tests.worker.acting_handler import INTERRUPTS
from webapp.accounts.models import Clinic
from webapp.common.storage import root
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_retry
from worker import heart, stopping
from worker.runner import run_next

Ask = Callable[..., Job]


@pytest.fixture(autouse=True)
def quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "TICK_S", 0.02)
    monkeypatch.setattr(heart, "BEAT_S", 0.1)
    monkeypatch.setattr(heart, "NEWS_S", 0.05)


def run(job: Job) -> Job:
    assert run_next(job.lane)
    job.refresh_from_db()
    assert job.state != State.RUNNING and job.lease_until is None
    assert not (root() / "tmp").exists() or not list((root() / "tmp").iterdir()), "no scratch is left"
    return job


def written() -> list[str]:
    return list(Clinic.objects.exclude(slug="norte").values_list("name", flat=True))


def test_an_empty_lane_has_nothing_to_do(ledger: Path) -> None:
    assert not run_next("training")


def test_good_work_and_its_results_end_together(ask: Ask) -> None:
    job = run(ask(act="good"))
    assert (job.state, job.attempt, job.error_code) == (State.SUCCEEDED, 1, "")
    assert written() == ["good"]
    assert not run_next("training")


def test_results_that_cannot_be_written_leave_no_trace(ask: Ask) -> None:
    job = run(ask(act="finish-fails"))
    assert (job.state, job.error_code) == (State.FAILED, "unexpected")
    assert written() == []


@pytest.mark.parametrize(("act", "code"), [("refuse", "too_small"), ("bundle", "bundle_digest")])
def test_a_refusal_fails_at_once_with_a_sentence_for_people(ask: Ask, act: str, code: str) -> None:
    job = run(ask(act=act))
    assert (job.state, job.error_code, job.attempts_used) == (State.FAILED, code, 1)
    for language in ("es", "en"):
        assert "{" not in sentence(job.error_code, job.error_params, language)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("disk", "storage_fault"),
        ("database", "storage_fault"),
        ("memory", "out_of_memory"),
        ("tensorflow-memory", "out_of_memory"),
    ],
)
def test_a_fault_of_the_machine_is_tried_three_times(ask: Ask, act: str, code: str) -> None:
    job = ask(act=act)
    for attempt in (1, 2):
        assert run(job).state == State.QUEUED
        assert (job.attempt, job.error_code) == (attempt, "")
        assert not run_next("training"), "it is given time to pass"
        Job.objects.update(not_before=timezone.now())
    assert run(job).state == State.FAILED
    assert job.error_code == code


def test_a_bug_says_its_number_and_the_log_says_the_rest(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="medula.worker"):
        job = run(ask(act="bug"))
    assert (job.state, job.error_code) == (State.FAILED, "unexpected")
    assert len(job.error_id) == 8 and int(job.error_id, 16) >= 0
    assert job.error_params == {"error_id": job.error_id}
    assert job.error_id in caplog.text and "one by none" in caplog.text and "Traceback" in caplog.text


def test_an_unknown_kind_is_a_bug_not_a_stuck_job(ask: Ask) -> None:
    job = ask(act="good")
    Job.objects.update(kind="embroider")
    assert run(job).error_code == "unexpected"


def test_work_hears_that_it_is_cancelled(ask: Ask) -> None:
    job = run(ask(act="cancel"))
    assert (job.state, job.error_code) == (State.CANCELLED, "")
    assert written() == []


def test_a_job_cancelled_before_its_first_step_does_no_work(ask: Ask) -> None:
    job = ask(act="good")
    Job.objects.update(cancel_requested=True)
    assert run(job).state == State.CANCELLED
    assert written() == []


def test_work_hears_that_its_job_went_to_another_attempt(ask: Ask) -> None:
    job = run(ask(act="lose"))
    assert (job.state, job.attempt) == (State.QUEUED, 1)
    assert written() == []


def test_an_orderly_stop_hands_the_job_back_uncounted(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(stopping.FOLDER, str(tmp_path))
    (tmp_path / "stop").touch()
    monkeypatch.setitem(INTERRUPTS, "wait", lambda work: None)
    job = run(ask(act="wait"))
    assert (job.state, job.attempt, job.attempts_used) == (State.QUEUED, 1, 0)


def test_a_retry_after_a_failure_may_succeed(ask: Ask) -> None:
    job = run(ask(act="bug"))
    assert job_retry(job=job)
    Job.objects.update(payload={"act": "good"})
    job = run(job)
    assert (job.state, job.attempt, job.error_id) == (State.SUCCEEDED, 2, "")
    assert not job_cancel(job=job)

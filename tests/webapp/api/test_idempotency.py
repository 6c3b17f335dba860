from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.webapp.rows import make_case, make_version, png
from webapp.analyses.batches import batch_create
from webapp.api.models import IdempotencyKey
from webapp.cases.models import BiopsyImage, Case
from webapp.jobs.leases import process_started, this_host

Check = Callable[..., dict[str, Any]]
BODY = {"patient_code": "P-1"}


def ask(api: Client, key: str, body: dict[str, Any] | None = None) -> Any:
    return api.post(
        "/api/v1/cases/", body or BODY, content_type="application/json", headers={"idempotency-key": key}
    )


def gone_process() -> int:
    """The id of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_same_request_hears_the_first_answer(api: Client) -> None:
    first, second = ask(api, "k1"), ask(api, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first["Location"] == second["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    assert ask(api, "k2").json()["id"] != first.json()["id"]


def test_another_request_with_the_key_is_refused(api: Client, problem: Check) -> None:
    ask(api, "k1")
    problem(ask(api, "k1", {"patient_code": "P-2"}), 422, "key_other_body")
    assert Case.objects.count() == 1


def test_a_key_is_one_persons_own(api: Client, bobs_api: Client) -> None:
    assert ask(api, "k1").json()["id"] != ask(bobs_api, "k1").json()["id"]


def test_a_refusal_is_not_kept(api: Client, problem: Check) -> None:
    for _ in range(2):
        problem(ask(api, "k1", {"patient_code": ""}), 400, "fields_invalid")
    assert ask(api, "k1").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "ñ", "a b"])
def test_a_key_that_is_none_is_refused(api: Client, key: str, problem: Check) -> None:
    problem(ask(api, key), 400, "key_invalid")


def test_one_still_worked_on_is_told_to_wait_and_one_abandoned_is_taken_over(
    api: Client, problem: Check
) -> None:
    ask(api, "k1")
    row = IdempotencyKey.objects.get()
    holder = {"pid": os.getpid(), "started": process_started(os.getpid()), "host": this_host()}
    IdempotencyKey.objects.update(status=None, headers=holder)
    answer = ask(api, "k1")
    problem(answer, 409, "key_running")
    assert answer["Retry-After"] == "1"
    IdempotencyKey.objects.update(headers={**holder, "pid": gone_process()})
    assert ask(api, "k1").status_code == 201
    IdempotencyKey.objects.update(
        status=None, headers={**holder, "host": "elsewhere"}, created_at=timezone.now() - timedelta(hours=1)
    )
    assert ask(api, "k1").status_code == 201
    assert IdempotencyKey.objects.get().pk == row.pk


def test_old_keys_are_forgotten(api: Client) -> None:
    ask(api, "k1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=3))
    ask(api, "k2")
    assert [row.key for row in IdempotencyKey.objects.all()] == ["k2"]


def test_files_are_part_of_the_request(api: Client, alice: Any, problem: Check) -> None:
    make_version()
    batch = batch_create(biopsy=make_case(alice.clinic).biopsies.get(), user=alice, name="x")

    def send(content: bytes) -> Any:
        return api.post(
            f"/api/v1/batches/{batch.pk}/files/",
            {"files": SimpleUploadedFile("a.png", content)},
            headers={"idempotency-key": "k1"},
        )

    first, second = send(png(3)), send(png(3))
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    problem(send(png(4)), 422, "key_other_body")
    assert BiopsyImage.objects.count() == 1

"""Who comes in, who does not, and how they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.webapp.api.conftest import program
from tests.webapp.rows import analyse, make_case, make_image, make_version, prepare
from webapp.accounts.models import ApiToken
from webapp.accounts.tokens import token_create
from webapp.analyses.batches import batch_create
from webapp.cases.models import Case
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job

Check = Callable[..., dict[str, Any]]
LISTS = (
    "patients", "cases", "biopsies", "images", "analyses", "batches", "jobs", "datasets", "samples",
    "imports", "dataset-versions", "runs", "evaluations", "model-versions",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_visitor_is_asked_for_a_token(name: str, client: Client, problem: Check, db: None) -> None:
    answer = client.get(f"/api/v1/{name}/", headers={"accept-language": "es"})
    found = problem(answer, 401, "sign_in_needed")
    assert "Hace falta un token" in found["detail"]
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer medula_wrong", "token_unknown"),
        ("Bearer ", "token_malformed"),
        ("Bearer a b", "token_malformed"),
        ("Basic YTpi", "token_malformed"),
        ("Bearer \xff\xfe", "token_unknown"),
    ],
)
def test_a_wrong_token_is_turned_away(
    header: str, code: str, client: Client, problem: Check, db: None
) -> None:
    problem(client.get("/api/v1/cases/", headers={"authorization": header}), 401, code)


def test_an_expired_and_a_revoked_token_are_turned_away(alice: Any, client: Client, problem: Check) -> None:
    token, secret = token_create(user=alice, name="x", scopes=["read"], days=1)
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/cases/", headers=headers).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    problem(client.get("/api/v1/cases/", headers=headers), 401, "token_expired")
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    problem(client.get("/api/v1/cases/", headers=headers), 401, "token_revoked")


def test_a_token_that_may_only_read_changes_nothing(alice: Any, problem: Check) -> None:
    reader = program(alice, "read", language="es")
    answer = reader.post("/api/v1/cases/", {"patient_code": "P-1"}, content_type="application/json")
    assert "«upload»" in problem(answer, 403, "scope_missing")["detail"]
    assert not Case.objects.exists()


def test_a_token_that_may_only_upload_reads_nothing(alice: Any, problem: Check) -> None:
    problem(program(alice, "upload").get("/api/v1/cases/"), 403, "scope_missing")


def test_a_job_is_changed_by_those_who_may_ask_for_its_kind(
    alice: Any, api: Client, full_api: Client, problem: Check
) -> None:
    job = Job.objects.create(clinic=alice.clinic, kind="train", lane="training")
    problem(api.post(f"/api/v1/jobs/{job.pk}/cancel/"), 403, "scope_missing")
    assert full_api.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 202
    problem(full_api.post(f"/api/v1/jobs/{job.pk}/cancel/"), 409, "state_conflict")
    assert full_api.post(f"/api/v1/jobs/{job.pk}/retry/").json()["state"] == "queued"


def test_what_is_alices_bob_cannot_find(alice: Any, api: Client, bobs_api: Client, problem: Check) -> None:
    version = make_version()
    analysis = analyse(prepare(make_image(make_case(alice.clinic))), version)
    image, biopsy = analysis.image, analysis.image.biopsy
    batch = batch_create(biopsy=biopsy, user=alice, name="x")
    dataset = Dataset.objects.create(clinic=alice.clinic, name="x")
    own = make_version(version=2, digest="own", stage="candidate", clinic=alice.clinic)
    reads = [
        f"patients/{biopsy.case.patient_id}/", f"cases/{biopsy.case_id}/", f"biopsies/{biopsy.pk}/",
        f"images/{image.pk}/", f"images/{image.pk}/original/", f"analyses/{analysis.pk}/",
        f"analyses/{analysis.pk}/labels/", f"analyses/{analysis.pk}/overlay/",
        f"analyses/{analysis.pk}/nuclei.csv", f"analyses/{analysis.pk}/nuclei.json",
        f"analyses/{analysis.pk}/outlines.json", f"batches/{batch.pk}/", f"batches/{batch.pk}/items/",
        f"batches/{batch.pk}/table/", f"batches/{batch.pk}/table.csv", f"jobs/{analysis.job_id}/",
        f"datasets/{dataset.pk}/", f"model-versions/{own.pk}/",
    ]  # fmt: skip
    for path in reads:
        answer = api.get(f"/api/v1/{path}")
        assert answer.status_code == 200, path
        b"".join(getattr(answer, "streaming_content", ()))  # read to its end, which closes it
        problem(bobs_api.get(f"/api/v1/{path}"), 404, "not_found")
    writes: list[tuple[str, dict[str, Any]]] = [
        ("biopsies/", {"case": str(biopsy.case_id)}),
        ("analyses/", {"image": str(image.pk)}),
        ("batches/", {"biopsy": str(biopsy.pk)}),
        (f"batches/{batch.pk}/retry/", {}),
        (f"jobs/{analysis.job_id}/cancel/", {}),
        (f"jobs/{analysis.job_id}/retry/", {}),
    ]
    jobs = list(Job.objects.values())
    for path, body in writes:
        answer = bobs_api.post(f"/api/v1/{path}", body, content_type="application/json")
        problem(answer, 404, "not_found")
    assert list(Job.objects.values()) == jobs
    for name in LISTS:
        found = bobs_api.get(f"/api/v1/{name}/").json()["results"]
        assert [row["id"] for row in found] == ([str(version.pk)] if name == "model-versions" else []), name


def test_another_clinics_version_cannot_be_asked_for(
    alice: Any, bob: Any, api: Client, problem: Check
) -> None:
    make_version()
    his = make_version(version=2, digest="his", stage="candidate", clinic=bob.clinic)
    image = prepare(make_image(make_case(alice.clinic)))
    body = {"image": str(image.pk), "model_version": str(his.pk)}
    problem(api.post("/api/v1/analyses/", body, content_type="application/json"), 404, "not_found")


def test_a_signed_in_person_may_use_it_with_the_pages_own_token(alice: Any, problem: Check) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get("/api/v1/cases/").status_code == 200
    answer = client.post("/api/v1/cases/", {"patient_code": "P-1"}, content_type="application/json")
    problem(answer, 403, "csrf_failed")


def test_too_many_requests_are_told_when_to_come_again(
    api: Client, client: Client, settings: Settings, problem: Check
) -> None:
    settings.MEDULA_API_TOKEN_RATE = 3
    settings.MEDULA_API_VISITOR_RATE = 2
    answers = [api.get("/api/v1/cases/") for _ in range(8)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    problem(answers[-1], 429, "too_many_requests")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    guesses = [client.get("/api/v1/cases/", headers={"authorization": "Bearer x"}) for _ in range(6)]
    assert guesses[0].status_code == 401
    problem(guesses[-1], 429, "too_many_requests")


def test_an_address_a_method_and_a_type_that_are_none(api: Client, problem: Check) -> None:
    problem(api.get("/api/v1/nothing/"), 404, "not_found")
    problem(api.get("/api/v1/cases/7/"), 404, "not_found")
    problem(api.delete("/api/v1/cases/"), 405, "method_not_allowed")
    answer = api.post("/api/v1/cases/", "a=1", content_type="text/plain")
    problem(answer, 415, "media_type_unsupported")
    for body in ("{", '"\\ud800"', "[" * 100_000, '{"patient_code": "a\\u0000b"}', "nan"):
        answer = api.post("/api/v1/cases/", body, content_type="application/json")
        assert answer.status_code == 400, body[:20]


def test_the_address_without_its_last_slash_is_the_same(api: Client) -> None:
    answer = api.post("/api/v1/cases", {"patient_code": "P-1"}, content_type="application/json")
    assert answer.status_code == 201
    assert api.get(f"/api/v1/cases/{answer.json()['id']}").status_code == 200


def test_fields_that_cannot_be_used_are_named(api: Client, problem: Check) -> None:
    body = {"patient_code": "", "um_per_px": -1, "taken_on": "2999-01-01"}
    found = problem(api.post("/api/v1/cases/", body, content_type="application/json"), 400, "fields_invalid")
    assert {error["field"] for error in found["errors"]} == {"patient_code", "um_per_px", "taken_on"}


def test_nothing_of_patients_is_kept_on_the_way(alice: Any, api: Client, client: Client) -> None:
    assert api.get("/api/v1/cases/")["Cache-Control"] == "private, no-store"
    assert client.get("/api/v1/cases/")["Cache-Control"] == "private, no-store"

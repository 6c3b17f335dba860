"""What a curator's program asks for: the same services as the pages, the same refusals."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.webapp.rows import make_version, png
from webapp.datasets.models import Dataset, DatasetImport
from webapp.jobs.models import Job

Check = Callable[..., dict[str, Any]]


def post(api: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return api.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def packed() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("images/a.png", png())
    return buffer.getvalue()


def test_a_data_set_is_made_and_a_zip_imported(full_api: Client, problem: Check) -> None:
    answer = post(full_api, "datasets/", {"name": "frotis", "licence": "CC0"})
    assert answer.status_code == 201
    dataset = answer.json()["id"]
    address = f"/api/v1/datasets/{dataset}/imports/?name=a.zip&layout=pictures"
    answer = full_api.post(address, packed(), content_type="application/zip")
    assert answer.status_code == 202
    row = DatasetImport.objects.get()
    assert (row.name, row.layout, row.job.kind) == ("a.zip", "pictures", "import")
    assert full_api.get(answer["Location"]).json()["state"] == "queued"
    problem(full_api.post(address, b"", content_type="application/zip"), 400, "no_file")
    assert full_api.post(address, b"no zip", content_type="application/zip").status_code == 422
    problem(post(full_api, f"datasets/{dataset}/versions/"), 422, "nothing_approved")
    assert Job.objects.count() == 1


def test_who_may_only_upload_curates_nothing(api: Client, problem: Check) -> None:
    problem(post(api, "datasets/", {"name": "frotis"}), 403, "scope_missing")
    assert not Dataset.objects.exists()


def test_the_shipped_network_is_not_promoted_by_a_clinic(full_api: Client, problem: Check) -> None:
    version = make_version()
    problem(post(full_api, f"model-versions/{version.pk}/promote/"), 422, "promote_shipped")
    problem(post(full_api, f"model-versions/{version.pk}/retire/"), 422, "promote_shipped")


def test_a_training_of_another_clinics_version_is_not_found(full_api: Client, problem: Check) -> None:
    body = {"dataset_version": "00000000-0000-4000-8000-000000000000"}
    problem(post(full_api, "runs/", body), 404, "not_found")
    problem(
        post(full_api, "evaluations/", {**body, "model_version": body["dataset_version"]}), 404, "not_found"
    )

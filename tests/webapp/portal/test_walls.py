"""Whatever belongs to another clinic is not found; whatever needs a person asks who it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import analyse, end_job, make_case, make_image, make_sample, make_version, prepare
from webapp.analyses.matching import matching_record, matching_request
from webapp.analyses.models import Matching
from webapp.common.storage import store_bytes
from webapp.jobs.models import Job


def matched(analysis: Any) -> Matching:
    """What the worker's `match` would have written."""
    make_sample(analysis.clinic)
    matching = matching_request(analysis=analysis, user=None)
    stored = store_bytes(
        clinic_id=analysis.clinic_id, content=b"{}", media_type="application/json", ext=".json"
    )
    summary = {"regions": 2, "library_pictures": 1, "library_nuclei": 1, "median_score": 0.5}
    end_job(matching.job)
    return matching_record(matching_id=matching.pk, result=stored, summary=summary)


def addresses(analysis: Any) -> dict[str, tuple[str, str]]:
    """Every address that shows or changes something of the analysis' clinic: (method, address)."""
    image = analysis.image
    case, biopsy = image.biopsy.case, image.biopsy
    tiles, mask = image.tiles.sha256, analysis.mask_tiles.sha256
    matching = matched(analysis)
    assert matching.result
    return {
        "matching_new": ("post", reverse("matching_new", args=[analysis.pk])),
        "matching": ("get", reverse("matching", args=[matching.pk])),
        "matching_status": ("get", reverse("matching_status", args=[matching.pk])),
        "matching_act": ("post", reverse("matching_act", args=[matching.pk, "cancel"])),
        "matching_json": ("get", reverse("matching_json", args=[matching.pk, matching.result.sha256])),
        "case": ("get", reverse("case", args=[case.pk])),
        "case_pictures": ("get", reverse("case_pictures", args=[case.pk])),
        "biopsy_new": ("post", reverse("biopsy_new", args=[case.pk])),
        "biopsy_edit": ("post", reverse("biopsy_edit", args=[biopsy.pk])),
        "images_upload": ("post", reverse("images_upload", args=[biopsy.pk])),
        "image_thumbnail": ("get", reverse("image_thumbnail", args=[image.pk, image.thumbnail.sha256])),
        "image_tile": ("get", reverse("image_tile", args=[image.pk, tiles, 0, 0, 0, "jpeg"])),
        "image_original": ("get", reverse("image_original", args=[image.pk])),
        "picture_act": ("post", reverse("picture_act", args=[image.pk, "cancel"])),
        "analysis": ("get", reverse("analysis", args=[analysis.pk])),
        "analysis_status": ("get", reverse("analysis_status", args=[analysis.pk])),
        "mask_tile": ("get", reverse("mask_tile", args=[analysis.pk, mask, 0, 0, 0, "jpeg"])),
        "nuclei_json": ("get", reverse("nuclei_json", args=[analysis.pk, analysis.nuclei.sha256])),
        "outlines_json": ("get", reverse("outlines_json", args=[analysis.pk, analysis.outlines.sha256])),
        "nuclei_csv": ("get", reverse("nuclei_csv", args=[analysis.pk])),
        "labels_file": ("get", reverse("labels_file", args=[analysis.pk])),
        "overlay_file": ("get", reverse("overlay_file", args=[analysis.pk])),
    }


OPEN = {"health", "set_language", "account_login", "account_logout", "account_inactive"}
OWN = {"home", "case_new", "account_change_password", "tokens"}
# Held by tests/webapp/portal/datasets/ and tests/webapp/datasets/test_files.py.
CURATOR = {
    "analysis_confirm",
    "dataset",
    "dataset_archive",
    "dataset_edit",
    "dataset_freeze",
    "dataset_import",
    "dataset_new",
    "dataset_review",
    "datasets",
    "import_act",
    "sample",
    "sample_drawing",
    "sample_labels",
    "sample_mask",
    "sample_original",
    "sample_outlines",
    "sample_picture",
    "sample_thumbnail",
    "version",
    "version_act",
    "version_export",
    "version_manifest",
}
# Held by tests/webapp/portal/test_training_pages.py.
TRAINING = {
    "evaluation",
    "evaluation_act",
    "evaluation_new",
    "evaluation_status",
    "panel_picture",
    "training_act",
    "training_curves",
    "training_estimate",
    "training_new",
    "training_run",
    "training_status",
    "trainings",
    "trainings_list",
    "tuning_act",
    "tuning_new",
    "tuning_status",
    "tuning_study",
    "tuning_train",
}
# Held by tests/webapp/portal/registry/test_walls.py.
REGISTRY = {
    "analysis_again",
    "compare",
    "model_act",
    "model_rollback",
    "model_version",
    "models",
    "notices",
    "notices_mark",
    "rule_act",
    "rule_edit",
    "rule_new",
    "rule_night",
    "rules",
}


@pytest.fixture
def hers(alice: Any) -> dict[str, tuple[str, str]]:
    return addresses(analyse(prepare(make_image(make_case(alice.clinic))), make_version()))


def test_every_named_address_is_held_by_these_tests(hers: dict[str, Any]) -> None:
    from django.urls import get_resolver

    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names == set(hers) | {"token_revoke"} | OPEN | OWN | CURATOR | REGISTRY | TRAINING


def test_what_is_alices_bob_cannot_find(hers: dict[str, Any], bob_client: Client) -> None:
    jobs = list(Job.objects.values())
    for name, (method, address) in hers.items():
        answer = getattr(bob_client, method)(address)
        assert answer.status_code == 404, name
    assert list(Job.objects.values()) == jobs


def test_alice_finds_all_of_it(hers: dict[str, Any], alice_client: Client) -> None:
    for name, (method, address) in hers.items():
        answer = getattr(alice_client, method)(address)
        assert answer.status_code in {200, 302}, name
        b"".join(getattr(answer, "streaming_content", ()))  # read to its end, which closes it


def test_a_visitor_finds_none_of_it(hers: dict[str, Any], client: Client) -> None:
    for name, (method, address) in hers.items():
        answer = getattr(client, method)(address)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/accounts/login/"), name


def test_bobs_list_holds_nothing_of_alices(hers: dict[str, Any], bob_client: Client) -> None:
    assert "P-0042" not in bob_client.get("/").content.decode()


def test_what_changes_something_is_never_done_by_a_link(hers: dict[str, Any], alice_client: Client) -> None:
    for name in ("images_upload", "picture_act"):
        assert alice_client.get(hers[name][1]).status_code == 405


def test_changes_need_the_pages_own_token(hers: dict[str, Any], alice: Any) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "es"})
    client.force_login(alice)
    answer = client.post(hers["picture_act"][1])
    assert answer.status_code == 403
    assert "La página había vencido" in answer.content.decode()


def test_a_fragment_of_someone_signed_out_meanwhile_loads_its_page_anew(
    hers: dict[str, Any], client: Client
) -> None:
    answer = client.get(hers["case_pictures"][1], headers={"hx-request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


def test_pages_with_patients_are_not_kept_by_the_browser(hers: dict[str, Any], alice_client: Client) -> None:
    for name in ("case", "analysis", "case_pictures"):
        assert alice_client.get(hers[name][1])["Cache-Control"] == "private, no-store"

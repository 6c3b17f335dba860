"""Every address there is, tried with another clinic's rows.

The list is the resolver's own: a route that is added later is tried too, or fails here because nobody said
which row it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Q
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from tests.webapp.api.conftest import program
from tests.webapp.curation import client_of, make_person
from tests.webapp.portal.test_walls import matched
from tests.webapp.registry.rows import freeze, make_candidate, make_evaluation, rows
from tests.webapp.rows import analyse, end_job, make_case, make_image, make_sample, make_version, prepare
from webapp.accounts.models import ApiToken, Clinic, User
from webapp.accounts.roles import MAY
from webapp.accounts.tokens import token_create
from webapp.analyses.batches import batch_create
from webapp.analyses.models import Analysis
from webapp.cases.models import Case, Patient
from webapp.common.models import StoredFile
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.imports import import_request
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.jobs.models import Job
from webapp.registry.models import (
    EvaluationPanel,
    ModelVersion,
    RetrainingRule,
    RuleRun,
    TrainingRun,
    TuningStudy,
)
from webapp.registry.rules import rule_create

ROLES = tuple(User.Role.values)
TRAINS = tuple(role for role in ROLES if "train" in MAY[role])
# What a role may not do at all answers 403; what is nobody's here 404; what takes no such method 405.
CLOSED = {403, 404, 405}
# Where one parameter's name stands for rows of several kinds.
ROW_OF = {
    "version": "dataset_version", "version_act": "dataset_version", "version_export": "dataset_version",
    "version_manifest": "dataset_version", "model_version": "model_version", "model_act": "model_version",
    "api:patient": "patient", "api:case": "case", "api:biopsy": "biopsy", "api:image": "image",
    "api:analysis": "analysis", "api:batch": "batch", "api:job": "job", "api:dataset": "dataset",
    "api:sample": "sample", "api:import": "import", "api:dataset-version": "dataset_version",
    "api:run": "run", "api:evaluation": "evaluation", "api:model-version": "model_version",
}  # fmt: skip
BODIES = {
    "-imports": "application/zip",
    "-files": "application/zip",
    "-images": "multipart/form-data; boundary=x",
}
# What everybody of a clinic may open; all other addresses are for those who curate and train.
FOR_ALL = {
    "home", "health", "set_language", "account_login", "account_logout", "account_inactive",
    "account_change_password", "tokens", "token_revoke", "case", "case_new", "case_pictures", "biopsy_new",
    "biopsy_edit", "images_upload", "image_thumbnail", "image_tile", "image_original", "picture_act",
    "analysis", "analysis_status", "analysis_again", "compare", "matching", "matching_new", "matching_status",
    "matching_json", "matching_act", "mask_tile", "nuclei_json", "outlines_json", "nuclei_csv", "labels_file",
    "overlay_file", "notices", "notices_mark", "api:patients", "api:cases", "api:biopsies",
    "api:biopsy-images", "api:images", "api:analyses", "api:batches", "api:batch-files", "api:batch-retry",
    "api:schema", "api:docs", "sample_thumbnail", "sample_outlines", "sample_picture", "sample_original",
    "sample_labels", "panel_picture", "analysis_confirm", "models", "model_version",
}  # fmt: skip
OTHERS = {"level": "0", "column": "0", "row": "0", "ext": "jpeg", "number": "0"}


def routes() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(name, its parameters, the pattern) of every address but the admin's."""

    def below(resolver: Any, space: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                yield from below(one, f"{space}{one.namespace}:" if one.namespace else space)
            elif isinstance(one, URLPattern) and one.name:
                pattern = one.pattern.regex
                yield f"{space}{one.name}", tuple(pattern.groupindex), pattern.pattern

    return (route for route in below(get_resolver(), "") if not route[0].startswith("admin:"))


def row_of(name: str, parameter: str) -> str:
    """Which of the rows made below an address shows."""
    if parameter != "pk" and name not in ROW_OF:
        return parameter.removesuffix("_id")
    longest = max((known for known in ROW_OF if name.startswith(known)), key=len, default="")
    return ROW_OF.get(longest, name)


class Norths:
    """One row of every kind, of the clinic of the north."""

    def __init__(self, clinic: Clinic, user: User) -> None:
        self.clinic, self.user = clinic, user
        self.ids: dict[str, Any] = {"token": token_create(user=user, name="x", scopes=["read"], days=1)[0].pk}
        self.digests: dict[str, StoredFile | None] = {}
        analysis = analyse(prepare(make_image(make_case(clinic))), make_version())
        dataset = Dataset.objects.create(clinic=clinic, name="Frotis del norte")
        candidate = self._curated(dataset)
        analyse(analysis.image, candidate)  # two to be compared
        self._pictures(analysis)

    def stored(self, content: bytes) -> StoredFile:
        kept = store_bytes(clinic_id=self.clinic.pk, content=content, media_type="image/png", ext=".png")
        return file_row(clinic_id=self.clinic.pk, stored=kept)

    def _pictures(self, analysis: Analysis) -> None:
        image, biopsy, matching = analysis.image, analysis.image.biopsy, matched(analysis)
        batch = batch_create(biopsy=biopsy, user=self.user, name="x")
        self.ids |= {
            "patient": biopsy.case.patient_id, "case": biopsy.case_id, "biopsy": biopsy.pk, "image": image.pk,
            "analysis": analysis.pk, "matching": matching.pk, "batch": batch.pk,
        }  # fmt: skip
        self.digests |= {
            "image_thumbnail": image.thumbnail, "image_tile": image.tiles, "mask_tile": analysis.mask_tiles,
            "nuclei_json": analysis.nuclei, "outlines_json": analysis.outlines,
            "matching_json": matching.result,
        }  # fmt: skip

    def _curated(self, dataset: Dataset) -> ModelVersion:
        sample = make_sample(self.clinic, thumbnail=self.stored(b"small"), outlines=self.stored(b"{}"))
        Sample.objects.filter(pk=sample.pk).update(dataset=dataset)
        zipped = b"PK\x05\x06" + bytes(18)
        taken = import_request(dataset=dataset, user=self.user, name="a.zip", chunks=[zipped])
        end_job(taken.job, "failed")
        version = freeze(dataset)
        version.manifest = self.stored(b"id,name")
        version.save(update_fields=["manifest"])
        self.ids |= {"job": taken.job_id, "dataset": dataset.pk, "import": taken.pk, "sample": sample.pk}
        self.ids["dataset_version"] = version.pk
        self.digests |= {"sample_thumbnail": sample.thumbnail, "sample_outlines": sample.outlines}
        self.digests["sample_picture"] = sample.picture
        return self._trained(version)

    def _trained(self, version: DatasetVersion) -> ModelVersion:
        candidate = make_candidate(version, 2)
        reading = make_evaluation(candidate, version, rows((0.8, 0.6, 0.9)))
        reading.report = {"rows": [row | {"predicted": 9} for row in reading.report["rows"]]}
        reading.save(update_fields=["report"])
        figures = dict.fromkeys(("dice", "ap50", "map", "count_error", "nuclei", "predicted"), 0)
        panel = EvaluationPanel.objects.create(
            evaluation=reading, position=0, name="x", picture=self.stored(b"strip"), figures=figures
        )
        run = TrainingRun.objects.get(model_version=candidate)
        job = Job.objects.create(clinic=self.clinic, kind="tune", lane="training")
        study = TuningStudy.objects.create(clinic=self.clinic, dataset_version=version, job=job)
        for one in (study.job, run.job):
            end_job(one, "failed")
        dataset, every = version.dataset, {"name": "Cada noche", "every_days": 1}
        rule = rule_create(clinic=self.clinic, user=self.user, dataset=dataset, **every)
        night = RuleRun.objects.create(clinic=self.clinic, rule=rule, name="x", dataset=dataset, why="days")
        self.ids |= {"run": run.pk, "study": study.pk, "evaluation": reading.pk, "rule": rule.pk}
        self.ids |= {"model_version": candidate.pk, "night": night.pk}
        self.digests["panel_picture"] = panel.picture
        return candidate

    def addresses(self) -> Iterator[tuple[str, str]]:
        for name, parameters, pattern in routes():
            if not parameters:
                continue
            acts = re.search(r"\(\?P<act>([^)]+)\)", pattern)
            for act in acts[1].split("|") if acts else ("",):
                values: dict[str, Any] = {}
                for parameter in parameters:
                    if parameter == "act":
                        values[parameter] = act
                    elif parameter == "sha256":
                        stored = self.digests[name]
                        assert stored is not None
                        values[parameter] = stored.sha256
                    elif parameter in OTHERS:
                        values[parameter] = OTHERS[parameter]
                    else:
                        values[parameter] = self.ids[row_of(name, parameter)]
                yield name, reverse(name, kwargs=values)


@pytest.fixture
def norths(clinic: Clinic) -> Norths:
    return Norths(clinic, make_person(clinic, "administrator"))


def ledger(clinic: Clinic) -> list[Any]:
    """What nobody of another clinic may change."""
    kinds = (Job, Case, Patient, Dataset, Sample, ModelVersion, TrainingRun, RetrainingRule, User)
    tokens = sorted(map(repr, ApiToken.objects.filter(user__clinic=clinic).values("pk", "revoked_at")))
    return [tokens, *(sorted(map(repr, kind.objects.filter(clinic=clinic).values())) for kind in kinds)]


@pytest.mark.parametrize("role", ROLES)
def test_no_address_shows_or_changes_another_clinics_row(
    role: str, norths: Norths, clinic: Clinic, other_clinic: Clinic
) -> None:
    stranger = make_person(other_clinic, role)
    ways = {"page": client_of(stranger), "token": program(stranger, *MAY[role])}
    before = ledger(clinic)
    for name, address in norths.addresses():
        for method in ("get", "post"):
            for way in ("page", "token") if name.startswith("api:") else ("page",):
                answer = asked(ways[way], name, method, address)
                assert answer.status_code in CLOSED, (name, method, way, answer.status_code)
                assert role not in TRAINS or answer.status_code != 403, (name, method, way)
    assert ledger(clinic) == before


@pytest.mark.parametrize("role", [role for role in ROLES if role not in TRAINS])
def test_whoever_may_not_curate_or_train_is_kept_out_of_it_in_their_own_clinic(
    role: str, norths: Norths, clinic: Clinic
) -> None:
    person = make_person(clinic, role)
    ways = {"page": client_of(person), "token": program(person, *MAY[role])}
    before = ledger(clinic)
    addresses = list(norths.addresses())
    addresses += [(name, reverse(name)) for name, parameters, _ in routes() if not parameters]
    for name, address in addresses:
        if name in FOR_ALL:
            continue
        for method in ("get", "post"):
            for way in ("page", "token") if name.startswith("api:") else ("page",):
                if name.startswith("api:") and method == "get":
                    continue  # what a clinic has may be read by all its people
                answer = asked(ways[way], name, method, address)
                assert answer.status_code in {403, 405}, (name, method, way, answer.status_code)
    assert ledger(clinic) == before


def test_their_own_people_find_every_one_of_them(norths: Norths, clinic: Clinic) -> None:
    client = client_of(User.objects.get(clinic=clinic, role="administrator"))
    for name, address in norths.addresses():
        answer = client.get(address)
        assert answer.status_code in {200, 302, 405}, (name, answer.status_code)
        b"".join(getattr(answer, "streaming_content", ()))  # read to its end, which closes its file


def test_without_signing_in_there_is_nothing(norths: Norths, client: Client, settings: Settings) -> None:
    settings.MEDULA_API_VISITOR_RATE = 1000
    for name, address in norths.addresses():
        for method in ("get", "post"):
            answer = asked(client, name, method, address)
            if name.startswith("api:"):
                assert answer.status_code in {401, 405}, (name, method, answer.status_code)
            elif answer.status_code != 405:
                assert answer.status_code == 302, (name, method, answer.status_code)
                assert answer["Location"].startswith("/accounts/login/"), name


def asked(client: Client, name: str, method: str, address: str) -> Any:
    if method == "post" and name.startswith("api:"):
        kind = next((kind for end, kind in BODIES.items() if name.endswith(end)), "application/json")
        return client.post(address, b"", content_type=kind)
    return getattr(client, method)(address)


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_shows_and_changes_nothing_of_another_clinic(
    role: str, norths: Norths, clinic: Clinic, other_clinic: Clinic
) -> None:
    client = client_of(make_person(other_clinic, role))
    before = ledger(clinic)
    for model in admin.site._registry:
        theirs = Q(pk=clinic.pk) if model is Clinic else Q(clinic=clinic)
        row = model._default_manager.filter(theirs).first()
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = client.get(reverse(f"{where}_changelist"))
        if role not in TRAINS or listed.status_code != 200:
            assert listed.status_code in {302, 403}, model
        else:
            assert not listed.context["cl"].queryset.filter(theirs).exists(), model
        for page in ("change", "history", "delete"):
            if row is None:
                continue
            address = reverse(f"{where}_{page}", args=[row.pk])
            for method in ("get", "post"):
                answer = getattr(client, method)(address)
                assert answer.status_code in CLOSED | {302}, (model, page, method)
        for action in ("retry", "cancel", "approve", "reject", "draw_masks"):
            chosen = {"action": action, "_selected_action": [str(row.pk) if row else "x"]}
            client.post(reverse(f"{where}_changelist"), chosen)
    assert ledger(clinic) == before

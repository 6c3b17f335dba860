"""The OpenAPI document against the application: nothing falls over, and nothing is answered that it does not
say. Schemathesis makes the requests, right and wrong ones; where an id is needed, some name real rows."""

from __future__ import annotations

import random
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django.fixtures import Settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.webapp.rows import analyse, make_case, make_image, make_version, prepare
from webapp.accounts.models import ApiToken, User
from webapp.accounts.tokens import token_create
from webapp.analyses.batches import batch_add_picture, batch_create
from webapp.datasets.models import Dataset

load_all_checks()
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
EXAMPLES = 8
DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)


@schemathesis.serializer("application/zip")
def as_it_is(context: Any, value: Any) -> bytes:
    """What was made up for a ZIP is sent as bytes: none is one, and all are refused."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def schema_with(mode: GenerationMode) -> Any:
    generation = GenerationConfig(modes=[mode], deterministic=True, database="none")
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)), seed=1)
    return schemathesis.openapi.from_dict(DOCUMENT, config=config)


OPERATIONS = {
    mode: {(op := result.ok()).label: op for result in schema_with(mode).get_all_operations()}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
}
LABELS = sorted(OPERATIONS[GenerationMode.POSITIVE])


def whole_answers(handler: Any) -> Any:
    """Reads every answer to its end and closes it, as a server would; the test client does not."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        answer = handler(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return application


@pytest.fixture
def rows(alice: User) -> dict[str, str]:
    """An id of each resource that has one."""
    User.objects.filter(pk=alice.pk).update(role=User.Role.CURATOR)
    alice.refresh_from_db()
    version = make_version()
    analysis = analyse(prepare(make_image(make_case(alice.clinic))), version)
    image, biopsy = analysis.image, analysis.image.biopsy
    batch = batch_create(biopsy=biopsy, user=alice, name="lunes")
    for content in (b"no picture", image.original.path.encode()):
        batch_add_picture(batch=batch, name="a.png", chunks=[content], user=alice)
    return {
        "patients": str(biopsy.case.patient_id),
        "cases": str(biopsy.case_id),
        "biopsies": str(biopsy.pk),
        "images": str(image.pk),
        "analyses": str(analysis.pk),
        "batches": str(batch.pk),
        "jobs": str(analysis.job_id),
        "model-versions": str(version.pk),
        "datasets": str(Dataset.objects.create(clinic=alice.clinic, name="x").pk),
    }


NAMES = {"case": "cases", "biopsy": "biopsies", "image": "images", "model_version": "model-versions"}


def with_real_ids(case: Any, rows: dict[str, str], chance: random.Random) -> None:
    """Two in three requests name a row that is there."""
    resource = case.path.removeprefix("/api/v1/").split("/")[0]
    if "id" in (case.path_parameters or {}) and resource in rows and chance.random() < 0.66:
        case.path_parameters["id"] = rows[resource]
    if isinstance(case.body, dict):
        for name, kind in NAMES.items():
            if name in case.body and chance.random() < 0.66:
                case.body[name] = rows[kind]


@pytest.mark.parametrize("mode", list(OPERATIONS), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", LABELS)
def test_the_document_is_kept(
    label: str, mode: GenerationMode, alice: User, rows: dict[str, str], settings: Settings
) -> None:
    settings.MEDULA_API_TOKEN_RATE = settings.MEDULA_API_VISITOR_RATE = 10**9
    operation = OPERATIONS[mode][label]
    application = whole_answers(WSGIHandler())
    _, secret = token_create(user=alice, name="x", scopes=ApiToken.Scope.values, days=1)
    chance = random.Random(label)

    @checked
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case: Any) -> None:
        with_real_ids(case, rows, chance)
        answer = case.call(app=application, headers={"Authorization": f"Bearer {secret}"})
        case.validate_response(answer, checks=CHECKS)

    every()


checked = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_without_a_token_every_address_says_so(db: None, settings: Settings) -> None:
    settings.MEDULA_API_VISITOR_RATE = 10**9
    application = whole_answers(WSGIHandler())
    for label, operation in OPERATIONS[GenerationMode.POSITIVE].items():
        case = operation.Case(path_parameters={"id": "00000000-0000-4000-8000-000000000000"})
        answer = case.call(app=application)
        assert answer.status_code == 401 or label.endswith("/schema/"), label

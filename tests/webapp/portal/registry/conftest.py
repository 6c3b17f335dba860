"""People of both clinics who may train, and a laboratory's list of networks."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.webapp.registry.rows import freeze, make_candidate, make_dataset, make_evaluation, person, rows
from tests.webapp.rows import make_version
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import DatasetVersion
from webapp.registry.gate import evaluation_finished
from webapp.registry.models import ModelVersion


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def page(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


@pytest.fixture
def carla(clinic: Clinic) -> User:
    """Curates in the clinic of the north."""
    return person(clinic, "curator", "carla")


@pytest.fixture
def carla_client(carla: User) -> Client:
    return client_of(carla)


@pytest.fixture
def ana_client(clinic: Clinic) -> Client:
    """Administers the clinic of the north."""
    return client_of(person(clinic, "administrator", "ana"))


@pytest.fixture
def carlos_client(other_clinic: Clinic) -> Client:
    """Curates in the clinic of the south."""
    return client_of(person(other_clinic, "curator", "carlos"))


@pytest.fixture
def shipped(db: None) -> ModelVersion:
    return make_version(test_report={"rows": rows((0.73, 0.49, 0.90), images=67)})


@pytest.fixture
def frozen(clinic: Clinic) -> DatasetVersion:
    return freeze(make_dataset(clinic, samples=3))


def judged(frozen: DatasetVersion, number: int, figures: tuple[float, float, float]) -> ModelVersion:
    """A candidate after the gate's word."""
    made = make_candidate(frozen, number, test_report={"rows": rows(figures)})
    in_use = ModelVersion.objects.get(clinic=None)
    if not in_use.evaluations.exists():
        make_evaluation(in_use, frozen, rows((0.73, 0.49, 0.90)))
    evaluation_finished(evaluation=make_evaluation(made, frozen, rows(figures)))
    return made


@pytest.fixture
def better(frozen: DatasetVersion, shipped: ModelVersion) -> ModelVersion:
    return judged(frozen, 2, (0.80, 0.60, 0.93))


@pytest.fixture
def worse(frozen: DatasetVersion, shipped: ModelVersion) -> ModelVersion:
    return judged(frozen, 3, (0.412, 0.30, 0.70))

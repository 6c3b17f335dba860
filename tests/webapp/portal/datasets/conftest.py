"""A curator, their data set, and their browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.webapp.curation import client_of, make_dataset, make_person
from webapp.accounts.models import User
from webapp.datasets.models import Dataset


@pytest.fixture
def curator(clinic: Any) -> User:
    return make_person(clinic)


@pytest.fixture
def dataset(curator: User) -> Dataset:
    return make_dataset(curator, source="BBBC038v1", licence="CC0")


@pytest.fixture
def page(curator: User) -> Client:
    return client_of(curator)

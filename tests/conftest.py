"""What every test of the web may ask for: an installation of its own, two clinics, and people in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytest_plugins = ["tests.services"]


@pytest.fixture(autouse=True)
def installation(settings: Settings, tmp_path: Path) -> Path:
    """Files, bell, cache and static files in the test's own folder; passwords hashed fast."""
    var = tmp_path / "var"
    static = var / "static"
    static.mkdir(parents=True)
    settings.MEDULA_VAR = var
    settings.MEDULA_STORAGE = var / "storage"
    settings.STATIC_ROOT = static
    (var / "uploads").mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = var / "uploads"
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(var / "cache"),
        }
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return var


@pytest.fixture
def clinic(db: None) -> Any:
    from webapp.accounts.models import Clinic

    return Clinic.objects.create(name="Hospital del Norte", slug="norte")


@pytest.fixture
def other_clinic(db: None) -> Any:
    from webapp.accounts.models import Clinic

    return Clinic.objects.create(name="Hospital del Sur", slug="sur")


@pytest.fixture
def alice(clinic: Any) -> Any:
    """Works in the clinic of the north."""
    from webapp.accounts.models import User

    return User.objects.create_user("alice", password="correct-horse-7", clinic=clinic)


@pytest.fixture
def bob(other_clinic: Any) -> Any:
    """Works in the clinic of the south; must never see what is Alice's."""
    from webapp.accounts.models import User

    return User.objects.create_user("bob", password="correct-horse-8", clinic=other_clinic)


@pytest.fixture
def alice_client(alice: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(alice)
    return client


@pytest.fixture
def bob_client(bob: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob)
    return client

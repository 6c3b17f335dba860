from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from webapp.accounts.models import Clinic, User
from webapp.accounts.selectors import clinic_of
from webapp.accounts.services import account_create, clinic_create, first_account, password_make


def test_passwords_are_long_and_never_twice_the_same() -> None:
    made = {password_make() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) == 19 for password in made)


@pytest.mark.django_db
def test_the_first_account_is_made_once_and_its_password_opens_it() -> None:
    made = first_account(clinic_name="Laboratorio Médula")
    assert made is not None
    user, password = made
    assert user.check_password(password)
    assert password not in user.password
    assert user.role == User.Role.ADMINISTRATOR
    assert clinic_of(user) == Clinic.objects.get(slug="laboratorio-medula")
    assert first_account(clinic_name="Laboratorio Médula") is None
    assert User.objects.count() == 1


def test_an_account_made_for_someone_else_must_change_its_password(clinic: Clinic) -> None:
    user, _ = account_create(clinic=clinic, username="ana", role="clinician")
    assert user.must_change_password


def test_a_name_is_used_once(clinic: Clinic) -> None:
    account_create(clinic=clinic, username="ana", role="clinician")
    with pytest.raises(ValidationError):
        account_create(clinic=clinic, username="ana", role="clinician")


@pytest.mark.django_db
def test_a_clinic_of_the_same_name_is_the_same_clinic() -> None:
    assert clinic_create(name="Hospital Ñ").pk == clinic_create(name="Hospital Ñ").pk


@pytest.mark.django_db
def test_a_person_without_clinic_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_user("nobody", password="x")

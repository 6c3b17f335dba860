from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from webapp.accounts.models import Clinic, User


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("account_create", *arguments, stdout=said)
    return said.getvalue().strip()


def test_it_prints_the_password_that_opens_the_account(clinic: Clinic) -> None:
    name, password = run("ana", "--role", "clinician").split(": ")
    user = User.objects.get(username=name)
    assert user.check_password(password)
    assert (user.clinic, user.role, user.must_change_password) == (clinic, "clinician", True)


def test_a_new_clinic_is_made_by_its_name(clinic: Clinic) -> None:
    run("ana", "--clinic", "Hospital del Este")
    assert User.objects.get().clinic == Clinic.objects.get(slug="hospital-del-este")


def test_with_several_clinics_one_must_be_named(clinic: Clinic, other_clinic: Clinic) -> None:
    with pytest.raises(CommandError, match="--clinic"):
        run("ana")


@pytest.mark.parametrize("name", ["alice", "a b", ""])
def test_a_name_that_cannot_be_used_is_told(alice: Any, name: str) -> None:
    with pytest.raises(CommandError):
        run(name)
    assert User.objects.count() == 1

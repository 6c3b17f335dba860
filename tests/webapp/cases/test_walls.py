"""Alice's clinic and Bob's: neither sees a row of the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.webapp.rows import make_case, make_image
from webapp.accounts.models import User
from webapp.cases.models import Biopsy, BiopsyImage, Case, Patient


@pytest.mark.parametrize("model", [Patient, Case, Biopsy, BiopsyImage])
def test_each_sees_their_own_clinic_only(model: Any, alice: Any, bob: Any) -> None:
    make_image(make_case(alice.clinic))
    make_image(make_case(bob.clinic))
    seen_by_alice, seen_by_bob = model.objects.of(alice), model.objects.of(bob)
    assert {row.clinic_id for row in seen_by_alice} == {alice.clinic_id}
    assert {row.clinic_id for row in seen_by_bob} == {bob.clinic_id}


@pytest.mark.django_db
def test_who_has_no_clinic_sees_nothing(alice: Any) -> None:
    make_case(alice.clinic)
    assert not Case.objects.of(AnonymousUser()).exists()
    assert not Case.objects.of(User.objects.create_superuser("root")).exists()

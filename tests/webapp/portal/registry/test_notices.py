"""Who is told, who has read it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.webapp.portal.registry.conftest import page
from webapp.registry.models import ModelVersion, Notice
from webapp.registry.notices import notice_create


def test_the_bar_counts_what_a_curator_has_not_read(
    carla_client: Client, ana_client: Client, better: ModelVersion
) -> None:
    notice_create(
        clinic_id=int(better.clinic_id or 0), code="rule_nothing_new", params={"rule": "Cada noche"}
    )
    assert 'aria-label="2 new"' in page(carla_client.get(reverse("home")))
    found = page(carla_client.get(reverse("notices")))
    assert "nuclei 2 passed the gate." in found
    assert "AP@0.5 0.800 against 0.730" in found
    assert "“Cada noche”: no newly approved samples" in found
    assert 'class="count"' not in page(carla_client.post(reverse("notices_mark"), follow=True))
    assert 'aria-label="2 new"' in page(ana_client.get(reverse("home")))


def test_the_laboratory_and_other_clinics_are_not_told(
    alice_client: Client, carlos_client: Client, better: ModelVersion
) -> None:
    assert reverse("notices") not in page(alice_client.get(reverse("home")))
    assert alice_client.get(reverse("notices")).status_code == 403
    assert "nuclei 2" not in page(carlos_client.get(reverse("notices")))
    carlos_client.post(reverse("notices_mark"))
    assert not Notice.read_by.through.objects.exists()


def test_a_notice_of_another_day_never_breaks_the_page(carla_client: Client, better: ModelVersion) -> None:
    for code, params in (("unknown_code", {}), ("notice_passed", {}), ("rule_nothing_new", {"reasons": "x"})):
        notice_create(clinic_id=int(better.clinic_id or 0), code=code, params=params)
    assert page(carla_client.get(reverse("notices"))).count('class="sheet new"') == 4

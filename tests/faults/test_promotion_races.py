"""Two people put two versions into use at the same moment; two sweeps find the same rule due."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.test_races import race
from tests.installation import Installation

pytestmark = pytest.mark.timeout(900)
SET_UP = """
from webapp.accounts.models import Clinic
from webapp.common.storage import absolute
from webapp.datasets.models import Dataset
from webapp.registry.models import ModelVersion, RetrainingRule, StageChange
from django.utils import timezone
clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
for number in (1, 2, 3, 4):
    name = f"c{clinic.pk}/models/nuclei-{number}"
    absolute(name).mkdir(parents=True)
    (absolute(name) / "spec.json").write_text("{}")
    version = ModelVersion.objects.create(
        clinic=clinic, family="nuclei", version=number, digest=str(number) * 64, bundle=name
    )
    StageChange.objects.create(clinic=clinic, model_version=version, kind="passed")
dataset = Dataset.objects.create(clinic=clinic, name="Frotis")
for number in range(5):
    RetrainingRule.objects.create(
        clinic=clinic, dataset=dataset, name=f"Regla {number}", every_days=1, next_run_at=timezone.now()
    )
"""
WAIT = """
import sys, time
from pathlib import Path
folder, me = Path(sys.argv[1]), sys.argv[2]
def line():
    (folder / f"ready-{me}").touch()
    while not (folder / "start").exists():
        time.sleep(0.01)
"""
PROMOTE = f"""{WAIT}
from webapp.registry.models import ModelVersion
from webapp.registry.promotion import version_promote
version = ModelVersion.objects.get(version=int(me))
line()
print(version_promote(model_version=version).version)
"""
SWEEP = f"""{WAIT}
from webapp.registry.models import RetrainingRule
from webapp.registry.schedule import rule_begin
from django.utils import timezone
rules = list(RetrainingRule.objects.order_by("name"))
line()
for rule in rules:
    if rule_begin(rule=rule, now=timezone.now()):
        print(rule.name)
"""


def test_of_four_promotions_at_once_each_is_in_the_diary_and_one_version_is_in_use(
    site: Installation, tmp_path: Path
) -> None:
    site.python(SET_UP)
    said = race(site, tmp_path / "line", PROMOTE, ["1", "2", "3", "4"])
    assert said == {name: [name] for name in "1234"}
    stages = dict(site.query("SELECT stage, count(*) FROM registry_modelversion GROUP BY stage"))
    assert stages == {"production": 1, "retired": 3}
    kinds = dict(site.query("SELECT kind, count(*) FROM registry_stagechange GROUP BY kind"))
    assert kinds == {"passed": 4, "promoted": 4, "retired": 3}


def test_of_three_sweeps_one_begins_each_rule(site: Installation, tmp_path: Path) -> None:
    site.python(SET_UP)
    said = race(site, tmp_path / "line", SWEEP, ["1", "2", "3"])
    assert sorted(name for lines in said.values() for name in lines) == [f"Regla {n}" for n in range(5)]
    assert site.query("SELECT count(*) FROM registry_rulerun") == [(5,)]

"""Nobody is there: the clock alone retrains and evaluates, refuses the worse, puts the better into use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.services import wait_until

BUNDLES = Path(__file__).resolve().parents[2] / "segmentation" / "bundles"
NIGHT_S = 400
SET_UP = """
import io, tempfile
from pathlib import Path
import numpy as np
from PIL import Image
from segmentation.label_files import write_labels
from segmentation.synthetic import draw_stained
from webapp.accounts.models import Clinic
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.models import Dataset, Sample
from webapp.datasets.services import version_freeze
from webapp.registry.services import bundles_register
bundles_register()
clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
dataset = Dataset.objects.create(clinic=clinic, name="Frotis dibujados")

def kept(content):
    stored = store_bytes(clinic_id=clinic.pk, content=content, media_type="image/png", ext=".png")
    return file_row(clinic_id=clinic.pk, stored=stored)

def add(seed, group):
    rgb, labels = draw_stained(seed, 160, 160, nuclei=20, radius_px=9, touching=0.95)
    picture = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(picture, format="PNG")
    with tempfile.TemporaryDirectory() as folder:
        mask = write_labels(Path(folder) / "labels", labels).read_bytes()
    Sample.objects.create(
        clinic=clinic, dataset=dataset, name=f"campo {seed}.png", picture=kept(picture.getvalue()),
        labels=kept(mask), width=160, height=160, nuclei_count=int(labels.max()), group=group,
        modality="purple-on-white", origin="imported", review="approved",
    )

for seed in range(30):
    add(seed, f"paciente {seed // 3}")
"""
FIRST = SET_UP + "version_freeze(dataset=dataset, user=None)\n"
# Each mask of the training and validation parts lies on another picture; the test part stays true.
SHUFFLE = """
from webapp.datasets.models import Sample, VersionSample
lines = VersionSample.objects.exclude(part="test").order_by("name")
samples = [line.sample for line in lines]
masks = [sample.labels_id for sample in samples]
for sample, mask in zip(samples, masks[1:] + masks[:1]):
    Sample.objects.filter(pk=sample.pk).update(labels=mask)
print(VersionSample.objects.filter(part="test").count())
"""
RULE = """
from webapp.accounts.models import Clinic
from webapp.datasets.models import Dataset
from webapp.registry.rules import rule_create
rule_create(
    clinic=Clinic.objects.get(), user=None, dataset=Dataset.objects.get(), name="Cada noche", every_days=1,
    promotes=True, config={
        "epochs": 4, "steps_per_epoch": 12, "batch_size": 4, "crop": 128, "learning_rate": 1e-3,
        "precision": "float32", "seed": 7,
    },
)
"""
CORRECT = """
from webapp.datasets.models import Sample, VersionSample
for line in VersionSample.objects.filter(version__number=1):
    Sample.objects.filter(pk=line.sample_id).update(labels=line.labels)
one = Sample.objects.order_by("name").first()
Sample.objects.filter(pk=one.pk).update(source="Hospital del Norte")
"""
TWO_O_CLOCK = """
from datetime import timedelta
from django.utils import timezone
from webapp.registry.models import RetrainingRule
now = timezone.now()
RetrainingRule.objects.update(next_run_at=now - timedelta(seconds=1), last_run_at=now - timedelta(days=2))
"""
VERDICT = """
from segmentation.errors import sentence
from webapp.registry.models import StageChange
for change in StageChange.objects.filter(kind__in=("passed", "refused")).order_by("created_at"):
    reasons = [sentence(why["code"], why["params"], "es") for why in change.reasons]
    print(change.kind, "|", change.model_version, "|", *reasons)
"""
NIGHTS = "SELECT count(*) FROM registry_rulerun WHERE closed_at IS NOT NULL"
STAGES = "SELECT version, stage FROM registry_modelversion WHERE clinic_id IS NOT NULL ORDER BY version"
JOBS = "SELECT kind, state, count(*) FROM jobs_job GROUP BY kind, state ORDER BY kind"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    """A laboratory whose network, the first that was shipped, never saw a drawn smear."""
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "nuclei-1").symlink_to(BUNDLES / "nuclei-1")
    found = Installation(
        tmp_path / "site",
        f"sqlite:///{tmp_path}/ledger.sqlite3",
        celery_app="tests.faults.slow_app",  # which sweeps every second
        extra={"MEDULA_BUNDLES": str(tmp_path / "bundles")},
    )
    found.migrate()
    yield found
    found.kill_all()


def night(site: Installation, number: int) -> list[str]:
    """Two o'clock strikes; what the gate has said when the night is over."""
    site.python(TWO_O_CLOCK)
    try:
        wait_until(lambda: site.query(NIGHTS) == [(number,)], f"night {number} is over", NIGHT_S)
    except AssertionError as late:
        raise AssertionError(f"{late}; {site.query(JOBS)}\n{site.log()}") from None
    return site.python(VERDICT).splitlines()


@pytest.mark.timeout(1200)
def test_the_clock_alone_retrains_refuses_the_worse_and_promotes_the_better(site: Installation) -> None:
    site.python(FIRST)
    for lane in ("ledger", "pictures", "training"):
        site.start_worker(lane)
    site.wait_for("SELECT state FROM jobs_job WHERE kind = 'freeze'", [("succeeded",)], 120)
    assert int(site.python(SHUFFLE)) >= 3
    site.python(RULE)
    site.start_beat()

    (refused,) = night(site, 1)
    assert refused.startswith("refused | nuclei 2 |"), refused
    assert "frente a" in refused
    assert site.query(STAGES) == [(2, "candidate")]

    site.python(CORRECT)
    passed = night(site, 2)[-1]
    assert passed.startswith("passed | nuclei 3 |"), passed
    assert "del modelo en uso (nuclei 1), en 3 imágenes de prueba" in passed
    assert site.query(STAGES) == [(2, "candidate"), (3, "production")]

    told = [code for (code,) in site.query("SELECT code FROM registry_notice ORDER BY created_at")]
    assert told == ["notice_refused", "notice_passed", "notice_promoted"]
    asked = {kind: number for kind, state, number in site.query(JOBS) if state == "succeeded"}
    assert asked == {"evaluate": 4, "freeze": 3, "train": 2}

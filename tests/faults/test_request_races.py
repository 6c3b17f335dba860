"""The same thing asked for several times at the same moment is there once."""

from __future__ import annotations

from pathlib import Path

from tests.faults.test_promotion_races import WAIT
from tests.faults.test_races import race
from tests.installation import Installation

SET_UP = """
from webapp.accounts.models import Clinic, User
from webapp.accounts.tokens import token_create
from webapp.common.models import StoredFile
from webapp.datasets.models import Dataset, DatasetVersion, Sample, VersionSample
from webapp.jobs.models import Job
clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
user = User.objects.create_user("ana", clinic=clinic, role="curator")
job = Job.objects.create(clinic=clinic, kind="freeze", lane="pictures", state="succeeded")
dataset = Dataset.objects.create(clinic=clinic, name="Frotis")
version = DatasetVersion.objects.create(clinic=clinic, dataset=dataset, number=1, job=job, digest="f" * 64)
for number, part in enumerate(["train"] * 4 + ["validation", "test"]):
    file = StoredFile.objects.create(
        clinic=clinic, sha256=f"{number:064}", bytes=1, media_type="image/png", path=f"files/{number}.png"
    )
    sample = Sample.objects.create(
        clinic=clinic, dataset=dataset, name=f"{number}.png", group=f"{number}", picture=file, labels=file,
        width=1, height=1, review="approved",
    )
    VersionSample.objects.create(
        version=version, sample=sample, name=sample.name, picture=file, labels=file, group=sample.group,
        part=part,
    )
print(token_create(user=user, name="x", scopes=["read", "upload"], days=1)[1])
"""
START = f"""{WAIT}
from webapp.datasets.models import DatasetVersion
from webapp.registry.training import run_request
version = DatasetVersion.objects.get()
line()
for _ in range(3):
    print(run_request(version=version, user=None, config={{"epochs": 2}}).pk)
"""
POST = f"""{WAIT}
from django.test import Client
secret = Path(sys.argv[1]).parent.joinpath("secret").read_text()
headers = {{"authorization": f"Bearer {{secret}}", "idempotency-key": "k"}}
client = Client(HTTP_HOST="localhost", headers=headers)
body = {{"patient_code": "P-1", "title": "once"}}
line()
for _ in range(40):
    answer = client.post("/api/v1/cases/", body, content_type="application/json")
    if answer.status_code != 409:
        break
    time.sleep(0.05)
print(answer.status_code, answer.json().get("id"))
"""


def test_of_twelve_starts_of_one_training_there_is_one(site: Installation, tmp_path: Path) -> None:
    site.python(SET_UP)
    said = race(site, tmp_path / "line", START, ["1", "2", "3", "4"])
    assert len({run for lines in said.values() for run in lines}) == 1
    assert [len(lines) for lines in said.values()] == [3, 3, 3, 3]
    assert site.query("SELECT count(*) FROM registry_trainingrun") == [(1,)]
    assert site.query("SELECT count(*) FROM jobs_job WHERE kind = 'train'") == [(1,)]


def test_four_requests_with_one_key_make_one_case_and_hear_one_answer(
    site: Installation, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(site.python(SET_UP))
    said = race(site, tmp_path / "line", POST, ["1", "2", "3", "4"])
    answers = {line for lines in said.values() for line in lines}
    assert len(answers) == 1 and answers.pop().startswith("201 ")
    assert site.query("SELECT count(*) FROM cases_case") == [(1,)]
    assert site.query("SELECT count(*) FROM api_idempotencykey") == [(1,)]

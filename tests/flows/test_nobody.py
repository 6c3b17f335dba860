"""Nobody is there, on the embedded installation: the clock alone retrains and puts the better into use.

The whole story, with a worse one refused first, is told on the stack: tests/stack/test_nobody.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows import nobody
from tests.installation import Installation


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    found = Installation(
        tmp_path / "site",
        f"sqlite:///{tmp_path}/ledger.sqlite3",
        celery_app="tests.faults.slow_app",  # which sweeps every second
    )
    found.migrate()
    yield found
    found.kill_all()


@pytest.mark.timeout(2400)
def test_the_clock_alone_retrains_evaluates_and_promotes_the_better(site: Installation) -> None:
    for lane in ("ledger", "pictures", "training"):
        site.start_worker(lane)
    site.start_beat()
    nobody.set_up(site)
    nobody.make_rule(site)
    (passed,) = nobody.night(site, 1)
    assert passed.startswith("passed | nuclei 3 |"), passed
    assert "del modelo en uso (nuclei 2)" in passed
    assert nobody.stages(site) == {3: "production"}
    assert nobody.told(site) == ["notice_passed", "notice_promoted"]
    # The first freezing was asked for by hand; the candidate and the one in use were read once each.
    found = nobody.succeeded(site)
    assert found["train"] == 1 and found["evaluate"] == 2, found

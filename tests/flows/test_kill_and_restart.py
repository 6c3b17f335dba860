"""Real pictures through the real network while everything is killed: each ends analysed, exactly once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from PIL import Image

from segmentation.synthetic import draw_fluorescence, draw_stained
from tests.flows.conftest import upload
from tests.installation import Installation, family
from tests.services import wait_until

# TensorFlow is loaded three times, on a machine that may have other work.
pytestmark = pytest.mark.timeout(1500)
SEGMENTS = "SELECT state, count(*) FROM jobs_job WHERE kind = 'segment' GROUP BY state ORDER BY state"
RUNNING = "SELECT lease_pid, step FROM jobs_job WHERE kind = 'segment' AND state = 'running'"


def start(site: Installation) -> None:
    site.python("from webapp.jobs.services import leases_free; leases_free()")
    for lane in ("pictures", "ledger"):
        site.start_worker(lane)
    site.start_beat()


def segmenting(site: Installation, *, besides: int = 0, begun: bool = False) -> int:
    """The process, another than `besides`, that works on an analysis (`begun`: and says how far it is)."""
    found: list[int] = []

    def running() -> bool:
        found.extend(int(pid) for pid, step in site.query(RUNNING) if pid != besides and (step or not begun))
        return bool(found)

    wait_until(running, "an analysis runs", 300)
    return found[0]


def holds_tensorflow(process: psutil.Process) -> bool:
    return any("tensorflow" in mapped.path for mapped in process.memory_maps())


def test_every_picture_ends_analysed_exactly_once_whatever_is_killed(
    site: Installation, tmp_path: Path
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    Image.fromarray(draw_fluorescence(1, 256, 256, nuclei=12)[0]).save(uploads / "oscuro.png")
    Image.fromarray(draw_stained(2, 256, 256, nuclei=6)[0]).save(uploads / "frotis 🔬.png")
    Image.fromarray(draw_fluorescence(3, 300, 200, nuclei=9)[0]).save(uploads / "tercero.tif")
    assert upload(site, uploads) == {}

    start(site)
    child = segmenting(site, begun=True)
    pictures = psutil.Process(site.processes[0].pid)
    assert holds_tensorflow(psutil.Process(child))
    assert not any(holds_tensorflow(process) for process in family(pictures.pid) if process.pid != child)
    os.kill(child, signal.SIGKILL)

    segmenting(site, besides=child)  # loading TensorFlow again takes it a while
    site.kill_all()
    # One, or two where the sweep had not yet freed the first child's when the second took another picture.
    assert dict(site.query(SEGMENTS)).get("running", 0) >= 1

    start(site)
    site.wait_for(SEGMENTS, [("succeeded", 3)], 400)
    site.wait_for("SELECT state, count(*) FROM jobs_job GROUP BY state", [("succeeded", 6)])
    assert site.query("SELECT count(*), count(DISTINCT image_id) FROM analyses_analysis") == [(3, 3)]
    assert site.query("SELECT count(*) FROM analyses_analysis WHERE nuclei_count IS NULL") == [(0,)]
    assert site.query("SELECT count(*) FROM cases_biopsyimage WHERE tiles_id IS NULL") == [(0,)]
    # 3 originals; tiles and a thumbnail each; labels, overlay, mask, nuclei and outlines each.
    stored = site.query("SELECT path, sha256 FROM common_storedfile")
    assert len({path for path, _ in stored}) == len(stored) == 3 * (1 + 2 + 5)
    assert all((site.var / "storage" / path).is_file() for path, _ in stored)

"""The decoding child: pictures come out whole, hostile ones kill at most the child, the next one is read."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from segmentation.errors import PictureRefused
from segmentation.images import Limits
from tests.services import wait_until
from worker.decoder import Decoder

SMALL = np.random.default_rng(3).integers(0, 256, (40, 30, 3), dtype=np.uint8)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    found = Decoder()
    yield found
    found.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    Image.fromarray(SMALL).save(path)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """36 megapixels: takes a second or so to decode."""
    path = tmp_path / "large.png"
    Image.fromarray(np.zeros((6000, 6000, 3), np.uint8)).save(path, compress_level=1)
    return path


def test_pixels_and_facts_come_out_as_they_are_in_the_file(
    decoder: Decoder, small: Path, tmp_path: Path
) -> None:
    picture = decoder.decode(small, tmp_path / "out.npy")
    assert np.array_equal(picture.rgb, SMALL)
    assert (picture.format, picture.bit_depth, picture.um_per_px, picture.notes) == ("png", 8, None, ())
    picture.rgb[:] = 0  # the caller may write on them


def test_one_child_reads_many_pictures(decoder: Decoder, small: Path, tmp_path: Path) -> None:
    decoder.decode(small, tmp_path / "1.npy")
    first = decoder.pid
    decoder.decode(small, tmp_path / "2.npy")
    assert decoder.pid == first


def test_a_refusal_keeps_its_code_and_its_figures(decoder: Decoder, small: Path, tmp_path: Path) -> None:
    with pytest.raises(PictureRefused) as refused:
        decoder.decode(small, tmp_path / "out.npy", limits=Limits(max_pixels=1000))
    assert refused.value.code == "too_many_pixels"
    assert (refused.value.params["width"], refused.value.params["height"]) == (30, 40)
    first = decoder.pid
    broken = tmp_path / "broken.png"
    broken.write_bytes(small.read_bytes()[:-200])
    with pytest.raises(PictureRefused) as damaged:
        decoder.decode(broken, tmp_path / "out.npy")
    assert damaged.value.code == "damaged"
    assert decoder.pid == first, "a refusal costs no child"


def test_a_picture_that_needs_more_memory_than_the_child_has_is_refused(large: Path, tmp_path: Path) -> None:
    with closing(Decoder(memory_bytes=250 * 1024**2)) as decoder, pytest.raises(PictureRefused) as refused:
        decoder.decode(large, tmp_path / "out.npy")
    assert refused.value.code == "out_of_memory"


@pytest.mark.parametrize(
    ("sent", "expected"), [(signal.SIGSEGV, PictureRefused), (signal.SIGKILL, MemoryError)]
)
def test_a_child_that_dies_on_a_picture_is_replaced(
    decoder: Decoder, small: Path, tmp_path: Path, sent: signal.Signals, expected: type[Exception]
) -> None:
    decoder.decode(small, tmp_path / "1.npy")
    first = decoder.pid
    assert first is not None
    psutil.Process(first).suspend()
    killer = threading.Timer(0.5, lambda: (os.kill(first, sent), os.kill(first, signal.SIGCONT)))
    killer.start()
    with pytest.raises(expected):
        decoder.decode(small, tmp_path / "2.npy")
    killer.join()
    assert np.array_equal(decoder.decode(small, tmp_path / "3.npy").rgb, SMALL)
    assert decoder.pid != first


def test_a_child_that_died_between_two_pictures_is_replaced(
    decoder: Decoder, small: Path, tmp_path: Path
) -> None:
    decoder.decode(small, tmp_path / "1.npy")
    first = decoder.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: psutil.Process(first).status() == psutil.STATUS_ZOMBIE, "the child is dead")
    assert np.array_equal(decoder.decode(small, tmp_path / "2.npy").rgb, SMALL)


def test_a_picture_that_takes_too_long_ends_the_child(small: Path, tmp_path: Path) -> None:
    with closing(Decoder(timeout_s=0.5)) as decoder:
        decoder.start()
        child = psutil.Process(decoder.pid)
        child.suspend()
        with pytest.raises(TimeoutError):
            decoder.decode(small, tmp_path / "out.npy")
        assert not child.is_running()


def test_giving_up_on_a_picture_ends_the_child_and_not_the_next_picture(
    decoder: Decoder, small: Path, tmp_path: Path
) -> None:
    class Cancelled(Exception):
        pass

    def tick() -> None:
        raise Cancelled

    decoder.decode(small, tmp_path / "1.npy")
    child = psutil.Process(decoder.pid)
    child.suspend()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        decoder.decode(small, tmp_path / "2.npy", tick=tick)
    assert time.monotonic() - started < 2
    assert not child.is_running()
    assert np.array_equal(decoder.decode(small, tmp_path / "3.npy").rgb, SMALL)


def test_a_full_disk_is_the_machines_fault_not_the_pictures(
    decoder: Decoder, small: Path, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="No such file") as fault:
        decoder.decode(small, tmp_path / "no such folder" / "out.npy")
    assert not isinstance(fault.value, PictureRefused)
    assert decoder.decode(small, tmp_path / "out.npy").rgb.shape == (40, 30, 3)

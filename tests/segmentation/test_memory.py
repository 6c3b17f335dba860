"""Freed memory stays with the process when asked to, and goes back when asked to."""

import subprocess
import sys

import pytest

LINUX_ONLY = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's own switches")

FAULTS = """
import resource, sys
import numpy as np
from segmentation.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
np.ones(30_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(30_000_000, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

RESIDENT = """
import psutil
import numpy as np
from segmentation.memory import keep_freed_memory, return_freed_memory
keep_freed_memory()
array = np.ones(300_000_000, np.uint8)
del array
kept = psutil.Process().memory_info().rss
return_freed_memory()
print((kept - psutil.Process().memory_info().rss) // 1_000_000)
"""


def figure(code: str, *arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@LINUX_ONLY
def test_pages_are_not_cleared_again_for_every_large_array() -> None:
    # 20 arrays of 30 MB are 146,000 pages, or 290 huge ones
    assert figure(FAULTS, "keep") * 20 < max(figure(FAULTS, "give back"), 20)


@LINUX_ONLY
def test_a_large_pictures_memory_goes_back_to_the_system() -> None:
    assert figure(RESIDENT) > 250

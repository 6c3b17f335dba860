"""Who may import whom. The contracts are in pyproject.toml; what they cannot say is here."""

from __future__ import annotations

import subprocess
import sys

import grimp
import pytest

from tests.house.tree import PACKAGES, ROOT

# The half of the bench that holds the network. All other modules are arrays in, arrays out.
NETWORK = {
    "__main__",
    "batches",
    "commands",
    "engines",
    "finishing",
    "int8",
    "losses",
    "pace",
    "predictor",
    "training",
    "tuning",
    "unet",
}
# What the front desk, the terminal and the reports may read without a single library.
VOCABULARY = {"spec", "errors", "formats"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def test_the_contracts_are_kept() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_array_half_of_the_bench_needs_no_keras(graph: grimp.ImportGraph) -> None:
    modules = graph.find_children("segmentation")
    array_half = {module for module in modules if module.partition(".")[2].split(".")[0] not in NETWORK}
    assert len(array_half) > 5
    for module in sorted(array_half):
        for library in ("keras", "tensorflow"):
            if library in graph.modules:
                chain = graph.find_shortest_chain(module, library, as_packages=True)
                assert chain is None, " imports ".join(chain)


def test_the_vocabulary_needs_the_standard_library_only(graph: grimp.ImportGraph) -> None:
    for name in sorted(VOCABULARY):
        module = f"segmentation.{name}"
        assert module in graph.modules
        upstream = graph.find_upstream_modules(module)
        allowed = set(sys.stdlib_module_names) | {"segmentation"}
        assert {found.partition(".")[0] for found in upstream} <= allowed, module


def test_the_bootstrap_needs_the_standard_library_only(graph: grimp.ImportGraph) -> None:
    upstream = graph.find_upstream_modules("webapp.bootstrap", as_package=True)
    # `command` ends by handing over to Django, and `satisfied` is run by the environment's own Python.
    allowed = set(sys.stdlib_module_names) | {"webapp", "django", "packaging"}
    assert {found.partition(".")[0] for found in upstream} <= allowed
    assert {found for found in upstream if found.startswith("webapp")} <= {"webapp"}


@pytest.mark.parametrize(
    "code",
    [
        "from webapp.wsgi import application; from django.urls import get_resolver; "
        "get_resolver().url_patterns",
        "import worker.app, worker.tasks; worker.app.app.loader.import_default_modules()",
    ],
    ids=["the web", "the worker's parent"],
)
def test_it_never_holds_a_library_that_computes(code: str) -> None:
    watched = "{'tensorflow', 'keras', 'cv2'}"
    check = f"{code}\nimport sys\nprint(sorted({watched} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


# What trains or tunes, and what hands out test pictures: to an evaluation, and in a whole export.
LEARNS = {
    "segmentation.training",
    "segmentation.tuning",
    "webapp.datasets.learning",
    "webapp.registry.training",
    "webapp.registry.tuning",
    "worker.handlers.train",
    "worker.handlers.tune",
}
TEST_PART = ("webapp.datasets.testing", "webapp.datasets.exports")


def test_nothing_that_trains_can_reach_a_test_picture(graph: grimp.ImportGraph) -> None:
    assert set(TEST_PART) <= graph.modules
    present = LEARNS & graph.modules
    assert {"segmentation.training", "webapp.datasets.learning"} <= present
    for module in sorted(present):
        for door in TEST_PART:
            chain = graph.find_shortest_chain(module, door)
            assert chain is None, " imports ".join(chain)

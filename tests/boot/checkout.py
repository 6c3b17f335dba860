"""A checkout small enough to be set up in seconds: manage.py and its bootstrap, with tiny packages.

The packages are real wheels in a folder, installed by the real pip with their real hashes; only their
content is small ("django" prints what it was asked to do).
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Not the environment's Python: a newcomer has none yet.
PYTHON = getattr(sys, "_base_executable", sys.executable)

DJANGO = """
import sys
def execute_from_command_line(arguments):
    print("django {version} does", *arguments[1:], "with", sys.prefix)
"""
EXCEPTIONS = "class ImproperlyConfigured(Exception): pass"
PYTEST = "import sys; print('pytest runs', *sys.argv[1:])"


def tiny_wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> tuple[Path, str]:
    """Write a valid wheel; its path and its line in a requirements file."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return wheel, f"{name}=={version} \\\n    --hash=sha256:{sha256}\n"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Checkout:
    """The folder and the environment variables of the person who works in it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, root: Path) -> Checkout:
        (root / "webapp").mkdir(parents=True)
        shutil.copy(ROOT / "manage.py", root)
        shutil.copy(ROOT / "webapp" / "__init__.py", root / "webapp")
        shutil.copytree(
            ROOT / "webapp" / "bootstrap",
            root / "webapp" / "bootstrap",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        (root / "requirements").mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        home = root.parent / f"{root.name}-home"
        home.mkdir()
        checkout = cls(
            root,
            kept
            | {
                "HOME": str(home),
                "LC_ALL": "en_US.UTF-8",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(root / "wheels"),
            },
        )
        checkout.lock("1.0")
        return checkout

    @property
    def python(self) -> Path:
        return self.root / ".venv" / "bin" / "python"

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    def lock(self, version: str) -> None:
        """Write the two lists, naming this version of the tiny Django."""
        source = DJANGO.replace("{version}", version)
        files = {
            "django/core/exceptions.py": EXCEPTIONS,
            "django/__init__.py": "",
            "django/core/__init__.py": "",
            "django/core/management.py": source,
        }
        _, django = tiny_wheel(self.wheels, "django", version, files)
        _, pytest = tiny_wheel(self.wheels, "pytest", "1.0", {"pytest/__main__.py": PYTEST})
        (self.root / "requirements" / "run.txt").write_text(django)
        (self.root / "requirements" / "test.txt").write_text(django + pytest)

    def start(
        self, *arguments: str, python: str | Path = PYTHON, **environment: str
    ) -> subprocess.Popen[str]:
        """`python3 manage.py …`, running; its output is collected."""
        return subprocess.Popen(
            [str(python), str(self.root / "manage.py"), *arguments],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.root, start_new_session=True,
        )  # fmt: skip

    def manage(self, *arguments: str, python: str | Path = PYTHON, **environment: str) -> Answer:
        """`python3 manage.py …`, to its end."""
        return Answer.of(self.start(*arguments, python=python, **environment))


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    status: int
    out: str
    err: str

    @classmethod
    def of(cls, process: subprocess.Popen[str], timeout_s: float = 100) -> Answer:
        out, err = process.communicate(timeout=timeout_s)
        return cls(process.returncode, out, err)

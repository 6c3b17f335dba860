"""ZIP files that strangers send: looked over before anything is taken out, counted while it is.

No member is ever written under its own name. What the archive says of its sizes is not believed: a bomb
shows while it unfolds.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType

from segmentation.errors import DataError, PictureRefused

PIECE_BYTES = 1 << 20
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class ArchiveRefused(DataError):
    """The whole archive is not to be trusted; nothing of it is kept."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold. `ratio`: unfolded bytes to the archive's own, above a free allowance."""

    names: int = 20_000
    directory_bytes: int = 32 * 1000**2
    member_bytes: int = 2 * 1024**3
    total_bytes: int = 100 * 1000**3
    ratio: int = 100
    allowance_bytes: int = 200 * 1000**2


class _Bounded(FileIO):
    """A file whose reader asks for little at a time: an archive's directory is read in one piece."""

    longest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.longest:
            raise ArchiveRefused("import_names", most=ArchiveLimits.names)
        return super().read(-1 if size is None else size) or b""


class Archive:
    """An open archive without a way out, a link, a locked member, or too many names.

    Raises ArchiveRefused: archive_unreadable, import_names, archive_path, import_link, import_encrypted,
    import_bomb.
    """

    def __init__(self, path: Path, limits: ArchiveLimits | None = None) -> None:
        self._limits = limits or ArchiveLimits()
        self._bytes = path.stat().st_size
        self._unfolded = 0
        self._file = _Bounded(path)
        self._file.longest = max(self._limits.directory_bytes, PIECE_BYTES)
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._members = self._looked_over()
        except _BROKEN as error:
            self.close()
            raise ArchiveRefused("archive_unreadable") from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def names(self) -> list[str]:
        """Every file, folders left out, "/" between folders whatever wrote the archive."""
        return list(self._members)

    def size(self, name: str) -> int:
        """What the archive says of a member's size; nobody has to believe it."""
        return self._members[name].file_size

    def extract(self, name: str, target: Path, tick: Callable[[], None] = lambda: None) -> Path:
        """Write one member to `target`. Raises PictureRefused "damaged" for a broken one."""
        written = 0
        try:
            with self._zip.open(self._members[name]) as member, target.open("wb") as file:
                while piece := member.read(PIECE_BYTES):
                    written += len(piece)
                    self._count(name, len(piece), written)
                    file.write(piece)
                    tick()
        except _BROKEN as error:
            raise PictureRefused("damaged") from error
        return target

    def _count(self, name: str, piece: int, written: int) -> None:
        limits = self._limits
        self._unfolded += piece
        honest = limits.allowance_bytes + limits.ratio * self._bytes
        if written > limits.member_bytes or self._unfolded > min(honest, limits.total_bytes):
            raise ArchiveRefused("import_bomb", name=_shown(name))

    def _looked_over(self) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > self._limits.names:
            raise ArchiveRefused("import_names", most=self._limits.names)
        # Members that lie over each other unfold the same bytes again and again.
        if sum(entry.compress_size for entry in entries) > self._bytes:
            raise ArchiveRefused("import_bomb", name=_shown(entries[0].filename))
        found = {}
        for entry in entries:
            name = entry.filename.replace("\\", "/")
            parts = name.split("/")
            if name.startswith("/") or ".." in parts or _DRIVE.match(name):
                raise ArchiveRefused("archive_path", name=_shown(name))
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise ArchiveRefused("import_link", name=_shown(name))
            if entry.is_dir() or name.endswith("/"):
                continue
            if entry.flag_bits & _ENCRYPTED:
                raise ArchiveRefused("import_encrypted", name=_shown(name))
            if name in found:
                raise ArchiveRefused("archive_twice", name=_shown(name))
            found[name] = entry
        return found


def _shown(name: str) -> str:
    """A member's name, fit to be shown."""
    plain = "".join(character if character.isprintable() else "?" for character in name)
    return plain if len(plain) <= 120 else plain[:119] + "…"

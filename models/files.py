"""The file of a SQLite database: where it is, and whether its disk is this machine's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sqlalchemy import make_url

from billing.refusals import TemporarilyUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

MOUNTS = Path("/proc/mounts")
NETWORKED = frozenset({
    "acfs", "afp", "afpfs", "afs", "beegfs", "ceph", "cephfs", "cifs", "coda", "davfs", "gfs", "gfs2",
    "glusterfs", "gpfs", "lustre", "ncp", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb",
    "smb2", "smb3", "smbfs", "webdav",
    "fuse.ceph", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.juicefs", "fuse.mount-s3",
    "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.blobfuse", "fuse.blobfuse2",
})  # fmt: skip
"""File systems that several machines may write: SQLite's shared memory and locks do not hold between machines."""


REPLACED = "The database's file was moved, deleted or replaced; restart this program once the right one is in place."


class NetworkFileSystem(Exception):  # noqa: N818  (it says what was found; nothing went wrong yet)
    """The database file lies on a file system that is not this machine's own: commits there can be lost."""

    def __init__(self, path: Path, kind: str) -> None:
        """Name the file and the kind of file system."""
        super().__init__(
            f"{path} is on a network file system ({kind}), where SQLite can lose what was written: "
            "put the file on a local disk, or use PostgreSQL.",
        )
        self.path = path
        self.kind = kind


class InMemory(ValueError):  # noqa: N818  (as above)
    """A SQLite database without a file: each connection would have one of its own, and readers see nothing."""

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__(
            "a SQLite database in memory is another one for each connection: name a file, such as var/plangate.db"
        )


class Mount(NamedTuple):
    """One line of the table of mounts."""

    point: Path
    kind: str


def demand_local(path: Path) -> None:
    """Refuse a file on a network file system by NetworkFileSystem; a machine without /proc/mounts is believed."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = kind_at(path.resolve(), table)
    if kind is not None and kind in NETWORKED:
        raise NetworkFileSystem(path, kind)


def kind_at(path: Path, table: str) -> str | None:
    """Say what kind of file system holds a path; the longest mount point wins, of equal ones the last mounted."""
    found = Mount(Path(), "")
    for mount in mounts(table):
        if path.is_relative_to(mount.point) and len(mount.point.parts) >= len(found.point.parts):
            found = mount
    return found.kind or None


def mounts(table: str) -> Iterator[Mount]:
    r"""Read a table of mounts as Linux writes it; spaces in names are \040 there."""
    for line in table.splitlines():
        words = line.split(" ")
        if len(words) > 2:  # noqa: PLR2004  (device, point, kind)
            yield Mount(Path(_plain(words[1])), words[2])


def file_of(url: str) -> Path | None:
    """Give the file of a SQLite URL, None for another database; raises InMemory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise InMemory
    return Path(parsed.database).absolute()


class Identity:
    """Which file a path led to when it was opened first: where it leads elsewhere later, what is written is lost."""

    def __init__(self, path: Path) -> None:
        """Watch a path; nothing is demanded before it was `opened`."""
        self._path = str(path)
        self._first: tuple[int, int] | None = None

    def demand_same(self) -> None:
        """Refuse, by TemporarilyUnavailable, a path that leads nowhere or to another file than the one opened."""
        if self._first is not None and self._now() != self._first:
            raise TemporarilyUnavailable(REPLACED)

    def opened(self) -> None:
        """Remember the file that the path leads to, the first time."""
        if self._first is None:
            self._first = self._now()

    def _now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116  (asked before every question: a path's own costs as much again)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def create_file(path: Path) -> None:
    """Make an empty file that only its owner reads, where there is none; SQLite's other files get the same mode."""
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as problem:
        raise TemporarilyUnavailable("The database's file cannot be made; nothing was done.") from problem


def existing(url: str) -> str:
    """Give a SQLite URL that opens its file and never makes one: a mistyped path is not an empty database."""
    file = file_of(url)
    if file is None:
        return url
    opened = make_url(url).set(database=f"file:{quote(str(file))}")
    return opened.update_query_dict({"mode": "rw", "uri": "true"}).render_as_string(hide_password=False)


def _plain(word: str) -> str:
    for written, meant in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        word = word.replace(written, meant)
    return word

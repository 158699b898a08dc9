"""SQLite's file lies on a disk of this machine, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from billing.refusals import TemporarilyUnavailable
from models import files
from models.files import InMemory, NetworkFileSystem, create_file, demand_local, existing, file_of, kind_at
from models.migrations import demand_current, schema_version
from models.migrations.migration import migrate
from models.session import Database
from tests.databases import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = r"""
sysfs /sys sysfs rw,nosuid 0 0
/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
files:/export /srv/shared nfs4 rw,vers=4.2 0 0
/dev/vdb1 /srv/shared/scratch xfs rw 0 0
//nas/a\040b /srv/with\040space cifs rw 0 0
host:/x /mnt/x fuse.sshfs rw 0 0
none /srv/covered ext4 rw 0 0
nas:/covered /srv/covered nfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/var/lib/plangate.db", "ext4"),
        ("/run/plangate.db", "tmpfs"),
        ("/runner/plangate.db", "ext4"),
        ("/srv/shared", "nfs4"),
        ("/srv/shared/a/b.db", "nfs4"),
        ("/srv/shared/scratch/b.db", "xfs"),
        ("/srv/with space/c.db", "cifs"),
        ("/mnt/x/c.db", "fuse.sshfs"),
        ("/srv/covered/c.db", "nfs"),
    ],
)
def test_the_nearest_and_last_mount_holds_a_path(path: str, kind: str) -> None:
    assert kind_at(Path(path), TABLE) == kind


def test_where_nothing_is_mounted_nothing_is_known() -> None:
    assert kind_at(Path("/a"), "") is None


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Mount a kind of file system, as far as anybody can tell."""

    def mount(kind: str) -> Path:
        table = tmp_path / "mounts"
        table.write_text(f"/dev/vda1 / ext4 rw 0 0\nx {str(tmp_path).replace(' ', chr(92) + '040')} {kind} rw 0 0\n")
        monkeypatch.setattr(files, "MOUNTS", table)
        return tmp_path / "plangate.db"

    return mount


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "ceph", "lustre", "fuse.sshfs", "fuse.glusterfs"])
def test_a_network_file_system_is_refused_by_name(kind: str, mounted: Callable[[str], Path]) -> None:
    file = mounted(kind)

    with pytest.raises(NetworkFileSystem) as refused:
        demand_local(file)

    assert (refused.value.path, refused.value.kind) == (file, kind)
    assert str(refused.value) == (
        f"{file} is on a network file system ({kind}), where SQLite can lose what was written: "
        "put the file on a local disk, or use PostgreSQL."
    )


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuse.fuse-overlayfs", "9p"])
def test_a_disk_of_this_machine_is_not(kind: str, mounted: Callable[[str], Path]) -> None:
    demand_local(mounted(kind))


async def test_a_database_on_a_network_file_system_is_neither_opened_nor_made(mounted: Callable[[str], Path]) -> None:
    file = mounted("nfs4")

    with pytest.raises(NetworkFileSystem):
        Database(sqlite(file))
    with pytest.raises(NetworkFileSystem):
        await migrate(sqlite(file))

    assert await schema_version(sqlite(file)) is None


def test_a_link_is_followed_to_where_the_file_is(
    mounted: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("elsewhere") / "link.db"
    link.symlink_to(mounted("nfs"))

    with pytest.raises(NetworkFileSystem):
        demand_local(link)


def test_a_machine_that_tells_nothing_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "MOUNTS", tmp_path / "nowhere")

    demand_local(tmp_path / "plangate.db")


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite+aiosqlite:////a/b.db", Path("/a/b.db")),
        ("sqlite+aiosqlite:///b.db", Path("b.db").absolute()),
        ("postgresql+asyncpg://u:p@host/b.db", None),
    ],
)
def test_a_url_names_a_file_or_none(url: str, file: Path | None) -> None:
    assert file_of(url) == file
    assert (existing(url) == url) == (file is None)


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///", "sqlite+aiosqlite:///:memory:"])
async def test_a_database_in_memory_is_refused_with_what_to_do_instead(url: str) -> None:
    """Its readers would see nothing of what its writer wrote."""
    for opened in (Database, file_of, existing):
        with pytest.raises(InMemory, match="in memory is another one for each connection: name a file, such as"):
            opened(url)
    for asked in (demand_current(url), schema_version(url), migrate(url)):
        with pytest.raises(InMemory):
            await asked


def test_making_a_file_a_second_time_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "plangate.db"
    create_file(file)
    file.write_text("kept")
    create_file(file)

    assert file.read_text() == "kept"
    with pytest.raises(TemporarilyUnavailable):
        create_file(tmp_path / "nowhere" / "plangate.db")

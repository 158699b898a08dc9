"""What a disk holds for certain, and what was only handed to it: the difference is what a power cut may take.

Content counts from the file's own sync, a name from its folder's. What waits may be kept in any order, by sectors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from pathlib import Path

SECTOR = 512
SHARED = "-shm"
"""SQLite's shared memory: nothing of it has to survive, so anything may be found there."""


class Loss(Enum):
    """What a power cut does to what waits."""

    EVERYTHING = "nothing that waits is kept"
    ANY_SECTORS = "any sectors of what waits are kept, in no order"
    TORN_END = "what waits is kept up to a point in the middle of a write"


@dataclass(frozen=True)
class Write:
    """Bytes for a place in a file."""

    offset: int
    content: bytes

    def onto(self, held: bytearray) -> None:
        """Write; a hole before it is zeros."""
        if len(held) < self.offset:
            held.extend(bytes(self.offset - len(held)))
        held[self.offset : self.offset + len(self.content)] = self.content

    def some(self, chance: random.Random) -> list[Write]:
        """Some of its sectors."""
        found: list[Write] = []
        at = self.offset
        while at < self.offset + len(self.content):
            end = min((at // SECTOR + 1) * SECTOR, self.offset + len(self.content))
            if chance.random() < 0.5:
                found.append(Write(at, self.content[at - self.offset : end - self.offset]))
            at = end
        return found

    def beginning(self, chance: random.Random) -> list[Write]:
        """What was written of it when the power went."""
        return [Write(self.offset, self.content[: chance.randrange(len(self.content) + 1)])]


@dataclass(frozen=True)
class Cut:
    """A new length for a file."""

    length: int

    def onto(self, held: bytearray) -> None:
        """Cut off or fill with zeros."""
        del held[self.length :]
        held.extend(bytes(self.length - len(held)))

    def some(self, chance: random.Random) -> list[Cut]:
        """It, or nothing."""
        return [self] if chance.random() < 0.5 else []

    beginning = some


@dataclass
class File:
    """A file: what is certain, what programs read, and what waits for a sync."""

    kept: bytearray
    seen: bytearray
    waiting: list[Write | Cut] = field(default_factory=list["Write | Cut"])

    def take(self, change: Write | Cut) -> None:
        """Be handed a change."""
        change.onto(self.seen)
        self.waiting.append(change)

    def synced(self) -> None:
        """Make certain what waits."""
        for each in self.waiting:
            each.onto(self.kept)
        self.waiting.clear()

    def after(self, loss: Loss, chance: random.Random) -> bytes:
        """What is found after a power cut."""
        found = bytearray(self.kept)
        if loss is Loss.ANY_SECTORS:
            for each in self.waiting:
                for part in each.some(chance):
                    part.onto(found)
        elif loss is Loss.TORN_END and self.waiting:
            last = chance.randrange(len(self.waiting))
            for each in (*self.waiting[:last], *self.waiting[last].beginning(chance)):
                each.onto(found)
        return bytes(found)


@dataclass
class Disk:
    """One folder of a disk. `names` is what programs see, `kept` what is certain."""

    names: dict[str, File]
    kept: dict[str, File]
    waiting: list[tuple[str, File | None]] = field(default_factory=list["tuple[str, File | None]"])

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """Take a folder as it lies there for certain."""
        held = {each.name: _file(each.read_bytes()) for each in folder.iterdir()}
        return cls(held, dict(held))

    def write(self, name: str, offset: int, content: bytes) -> None:
        """Hand over bytes."""
        self.names[name].take(Write(offset, content))

    def cut(self, name: str, length: int) -> None:
        """Hand over a length."""
        self.names[name].take(Cut(length))

    def make(self, name: str) -> None:
        """Make an empty file where there is none."""
        if name not in self.names:
            made = self.names[name] = _file(b"")
            self.waiting.append((name, made))

    def remove(self, name: str) -> None:
        """Take a name away."""
        if self.names.pop(name, None) is not None:
            self.waiting.append((name, None))

    def sync(self, name: str) -> None:
        """Make a file's content certain."""
        self.names[name].synced()

    def sync_names(self) -> None:
        """Make the folder's names certain."""
        self._named(self.kept, len(self.waiting))
        self.waiting.clear()

    def drop(self, name: str) -> None:
        """Forget what a file's failed sync was to keep: it is read as if it were there, and never reaches the disk."""
        self.names[name].waiting.clear()

    def after(self, loss: Loss, chance: random.Random) -> dict[str, bytes]:
        """What is found after a power cut: names as far as certain or further, files by the loss."""
        names = dict(self.kept)
        self._named(names, 0 if loss is Loss.EVERYTHING else chance.randrange(len(self.waiting) + 1))
        found = {name: held.after(loss, chance) for name, held in names.items()}
        for name, content in found.items():
            if name.endswith(SHARED):
                found[name] = chance.choice((b"", bytes(len(content)), chance.randbytes(32_768), content))
        return found

    def _named(self, names: dict[str, File], count: int) -> None:
        for name, held in self.waiting[:count]:
            if held is None:
                names.pop(name, None)
            else:
                names[name] = held


def _file(content: bytes) -> File:
    return File(bytearray(content), bytearray(content))


def lay(folder: Path, found: dict[str, bytes]) -> None:
    """Put files into a folder in place of all that is there."""
    for each in folder.iterdir():
        each.unlink()
    for name, content in found.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)

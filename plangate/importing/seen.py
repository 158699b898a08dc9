"""What the lines of a file hold so far, kept in a temporary file: memory stays the same, however long the file is."""

from __future__ import annotations

import sqlite3


class SeenOnDisk:
    """Keys by kind in a private database that the machine forgets."""

    def __init__(self) -> None:
        """Open an empty one."""
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("CREATE TABLE seen (kind TEXT, key TEXT, told TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID")
        self._file.execute("BEGIN")

    def add(self, kind: str, key: str, told: str = "") -> bool:
        """Remember a key; False where it was there."""
        added = self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (kind, key, told))
        return added.rowcount == 1

    def find(self, kind: str, key: str) -> str | None:
        """Answer what was told of a key; None where it was not seen."""
        found = self._file.execute("SELECT told FROM seen WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if found is None else str(found[0])

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

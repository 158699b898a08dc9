"""Starts a program whose calls about files are asked about before they happen: `python cage.py SOCKET COMMAND …`.

Linux's seccomp user notification: no root, no compiler, whatever the program's libraries were linked with. The one who
watches gets the listener over the socket. Standard library only; `watch.py` is the other side.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys
from typing import Final, NamedTuple


class Calls(NamedTuple):
    """A machine's numbers of the calls that change what a disk holds, and of `seccomp` itself."""

    machine: int
    seccomp: int
    pwrite: int
    ftruncate: int
    fsync: int
    fdatasync: int
    openat: int
    open: int | None
    unlink: int | None
    unlinkat: int
    others: tuple[int, ...]
    """Calls of which a model would have to know more: writing from several buffers, reserving space."""


CALLS: Final = {
    "x86_64": Calls(0xC000003E, 317, 18, 77, 74, 75, 257, 2, 87, 263, (296, 328, 285)),
    "aarch64": Calls(0xC00000B7, 277, 68, 46, 82, 83, 56, None, None, 35, (70, 287, 47)),
}
ALLOW, ASK = 0x7FFF_0000, 0x7FC0_0000
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
NO_NEW_PRIVILEGES, SET_FILTER, NEW_LISTENER = 38, 1, 8


def calls() -> Calls:
    """This machine's numbers."""
    if platform.system() != "Linux" or platform.machine() not in CALLS:
        sys.exit("Simulated power loss needs Linux 5.5 or newer on x86_64 or aarch64.")
    return CALLS[platform.machine()]


def rules(of: Calls) -> bytes:
    """The filter: ask about these calls, about opening only where a file may be made."""
    creates = {of.openat: 2} | ({of.open: 1} if of.open is not None else {})
    asked = [of.pwrite, of.ftruncate, of.fsync, of.fdatasync, of.unlinkat, *of.others]
    asked += [of.unlink] if of.unlink is not None else []
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, of.machine), (RETURN, 0, 0, ALLOW), (LOAD, 0, 0, NUMBER)]
    for number in asked:
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ASK)]
    for number, flags in creates.items():
        lines += [(EQUAL, 0, 4, number), (LOAD, 0, 0, FIRST_ARGUMENT + 8 * flags), (ANY_BIT, 0, 1, os.O_CREAT)]
        lines += [(RETURN, 0, 0, ASK), (RETURN, 0, 0, ALLOW)]
    lines.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def shut(asked: bytes | None = None) -> int:
    """Put this process and all that it becomes under the filter, or under another one, and give the listener."""
    of = calls()
    kernel = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(written := asked or rules(of))
    program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(written) // 8, ctypes.addressof(code)))
    if kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener: int = kernel.syscall(of.seccomp, SET_FILTER, NEW_LISTENER, program)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def main() -> None:
    """Hand the listener over and become the program; without one, only try whether the cage closes here."""
    if len(sys.argv) == 1:
        shut()
        os._exit(0)
    given = socket.socket(fileno=int(sys.argv[1]))
    listener = shut()
    socket.send_fds(given, [b"listener"], [listener])
    os.close(listener)
    given.close()
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (it is what this program is for)


if __name__ == "__main__":
    main()

"""Runs a program whose every fsync takes longer: `python -m benchmarks.peers.slow_disk MILLISECONDS COMMAND …`.

Linux asks before each such call (seccomp's user notification, as in `tests/faults`): no root, no compiler.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from fcntl import ioctl
from typing import Any

from tests.faults import cage
from tests.faults.watch import ANSWERED, ASKED, GO_ON, RECEIVE, SEND


def flushes() -> bytes:
    """The filter: ask about what flushes, allow all else."""
    of = cage.calls()
    lines = [
        (cage.LOAD, 0, 0, cage.ARCHITECTURE),
        (cage.EQUAL, 1, 0, of.machine),
        (cage.RETURN, 0, 0, cage.ALLOW),
        (cage.LOAD, 0, 0, cage.NUMBER),
    ]
    for number in (of.fsync, of.fdatasync):
        lines += [(cage.EQUAL, 0, 1, number), (cage.RETURN, 0, 0, cage.ASK)]
    return b"".join(struct.pack("<HBBI", *line) for line in (*lines, (cage.RETURN, 0, 0, cage.ALLOW)))


def delay(listener: int, seconds: float) -> None:
    """Let each call go on after so long, until the program has ended."""
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    while True:
        ((_, state),) = waiting.poll()
        if not state & select.POLLIN:
            return
        asked = bytearray(ASKED.size)
        try:
            ioctl(listener, RECEIVE, asked)
        except OSError as problem:
            if problem.errno in (errno.ENOENT, errno.EINTR):
                continue
            raise
        time.sleep(seconds)
        number, *_ = ASKED.unpack(asked)
        with suppress(OSError):  # whoever asked has ended meanwhile
            ioctl(listener, SEND, ANSWERED.pack(number, 0, 0, GO_ON))


def main() -> None:
    """Start the program, and slow it down."""
    mine, its = socket.socketpair()
    program = os.fork()
    if not program:
        listener = cage.shut(flushes())
        socket.send_fds(its, [b"listener"], [listener])
        os.close(listener)
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (it is what this program is for)
    _, listeners, _, _ = socket.recv_fds(mine, 16, 1)

    def end(*_: Any) -> None:  # noqa: ANN401  (a signal and a frame)
        os.kill(program, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    delay(listeners[0], float(sys.argv[1]) / 1e3)
    os.waitpid(program, 0)


if __name__ == "__main__":
    main()

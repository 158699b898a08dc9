"""Watches what a caged program does to one folder, keeps account of it, and decides what becomes of each call."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from fcntl import ioctl
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from tests.faults import cage
from tests.faults.disk import SHARED, Cut, Disk, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RECEIVE, SEND = 0xC050_2100, 0xC018_2101
ASKED: Final = struct.Struct("<QIIiIQ6Q")
"""id, thread, flags, call, architecture, instruction, arguments."""
ANSWERED: Final = struct.Struct("<QqiI")
GO_ON = 1
PAGE = 4096
GONE = (errno.ENOENT, errno.EINPROGRESS)


class Kind(Enum):
    """What a call does."""

    WRITE = "write"
    CUT = "cut"
    SYNC = "sync"
    SYNC_NAMES = "sync names"
    MAKE = "make"
    REMOVE = "remove"


@dataclass(frozen=True)
class Call:
    """A call about the watched folder; `number` counts them, from 1."""

    number: int
    kind: Kind
    name: str
    thread: int
    offset: int = 0
    content: bytes = b""


class Verdict(Enum):
    """What becomes of a call."""

    DO = "it is done"
    POWER_CUT = "the program is killed before it is done"
    KILLED = "the process that asks is killed before it is done; the power stays"
    NO_SPACE = "it answers that the disk is full"
    BROKEN = "it answers that the disk is broken; what a sync was to keep is lost"


Judge: TypeAlias = "Callable[[Call], Verdict]"


class Watch(Thread):
    """A caged program and the account of its folder; ends when the program does."""

    def __init__(self, folder: Path, judge: Judge, *, accounting: bool = True) -> None:
        """Watch a folder; `judge` is asked about each call. Where others write there too, no account is kept."""
        super().__init__(daemon=True)
        self.folder = folder.resolve()
        self.disk = Disk.of(self.folder)
        self.judge = judge
        self.accounting = accounting
        self.calls = 0
        self.cut = False
        self.last: dict[int, Call] = {}
        self.failed: BaseException | None = None
        self._calls = cage.calls()
        self._listener = -1
        self._process: subprocess.Popen[bytes] | None = None

    def open(
        self, command: Sequence[str], env: Mapping[str, str], log: int, cwd: Path, *, stdin: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in the cage and watch it."""
        mine, its = socket.socketpair()
        with mine, its:
            caged = (sys.executable, cage.__file__, str(its.fileno()), *command)
            kept = [its.fileno()]
            started = subprocess.Popen(caged, env=env, stdin=stdin, stdout=log, stderr=log, cwd=cwd, pass_fds=kept)
            its.close()
            _, listeners, _, _ = socket.recv_fds(mine, 16, 1)
        if not listeners:
            started.wait()
            raise OSError("The cage did not close: does this kernel have seccomp's user notification (5.5 or newer)?")
        self._process, self._listener = started, listeners[0]
        self.start()
        return started

    def run(self) -> None:
        """Answer every call until the program has ended."""
        try:
            self._answer_all()
        except BaseException as problem:  # noqa: BLE001  (it is told to who waits for the program)
            self.failed = problem
            self._kill()
        finally:
            os.close(self._listener)

    def ended(self) -> None:
        """Wait for the end, and raise what went wrong here."""
        self.join(20)
        assert not self.is_alive(), "the watch goes on though the program has ended"
        if self.failed is not None:
            raise self.failed

    def demand_true(self) -> None:
        """Check the account against the folder, but for the last call of each thread: it may not have been done."""
        for name, held in self.disk.names.items():
            if name.endswith(SHARED):
                continue
            lying, told = bytearray((self.folder / name).read_bytes()), bytearray(held.seen)
            for call in self.last.values():
                if call.name == name and call.kind in {Kind.WRITE, Kind.CUT}:
                    unknown = (
                        Cut(call.offset) if call.kind is Kind.CUT else Write(call.offset, bytes(len(call.content)))
                    )
                    unknown.onto(lying)
                    unknown.onto(told)
            assert lying == told, f"{name} is not what was accounted for"

    def _answer_all(self) -> None:
        waiting = select.poll()
        waiting.register(self._listener, select.POLLIN)
        while True:
            ((_, state),) = waiting.poll()
            if not state & select.POLLIN:
                return
            asked = bytearray(ASKED.size)
            try:
                ioctl(self._listener, RECEIVE, asked)
            except OSError as problem:
                if problem.errno in (*GONE, errno.EINTR):
                    continue
                raise
            number, error = self._decide(asked)
            if self.cut:
                self._kill()
            with suppress(ProcessLookupError, FileNotFoundError):  # killed meanwhile
                ioctl(self._listener, SEND, ANSWERED.pack(number, 0, -error, 0 if error else GO_ON))

    def _decide(self, asked: bytearray) -> tuple[int, int]:
        number, thread, _, call, _, _, *arguments = ASKED.unpack(asked)
        told = self._told(thread, call, arguments)
        if told is None or self.cut:
            return number, errno.EIO if self.cut else 0
        self.calls += 1
        verdict = self.judge(told)
        if verdict is Verdict.POWER_CUT:
            self.cut = True
            return number, errno.EIO
        if verdict is Verdict.KILLED:
            os.kill(_process_of(thread), signal.SIGKILL)
            return number, errno.EIO
        if verdict is Verdict.DO and self.accounting:
            self._account(told)
            self.last[thread] = told
        if verdict is Verdict.DO:
            return number, 0
        if verdict is Verdict.BROKEN and told.kind is Kind.SYNC:
            self.disk.drop(told.name)
        return number, errno.ENOSPC if verdict is Verdict.NO_SPACE else errno.EIO

    def _told(self, thread: int, call: int, arguments: list[int]) -> Call | None:
        of, number = self._calls, self.calls + 1
        if call in {of.openat, of.open}:
            return self._named(Kind.MAKE, thread, arguments[1 if call == of.openat else 0])
        if call in {of.unlink, of.unlinkat}:
            return self._named(Kind.REMOVE, thread, arguments[1 if call == of.unlinkat else 0])
        path = Path(_link(f"/proc/{thread}/fd/{arguments[0]}"))
        if path == self.folder:
            return Call(number, Kind.SYNC_NAMES, "", thread)
        return self._about(path.name, thread, call, arguments) if path.parent == self.folder else None

    def _about(self, name: str, thread: int, call: int, arguments: list[int]) -> Call:
        of, number = self._calls, self.calls + 1
        if call == of.pwrite:
            content = _read(thread, arguments[1], arguments[2])
            return Call(number, Kind.WRITE, name, thread, arguments[3], content)
        if call == of.ftruncate:
            return Call(number, Kind.CUT, name, thread, arguments[1])
        assert call in {of.fsync, of.fdatasync}, f"call {call} about {name}: the account does not know it"
        return Call(number, Kind.SYNC, name, thread)

    def _named(self, kind: Kind, thread: int, address: int) -> Call | None:
        path = Path(_text(thread, address))
        whole = path if path.is_absolute() else Path(_link(f"/proc/{thread}/cwd")) / path
        return Call(self.calls + 1, kind, whole.name, thread) if whole.parent.resolve() == self.folder else None

    def _account(self, call: Call) -> None:
        disk = self.disk
        if call.kind is Kind.WRITE:
            disk.write(call.name, call.offset, call.content)
        elif call.kind is Kind.CUT:
            disk.cut(call.name, call.offset)
        elif call.kind is Kind.SYNC:
            disk.sync(call.name)
        elif call.kind is Kind.SYNC_NAMES:
            disk.sync_names()
        elif call.kind is Kind.MAKE:
            disk.make(call.name)
        else:
            disk.remove(call.name)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)


def _process_of(thread: int) -> int:
    """The process of a thread."""
    (line,) = [each for each in Path(f"/proc/{thread}/status").read_text().splitlines() if each.startswith("Tgid:")]
    return int(line.split()[1])


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115  (the kernel's own text, which need not be a path)
    except OSError:
        return ""


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_void_p), ("length", ctypes.c_size_t))


_MEMORY = ctypes.CDLL(None, use_errno=True).process_vm_readv


def _text(thread: int, address: int) -> str:
    """Read a text of a program's up to its end, page by page."""
    read = b""
    while b"\0" not in read:
        read += _read(thread, address + len(read), PAGE - (address + len(read)) % PAGE)
    return os.fsdecode(read.partition(b"\0")[0])


def _read(thread: int, address: int, length: int) -> bytes:
    """Read a program's memory."""
    held = ctypes.create_string_buffer(length)
    here, there = _Span(ctypes.addressof(held), length), _Span(address, length)
    read: int = _MEMORY(thread, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    if read != length:
        raise OSError(ctypes.get_errno(), f"{read} of {length} bytes of a program's memory were read")
    return held.raw

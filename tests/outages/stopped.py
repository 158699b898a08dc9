"""The same for a PostgreSQL server that is stopped, killed and started again; `make outages` runs it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess

import pytest

from tests.faults.cluster import Cluster
from tests.outages.site import begun, site, tell


def started(cluster: Cluster) -> None:
    """Start it again; on a busy machine it may be at its recovery for longer than one try waits."""
    for _ in range(3):
        with contextlib.suppress(subprocess.TimeoutExpired):
            cluster.start()
            return
    cluster.start()


@pytest.mark.postgres
async def test_a_server_that_is_stopped_or_killed_and_started_again() -> None:
    with Cluster() as cluster:
        url = cluster.server.fresh()
        key = await begun(url)
        async with site(url, key) as there:
            await there.recovered("before")
            parts = cluster.parts()
            for each in parts:
                os.kill(each, signal.SIGSTOP)
            try:
                await there.refused("stopped")
                assert await there.ready() == 503
            finally:
                for each in parts:
                    os.kill(each, signal.SIGCONT)
            resumed = await there.recovered("resumed")
            cluster.kill()
            await there.refused("killed")
            await asyncio.to_thread(started, cluster)
            restarted = await there.recovered("restarted")
            tell(f"stopped: {there.slowest:.2f} s; recovered in {resumed:.2f} s and {restarted:.2f} s")

"""The same for a PostgreSQL server that is stopped, killed and started again; `make outages` runs it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.faults.cluster import Cluster
from tests.outages.site import begun, site, tell


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
            await asyncio.to_thread(cluster.start)
            restarted = await there.recovered("restarted")
            tell(f"stopped: {there.slowest:.2f} s; recovered in {resumed:.2f} s and {restarted:.2f} s")

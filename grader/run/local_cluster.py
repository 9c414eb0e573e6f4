"""How do Dask's processes on this machine listen to nobody else? Through TLS with keys made for this run.

Other users of the machine reach its loopback, too. Dask's pages for browsers, which tell which submissions
are graded, answer anybody: they have no routes here, and what listens for them is stopped.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
from contextlib import ExitStack

import dask
from distributed import LocalCluster, Worker, WorkerPlugin
from distributed.node import ServerNode
from distributed.security import Security

from grader.leftovers import new_place, remove_leftovers
from grader.run.own_memory import limit_own_memory
from grader.run.prefork import start_method

# Deaths of workers after which a task is not tried again.
ALLOWED_FAILURES = 2
_NO_ROUTES: dict[str, object] = {
    f"distributed.{node}.http.routes": [] for node in ("scheduler", "worker", "nanny")
}


def local_cluster(workers: int, stack: ExitStack) -> LocalCluster:
    """Processes of this machine that do one task at a time.

    Parameters
    ----------
    workers : int
        How many.
    stack : ExitStack
        Ends them when it is closed.
    """
    remove_leftovers("dask")
    # A folder of a name that everybody knows may have been made by somebody else.
    folder = new_place("dask")
    folder.mkdir(mode=0o700)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    options = _NO_ROUTES | {
        "temporary-directory": str(folder),
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        "distributed.worker.multiprocessing-method": start_method(),
        # It would look at what the worker does a hundred times a second.
        "distributed.worker.profile.enabled": False,
    }
    stack.enter_context(dask.config.set(options))
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        # Whoever reaches a scheduler's port can run code as its user.
        security=Security.temporary(),
        # The sandbox watches the memory of what students wrote; a worker itself needs little.
        memory_limit=0,
        dashboard_address=None,
        # Without a dashboard, too, Dask's scheduler listens for HTTP: not where another one may.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
        plugins=[Background()],
    )
    stack.enter_context(cluster)
    cluster.sync(_stop_http, cluster.scheduler)
    return cluster


async def _stop_http(node: ServerNode) -> None:
    node.http_server.stop()


class Background(WorkerPlugin):
    """Keeps a worker out of the terminal and off the network but for TLS, and bounds its memory."""

    async def setup(self, worker: Worker) -> None:
        """Called in the worker's main thread."""
        # Ctrl-C reaches all processes of a terminal. A function, as processes that a worker starts would
        # inherit that the signal is ignored.
        signal.signal(signal.SIGINT, lambda *_: None)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        await _stop_http(worker)
        limit_own_memory()

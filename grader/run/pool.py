"""Who does the grading: processes of this machine, or workers of a Dask cluster?

A worker gets a task and returns an outcome, both plain data. If a worker dies, its task goes to another one;
after several deaths the task is given up.
"""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path

from distributed import Client, Future, KilledWorker, wait

from grader.course_folder import CourseError
from grader.load import processors
from grader.run import official
from grader.run.local_cluster import local_cluster
from grader.run.official import PROJECT, versions
from grader.run.prefork import share_server, start_warming
from grader.sandbox import SharedServer
from grader.task import Official, Outcome, Task

SECONDS_TO_CONNECT = 30
SECONDS_BETWEEN_LOOKS = 5.0
# A worker that died is replaced in a few seconds.
SECONDS_WITHOUT_WORKERS = 60.0
DIED = (
    "The worker died each time that this was graded: the code may end processes, or use up the memory or the "
    "time. Look at it, then grade it again by itself (--student)."
)


class Pool:
    """Workers, which start when the first task comes.

    Parameters
    ----------
    workers : int, optional
        Number of processes on this machine; as many as it has processors by default.
    scheduler : str, optional
        Address of a Dask scheduler (``tcp://…``, ``tls://…``) whose workers are used instead.
    isolated : bool
        Whether students' code runs in a sandbox; without one it can do all that the worker can.
    shared : SharedServer, optional
        For the sandboxes of this machine's workers, if it is running already; the pool ends it.
    """

    def __init__(
        self,
        workers: int | None = None,
        scheduler: str | None = None,
        *,
        isolated: bool = True,
        shared: SharedServer | None = None,
    ) -> None:
        self._isolated = isolated
        self._workers = workers or processors()
        self._scheduler = scheduler
        self._client: Client | None = None
        self._pending: dict[Future, Task] = {}
        self._stack, self._cluster = ExitStack(), ExitStack()
        self._shared: SharedServer | None = None
        self._share(shared)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_) -> None:
        self.cancel()
        self._cluster.close()
        self._stack.close()

    @property
    def is_full(self) -> bool:
        """Whether every worker has something to do."""
        return self._client is not None and len(self._pending) >= max(
            sum(self._client.nthreads().values()), 1
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to wait for."""
        return not self._pending

    def start(self, task: Task) -> None:
        """Give a task to a worker.

        Raises
        ------
        CourseError
            If there are no workers, or they cannot grade.
        """
        self._pending[self._submit(task)] = task

    def run(self, task: Task) -> Outcome:
        """Have a worker do a task now, and wait for it.

        Raises
        ------
        CourseError
            As `start` and `next_done` do.
        """
        self.start(task)
        return self._first_done(task)[1]

    def next_done(self) -> tuple[Task, Outcome]:
        """Wait for any task; one that could not be done has a problem.

        Raises
        ------
        CourseError
            If the scheduler is gone, or its workers are.
        """
        return self._first_done()

    def _submit(self, task: Task) -> Future:
        if self._client is None:
            if self._scheduler is None and self._isolated and self._shared is None:
                self._share(share_server(Path(task.official.course), task.official.visible))
            self._client = self._connect()
            self._warm_up(self._client, task.official)
        return self._client.submit(_grade, task, self._isolated, self._server_address, pure=False)

    def _first_done(self, wanted: Task | None = None) -> tuple[Task, Outcome]:
        """Wait for this task, or for whichever is done first."""
        alone = 0.0
        while True:
            futures = [each for each, task in self._pending.items() if wanted is None or task is wanted]
            try:
                done = wait(futures, timeout=SECONDS_BETWEEN_LOOKS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                alone = 0.0 if self._client and self._client.nthreads() else alone + SECONDS_BETWEEN_LOOKS
                if alone > SECONDS_WITHOUT_WORKERS:
                    self._begin_again()
                    alone = 0.0
                continue
            except CancelledError:
                raise CourseError(
                    f"The scheduler {self._scheduler or 'of the workers'} is gone. Finished submissions are "
                    "kept; run the same command again for the rest."
                ) from None
            future = next(iter(done))
            return self._pending.pop(future), self._outcome(future)

    def _begin_again(self) -> None:
        """Start new workers, which get all that is under way: Dask gave up to replace those that died.

        Raises
        ------
        CourseError
            If they are not ours to start.
        """
        if self._scheduler is not None:
            raise CourseError(
                f"The scheduler {self._scheduler} has no workers left: start some with `dask worker`. "
                "Finished submissions are kept; run the same command again for the rest."
            )
        tasks = list(self._pending.values())
        self.cancel()
        self._cluster.close()
        self._client = None
        for task in tasks:
            self.start(task)

    @staticmethod
    def _outcome(future: Future) -> Outcome:
        if future.status == "finished":
            return future.result()
        error = future.exception()
        died = isinstance(error, KilledWorker)
        return Outcome(problem=DIED if died else f"A worker failed ({type(error).__name__}: {error}).")

    def cancel(self) -> None:
        """Forget what is not done yet."""
        for future in self._pending:
            future.cancel()
        self._pending.clear()

    def _share(self, server: SharedServer | None) -> None:
        if server is not None:
            self._shared = server
            self._stack.callback(server.close)

    @property
    def _server_address(self) -> str | None:
        return self._shared.address if self._shared else None

    def _connect(self) -> Client:
        if self._scheduler is None:
            start_warming()
            return self._cluster.enter_context(Client(local_cluster(self._workers, self._cluster)))
        try:
            client = self._cluster.enter_context(Client(self._scheduler, timeout=SECONDS_TO_CONNECT))
        except (OSError, ValueError) as error:
            raise CourseError(
                f"There is no Dask scheduler at {self._scheduler} ({error}): start one with `dask scheduler`."
            ) from None
        check_workers(client, self._scheduler)
        return client

    def _warm_up(self, client: Client, official: Official) -> None:
        where = official.course, official.visible
        problems = client.run(_warm_up, *where, self._isolated, self._server_address)
        for address, problem in problems.items():
            if problem:
                which = f"The worker {address} cannot grade. " if self._scheduler else ""
                raise CourseError(f"{which}{problem}")


# What a worker needs takes a while to import, and this process needs none of it.


def _grade(task: Task, isolated: bool, shared: str | None) -> Outcome:
    from grader.run import worker

    return worker.run(task, isolated, shared)


def _warm_up(course: str, visible: tuple[str, ...], isolated: bool, shared: str | None) -> str:
    from grader.run import worker

    return worker.warm_up(course, visible, isolated, shared)


def check_workers(client: Client, scheduler: str) -> None:
    """Refuse workers of a cluster that cannot grade as this machine does.

    Raises
    ------
    CourseError
        If there is none, or one lacks this project, has other versions, or runs several tasks at a time.
    """
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError:
        raise CourseError(
            f"The scheduler {scheduler} has no workers: start some with `dask worker`."
        ) from None
    for address, threads in client.nthreads().items():
        if threads != 1:
            raise CourseError(
                f"The worker {address} runs {threads} tasks at a time: start it with --nthreads 1 (and with "
                "as many --nworkers as it has processors)."
            )
    # A function of the standard library: workers without this project can run it, too.
    for address, version in client.run(metadata.version, PROJECT, on_error="return").items():
        if isinstance(version, Exception):
            raise CourseError(
                f"The worker {address} lacks this project: install it there, "
                f"`pip install -c constraints.txt {PROJECT}[instructor]`."
            )
    here = versions()
    for address, there in client.run(official.versions, on_error="return").items():
        if there != here:
            raise CourseError(
                f"The worker {address} would grade with other versions: {_difference(there, here)}. "
                "Install the same there, from constraints.txt."
            )


def _difference(there: list[str] | Exception, here: list[str]) -> str:
    if isinstance(there, Exception):
        return str(there)
    return ", ".join(f"{a} in place of {b}" for a, b in zip(there, here, strict=True) if a != b)

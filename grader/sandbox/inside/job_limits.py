"""How much of the machine may one job use?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True)
class JobLimits:
    """What one submission may use. The examiner limits the time of single calls and cells.

    Attributes
    ----------
    memory_bytes : int
        Address space of each process. PyTorch and Numba alone take 1.5 GiB of it.
    job_memory_bytes : int
        Memory of all processes and of the scratch folder together; beyond it the job is killed.
    cpu_seconds : int
        Processor time of each process.
    processes : int
        Processes and threads at one time; a job that has as many processes is killed.
    open_files : int
        Open files of each process.
    file_bytes : int
        Size of each file.
    scratch_bytes : int
        Size of the scratch folder, with the files that the job is given.
    wall_seconds : float
        Time of the whole job; then it is killed.

    Raises
    ------
    ValueError
        If a limit is not a positive number.
    """

    memory_bytes: int = 4 * GIB
    job_memory_bytes: int = 4 * GIB
    cpu_seconds: int = 300
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB
    wall_seconds: float = 600.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise ValueError(f"JobLimits.{name} is {value}: a limit must be greater than 0.")

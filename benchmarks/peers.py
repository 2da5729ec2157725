"""One way to log per peer: start, log a row, finish. Metrics only, everything else switched off."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Peer:
    """How a peer is driven; `start` gives (log, finish).

    A peer that needs minutes for what the others do in a second is asked for fewer points.
    """

    name: str
    module: str
    start: Callable[[str], tuple[Callable[[dict[str, float], int], Any], Callable[[], Any]]]
    points_max: int | None = None

    def calls(self, keys: int, wanted: int) -> int:
        """How many calls of so many scalars it is asked for."""
        return wanted if self.points_max is None else max(10, min(wanted, self.points_max // keys))


def heartline(directory: str, mode: str = "offline") -> Any:
    import heartline

    run = heartline.init(
        project="bench", dir=directory, mode=mode,
        settings={"silent": True, "console": False, "system_metrics": False, "git": False,
                  "packages": False, "code": False},
    )  # fmt: skip
    return (lambda row, step: run.log(row, step=step)), run.finish


def heartline_online(directory: str) -> Any:
    """To a server beside it, which is named by HEARTLINE_BASE_URL."""
    return heartline(directory, "online")


def wandb(directory: str) -> Any:
    os.environ.update(WANDB_SILENT="true", WANDB_ERROR_REPORTING="false", WANDB_DIR=directory)
    import wandb

    run = wandb.init(
        project="bench", mode="offline",
        settings=wandb.Settings(x_disable_stats=True, console="off", save_code=False),
    )  # fmt: skip
    return (lambda row, step: run.log(row, step=step)), run.finish


def trackio(directory: str) -> Any:
    os.environ["TRACKIO_DIR"] = directory
    import trackio

    trackio.init(project="bench", embed=False)
    return (lambda row, step: trackio.log(row, step=step)), trackio.finish


def tensorboardx(directory: str) -> Any:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(directory)

    def log(row: dict[str, float], step: int) -> None:
        for key, value in row.items():
            writer.add_scalar(key, value, step)

    return log, writer.close


def mlflow(directory: str) -> Any:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{directory}/mlflow.db")
    mlflow.start_run()
    return (lambda row, step: mlflow.log_metrics(row, step=step, synchronous=False)), mlflow.end_run


def aim(directory: str) -> Any:
    import aim

    run = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)

    def log(row: dict[str, float], step: int) -> None:
        for key, value in row.items():
            run.track(value, name=key, step=step)

    return log, run.close


PEERS = [
    Peer("heartline", "heartline", heartline),
    Peer("heartline online", "heartline", heartline_online),
    Peer("wandb offline", "wandb", wandb),
    Peer("trackio", "trackio", trackio),
    Peer("tensorboardX", "tensorboardX", tensorboardx, points_max=200_000),
    Peer("aim", "aim", aim, points_max=20_000),
    Peer("mlflow async", "mlflow", mlflow, points_max=2_000),
]


def scratch() -> str:
    """A directory of its own per measurement."""
    return tempfile.mkdtemp(prefix="heartline-bench-")

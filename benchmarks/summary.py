"""The one table at the end: what was measured beside its target and beside the peers."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PEERS = ("wandb offline", "trackio", "tensorboardX", "aim", "mlflow async")
MODULES = {"wandb offline": "wandb", "mlflow async": "mlflow"}
OURS = "heartline"
APPS = {"aim": "aim", "trackio": "trackio", "mlflow async": "mlflow"}


@dataclass(frozen=True, slots=True)
class Line:
    """A measure of ours, its target, and the same of peers; less is better unless said."""

    what: str
    ours: float | None
    target: float | None = None
    more: bool = False
    peers: dict[str, float | None] | None = None

    def cells(self) -> list[str]:
        kept = "" if self.target is None or self.ours is None else self.verdict()
        target = "" if self.target is None else ("≥ " if self.more else "≤ ") + said(self.target)
        beside = [self.beside((self.peers or {}).get(name)) for name in PEERS]
        return [self.what, said(self.ours), target, kept, *beside]

    def verdict(self) -> str:
        assert self.ours is not None
        assert self.target is not None
        kept = self.ours >= self.target if self.more else self.ours <= self.target
        return "kept" if kept else "missed"

    def beside(self, theirs: float | None) -> str:
        if theirs is None or not self.ours:
            return ""
        ratio = theirs / self.ours
        return (
            f"{said(theirs)} ({ratio:,.0f}x)" if ratio >= 10 else f"{said(theirs)} ({ratio:.2g}x)"
        )


def said(value: float | None) -> str:
    """A number as short as it can be read."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rows_of(found: dict[str, Any]) -> list[list[str]]:
    """All lines of the parts that have a result."""
    rows = [["", OURS, "target", "", *PEERS]]
    for name, lines in LINES.items():
        if name in found:
            rows += [line.cells() for line in lines(found[name])]
    return rows


def client(found: dict[str, Any]) -> Iterator[Line]:
    imports = found["import_s"]
    theirs = {name: imports.get(MODULES.get(name, name)) for name in PEERS}
    yield Line("import, s (whole process)", imports.get(OURS), 0.06, peers=theirs)
    work = found["work"]
    for title, what, target in (
        ("1 scalars in a tight loop, 10,000 calls", "log_us_p50", 1),
        ("10 scalars in a tight loop, 10,000 calls", "log_us_p50", 2),
        ("100 scalars in a tight loop, 2,000 calls", "log_us_p50", 10),
        ("1 scalars in a tight loop, 10,000 calls", "log_us_p99", 10),
        ("10 scalars in a tight loop, 10,000 calls", "log_us_p99", 10),
        ("100 scalars in a tight loop, 2,000 calls", "log_us_p99", 30),
        ("10 scalars 100 a second, 300 calls", "log_us_p50", None),
        ("10 scalars beside a busy thread, 1,000 calls", "log_us_max", 5_000),
        ("10 scalars in a tight loop, 10,000 calls", "init_s", 0.05),
        ("10 scalars in a tight loop, 100,000 calls", "finish_s", 1),
        ("10 scalars in a tight loop, 10,000 calls", "own_cpu_us_per_point", None),
        ("10 scalars in a tight loop, 10,000 calls", "helper_cpu_us_per_point", 2),
    ):
        results = work.get(title, {})
        told = {name: each.get(what) for name, each in results.items()}
        yield Line(f"{what.replace('_us_', ' µs ')}, {title}", told.get(OURS), target, peers=told)
    online = work.get("10 scalars in a tight loop, 100,000 calls", {}).get("heartline online", {})
    yield Line("finish s online, 100,000 calls of 10", online.get("finish_s"), 1)
    yield Line("points/s online until they are kept", online.get("points_per_s"), more=True)


def deaths(found: dict[str, Any]) -> Iterator[Line]:
    took = sorted(
        max(0.0, each)
        for told in found["deaths"].values()
        for name, mode in told.items()
        if name != "container"  # where it is told before the end
        for each in mode["latencies_s"]
    )
    yield Line(f"death to state, s, p50 of {len(took)} deaths", statistics.median(took), 0.1)
    yield Line("death to state, s, p99", took[min(len(took) - 1, int(len(took) * 0.99))], 1)


TARGETS = {
    "start, s": 1.5,
    "memory at rest, MB": 120,
    "window of 1M points, ms": 20,
    "database growth, bytes/point": 6,
    "ingest, 10 points a batch, points/s": 100_000,
    "ingest, 1000 points a batch, points/s": 1_000_000,
    "32 runs at once, 10 points a batch, points/s": 100_000,
    "32 runs at once, 1000 points a batch, points/s": 1_000_000,
    "server CPU at 2,000 heartbeats/s, % of a core": 30,
}
TABLE_MS = 50


def server(found: dict[str, float]) -> Iterator[Line]:
    for name, value in found.items():
        target = TABLE_MS if " runs: " in name else TARGETS.get(name)
        yield Line(name, value, target, more=name.endswith("/s"))


def sweeps(found: dict[str, Any]) -> Iterator[Line]:
    for name, value in found["handing out"].items():
        yield Line(f"sweeps, {found['agents']} agents: {name}", value, more="second" in name)


def wandb(found: dict[str, Any]) -> Iterator[Line]:
    for name, value in found["Heartline"].items():
        if name.endswith("points/s"):
            target = 200_000 if "1000 x 100" in name else None
            yield Line(f"wandb's door: {name}", value, target, more=True)


def app(found: dict[str, Any]) -> Iterator[Line]:
    for each in found["found"]:
        yield Line(f"{each['what']}, {each['unit']}", each["value"], each["budget"], each["more"])


def app_peers(found: dict[str, Any]) -> Iterator[Line]:
    for what in ("table", "chart"):
        told = {name: found["apps"].get(app, {}).get(what) for name, app in APPS.items()}
        ours = found["apps"].get(OURS, {}).get(what)
        yield Line(f"{found[what]} shown, s", ours, peers=told)


def soak(found: dict[str, Any]) -> Iterator[Line]:
    what = f"heap's growth in {found['hours']:.1f} hours of events, MB"
    yield Line(what, found["growth_mb"], found["growth_mb_max"])


LINES = {
    "client": client,
    "deaths": deaths,
    "server": server,
    "sweeps": sweeps,
    "wandb": wandb,
    "app": app,
    "app_peers": app_peers,
    "soak": soak,
}

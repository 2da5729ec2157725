"""`heartline.init`: open a run in this process. Raises here and only here."""

import atexit
import contextlib
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from heartline.client import credentials
from heartline.client.transport import quoted
from heartline.sdk import birth as born
from heartline.sdk import clock, environment, exits, given, hooks, scheduler, trial, witness
from heartline.sdk.messages import say
from heartline.sdk.recorder import Recorder
from heartline.sdk.run import Run
from heartline.sdk.settings import RESUMES, BadSetting, Settings, resolve, variable
from heartline.sdk.spool import private_directory
from heartline.sdk.values import spelled
from heartline.wire.ingest import HEARTBEAT_MS_MAX, OpenRequest
from heartline.wire.names import DEFAULT_PROJECT, ME, RUN_NAMES, misnamed, run_name
from heartline.wire.version import VERSION

HEARTBEAT_S_MIN = 0.2
RUN_ID_CHARS = 40
PLATFORM = "linux"
ELSEWHERE = (
    "runs are recorded on Linux only, whose kernel tells how a process ended (this is {platform}):"
    " train in a Linux container or machine, or with HEARTLINE_MODE=disabled, which records "
    "nothing; heartline.Api and the command line read results here as well"
)

Mode = Literal["online", "offline", "disabled"]
Resume = Literal["allow", "must", "never", "auto"] | bool
Reinit = Literal["finish_previous", "return_previous", "create_new"] | bool
REINITS = ("finish_previous", "return_previous", "create_new")


class InitError(RuntimeError):
    """The run could not be opened; the message is the reason, and what to do."""


active: list[Run] = []
_lock = threading.RLock()
_hooked = False


def init(
    project: str | None = None,
    entity: str | None = None,
    name: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's word
    config: Mapping[str, Any] | Any | None = None,
    tags: Sequence[str] | None = None,
    notes: str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: Mode | None = None,
    resume: Resume | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - the field's word
    settings: Settings | Mapping[str, Any] | None = None,
    reinit: Reinit | None = None,
) -> Run:
    """Start a run and return it.

    Does not wait for the server, except when `resume` needs its answer. Raises InitError or
    BadSetting when the arguments or the server's answer make the run impossible; from then on
    nothing of Heartline raises into training.
    """
    found = resolve(settings, mode)
    if found.mode != "disabled" and sys.platform != PLATFORM:
        raise InitError(ELSEWHERE.format(platform=sys.platform))
    with _lock:
        previous = _previous(reinit)
        if previous is not None:
            return previous
        active[:] = [run for run in active if not run.finished]
        run = _new(
            found, project=project, entity=entity, name=name, run_id=id, config=config, tags=tags,
            notes=notes, group=group, job_type=job_type, resume=_resume(resume), directory=dir,
        )  # fmt: skip
        active.append(run)
        _hook()
    return run


def _previous(reinit: Reinit | None) -> Run | None:
    """What happens to the run that is still active: finished by default."""
    if reinit is not None and not isinstance(reinit, bool) and reinit not in REINITS:
        raise BadSetting(f"reinit `{reinit}`: one of {', '.join(REINITS)}")
    live = [run for run in active if not run.finished]
    if not live or reinit == "create_new":
        return None
    if reinit in {"return_previous", False}:
        return live[-1]
    for run in live:
        say(f"finishing run {run.name}, because a new one is opened", silent=run.settings.silent)
        run.finish()
    return None


def _resume(given: Resume | None) -> str:
    word = given if given is not None else variable("RESUME")
    if word is True:
        return "auto"
    if not word:
        return ""
    if word not in RESUMES:
        raise BadSetting(f"resume `{word}`: one of {', '.join(RESUMES)}")
    return str(word)


def _new(settings: Settings, *, directory: Any, resume: str, **said: Any) -> Run:
    said = given.checked(trial.placed(said, silent=settings.silent))
    project = said["project"] or DEFAULT_PROJECT
    known, base_url = _credentials(settings)
    entity = said["entity"] or (known.entity if known else "")
    where = environment.place(os.environ)
    root = Path(directory or variable("DIR") or ".").absolute() / "heartline"
    run_id, name, chosen = _identity(said, where, project, resume, root)
    for word, what in ((project, "project"), (run_id, "run id")):
        if wrong := misnamed(word, what):
            raise BadSetting(wrong)
    path = (entity, project, run_id)
    url = f"{base_url}/{quoted(entity or ME, project, 'runs', run_id)}"
    if settings.mode == "disabled":
        return _disabled(path, name, url, settings, said)
    if settings.mode == "online" and known is None:
        say(
            f"no API key for {base_url}: run `heartline login`, or start a server here with "
            "`heartline server`. Training goes on offline",
            silent=settings.silent,
        )
        settings = resolve(settings, "offline")
    request = _request(settings, where, path, name, resume, said)
    recorder = _recorder(root, settings, base_url, request)
    if recorder is None:
        return _disabled(path, name, url, settings, said)
    run = Run(recorder=recorder, path=path, name=name or run_id, url=url, settings=settings)
    run.placed(request)
    run.config.seed(_settled(said))
    for told in given.config_as_text(said["config"]):
        run.warn(told, told)
    run.news.resumes = run.news.awaited = settings.mode == "online" and bool(resume and chosen)
    run.start(known.api_key if known else "")
    _remember(root, project, run_id)
    if run.news.awaited:
        _await(run, settings)
    if not where.rank:
        told = run.url if settings.mode == "online" else f"{run.directory} (offline)"
        say(f"run {run.name} -> {told}", silent=settings.silent)
    return run


def _credentials(settings: Settings) -> tuple[credentials.Credentials | None, str]:
    """The key, if one is known, and the server's address. BadSetting if they cannot be used."""
    base_url = credentials.base_url(settings.base_url or None)
    if not base_url.startswith(("http://", "https://")):
        raise BadSetting(f"base_url `{base_url}`: write http://host:port or https://host")
    try:
        return credentials.load(settings.base_url or None, settings.api_key or None), base_url
    except credentials.UnsafeCredentials as error:
        raise InitError(str(error)) from None


def _identity(
    said: dict[str, Any], where: environment.Place, project: str, resume: str, root: Path
) -> tuple[str, str, bool]:
    """Run id, name, and whether the id means a run that may exist already."""
    name = said["name"] or ""
    run_id = said["run_id"] or variable("RUN_ID")
    if run_id is None and where.distributed:
        return environment.shared_id(where, project), name, False
    if run_id is None and resume == "auto":
        run_id = _unfinished(root, project)
    if run_id is not None:
        return run_id, name, True
    if resume == "must":
        raise BadSetting("resume='must' needs the id of the run to go on with: give id=")
    return environment.random_id(), name or run_name(secrets.randbelow(RUN_NAMES)), False


def _recorder(
    root: Path, settings: Settings, base_url: str, request: OpenRequest
) -> Recorder | None:
    """The spool with its certificate; None where nothing can be written, which is said loudly."""
    try:
        place = _directory(root, request.id, request.launch, request.rank)
        recorder = Recorder(place, silent=settings.silent)
        try:
            born.store(place, born.FILE, _birth(settings, base_url, request))
        except OSError:
            recorder.close()
            raise
    except OSError as error:
        say(
            f"warning: cannot write below {root} ({error.strerror}): NOTHING of this run is "
            "recorded; set dir= or HEARTLINE_DIR to a place with room"
        )
        return None
    if wrong := clock.wrong():
        recorder.warn("clock", wrong)
    return recorder


def _request(
    settings: Settings, where: environment.Place, path: tuple[str, str, str], name: str,
    resume: str, said: dict[str, Any],
) -> OpenRequest:  # fmt: skip
    writer = f"r{where.rank}-{environment.random_id()}" if where.rank is not None else ""
    return OpenRequest(
        project=path[1],
        entity=path[0],
        id=path[2],
        launch=where.launch,
        writer=writer or f"w-{environment.random_id()}",
        seq=0,
        heartbeat_ms=min(int(max(settings.heartbeat, HEARTBEAT_S_MIN) * 1000), HEARTBEAT_MS_MAX),
        resume="allow" if resume == "auto" else resume,
        name=name or None,
        notes=said["notes"],
        tags=said["tags"],
        group=said["group"],
        job_type=said["job_type"],
        sweep=variable(trial.SWEEP) if trial.is_trial(said["run_id"]) else None,
        config=spelled(_settled(said)),
        rank=where.rank,
        world_size=where.world_size,
        host=os.uname().nodename if settings.environment else "",
        environment=_surroundings(settings),
        client=f"heartline {VERSION}",
        started_at=clock.wall_ms(),
        offline=settings.mode == "offline",
    )


def _surroundings(settings: Settings) -> dict[str, Any]:
    """Where it runs; an offline run's times are its own, as the server hears of it only later."""
    found = environment.describe(os.environ) if settings.environment else {}
    return {**found, "offline": True} if settings.mode == "offline" else found


def _settled(said: dict[str, Any]) -> dict[str, Any]:
    """The config at the start: what the program gives, then what its sweep has chosen."""
    return {**given.config(said["config"]), **trial.parameters(said["run_id"])}


def _birth(settings: Settings, base_url: str, request: OpenRequest) -> born.Birth:
    cgroup = witness.cgroup_of(os.getpid())
    return born.Birth(
        request=request,
        base_url=base_url,
        mode=settings.mode,
        pid=os.getpid(),
        directory=environment.directory(),
        program=environment.program(),
        search_path=[path for path in sys.path if path],
        ticks=witness.started(os.getpid()),
        boot_ms=clock.boot_ms(),
        boot=witness.boot_id(),
        cgroup=str(cgroup or ""),
        oom_kills=witness.oom_kills(cgroup),
        clock_us=time.monotonic_ns() // 1_000,
        session=os.getsid(0),
        launcher=exits.launcher(os.environ) is not None,
        heartbeat_s=max(settings.heartbeat, HEARTBEAT_S_MIN),
        system_s=settings.system_interval if settings.system_metrics else 0.0,
        capture_git=settings.git,
        capture_packages=settings.packages,
        capture_code=settings.code,
        scheduler=scheduler.known(
            os.environ, os.uname().nodename, offline=settings.mode == "offline"
        ),
    )


def _directory(root: Path, run_id: str, launch: str, rank: int | None) -> Path:
    """A private directory of this process start."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(clock.wall_s()))
    tail = f"{launch[:6]}" + (f"-r{rank}" if rank is not None else f"-{os.getpid()}")
    name = f"{run_id[:RUN_ID_CHARS]}-{stamp}-{tail}-{environment.random_id(4)}"
    place = private_directory(root / name)
    launcher = exits.launcher(os.environ)
    if launcher is not None:
        told = {"spool": str(place), "pid": os.getpid()}
        with contextlib.suppress(OSError):
            born.store(launcher, f"{os.getpid()}-{place.name}.json", told)
    return place


def _disabled(
    path: tuple[str, str, str], name: str, url: str, settings: Settings, said: dict[str, Any]
) -> Run:
    run = Run(recorder=None, path=path, name=name or path[2], url=url, settings=settings)
    run.config.seed(_settled(said))
    return run


def _remember(root: Path, project: str, run_id: str) -> None:
    """For resume='auto': which run of this project was started last from here."""
    try:
        born.store(root, born.LATEST, {"project": project, "id": run_id})
    except OSError:
        return


def _unfinished(root: Path, project: str) -> str | None:
    """The last run of this project from this directory, unless it has ended well."""
    try:
        latest = json.loads((root / born.LATEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = latest.get("id") if latest.get("project") == project else None
    return str(found) if found else None


def _await(run: Run, settings: Settings) -> None:
    """A resume must know where the run stands before the first row is logged."""
    answered = run.news.opened.wait(settings.init_timeout)
    if answered and not run.news.refusal:
        run.news.awaited = False
        return
    run.abandon()
    raise InitError(
        run.news.refusal
        or f"the server did not answer within {settings.init_timeout:.0f} s, and resume needs "
        "its answer: check `heartline doctor`, or leave resume out"
    )


def _hook() -> None:
    """Once per process: at exit and after a fork."""
    global _hooked  # noqa: PLW0603
    if not _hooked:
        _hooked = True
        atexit.register(_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=hooks.HOOKS.forking,
                after_in_parent=hooks.HOOKS.fork_over,
                after_in_child=_after_fork,
            )


def _at_exit() -> None:
    for run in active:
        run.flush()


def _after_fork() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.RLock()
    hooks.HOOKS.forked()
    hooks.HOOKS.fork_over()
    for run in active:
        run.forked()


def current() -> Run | None:
    """The newest active run of this process."""
    return next((run for run in reversed(active) if not run.finished), None)

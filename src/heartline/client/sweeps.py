"""Sweeps as read from the server, and what people do to them. Never makes or judges a run."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Self

from heartline.client import errors
from heartline.client.calls import Calls
from heartline.client.run import Run
from heartline.client.runs import PER_PAGE, Runs
from heartline.client.seconds import deadline
from heartline.client.shown import Shown
from heartline.client.transport import quoted
from heartline.wire import api
from heartline.wire import sweeps as wire

SWEEPS = "/api/v1/sweeps"
OVER = frozenset({"stopped", "cancelled", "finished", "failed"})
TRIALS_PAGE = 1_000
LOOK_S = 0.5
LOOK_S_MAX = 5.0


class Sweep(Shown[wire.SweepView, wire.SweepDetail]):
    """One sweep. What is shown of it is as of the last `refresh()`."""

    _kind = "sweeps"

    def __repr__(self) -> str:
        return f"<Sweep {self.path} {self.status}>"

    @property
    def status(self) -> str:
        """pending, running, paused, stopped, cancelled, finished, failed or crashed."""
        return self._view.status

    @property
    def over(self) -> bool:
        """Whether no run will be made any more, unless somebody resumes it."""
        return self.status in OVER

    @property
    def sentence(self) -> str:
        """Why it has its status."""
        return self._view.sentence

    @property
    def made(self) -> int:
        """How many trials there are so far."""
        return self._view.made

    @property
    def planned(self) -> int | None:
        """How many there will be; None if there is no end."""
        return self._view.planned

    @property
    def best(self) -> wire.Best | None:
        """The best finished trial: run, name, value and args."""
        return self._view.best

    @property
    def config(self) -> dict[str, Any]:
        """Its configuration as given."""
        return dict(self._whole().config)

    @property
    def agents(self) -> list[wire.SweepAgentView]:
        """Who has worked on it, and what each runs now."""
        return self._whole().agents

    @property
    def turns(self) -> list[wire.TurnView]:
        """How its status changed: when, to what, by whom, through which door, why; oldest first."""
        return self._whole().turns

    @property
    def runs(self) -> Runs:
        """The runs of its trials, oldest first."""
        query = api.RunQuery(
            entity=self.entity, project=self.project, filters={"sweep": self.id},
            order="created_at", limit=PER_PAGE,
        )  # fmt: skip
        return Runs(self._calls, query)

    def best_run(self) -> Run | None:
        """The run of the best finished trial, if one has finished with a value."""
        best = self.refresh().best
        if best is None:
            return None
        address = f"/api/v1/runs/{quoted(self.entity, self.project, best.run)}"
        return Run(self._calls, self._calls.get(address, api.RunDetail).run)

    def trials(self, first: int = 0) -> Iterator[wire.TrialView]:
        """Every trial from a number on: args, run, stage, state, cause, value, best so far."""
        while True:
            page = self._calls.get(
                f"{self._address}/trials", wire.TrialPage, first=first, limit=TRIALS_PAGE
            )
            yield from page.trials
            if len(page.trials) < TRIALS_PAGE:
                return
            first = page.trials[-1].number + 1

    def pause(self, reason: str = "") -> Self:
        """Make no new runs until it is resumed; running ones are left alone."""
        return self._controlled("pause", reason)

    def resume(self, reason: str = "") -> Self:
        """Make new runs again."""
        return self._controlled("resume", reason)

    def stop(self, reason: str = "") -> Self:
        """Make no new runs; running ones go on to their end."""
        return self._controlled("stop", reason)

    def cancel(self, reason: str = "") -> Self:
        """Make no new runs, and end the running ones: they become Killed."""
        return self._controlled("cancel", reason)

    def _controlled(self, action: str, reason: str) -> Self:
        body = wire.ControlBody(reason)
        address = f"{self._address}/{action}"
        return self._changed(self._calls.send("POST", address, body, wire.SweepView))

    def delete(self) -> None:
        """Forget the sweep; its runs stay, and its agents go home."""
        self._calls.answer("DELETE", self._address)

    def _read(self) -> tuple[wire.SweepDetail, wire.SweepView]:
        found = self._calls.get(self._address, wire.SweepDetail)
        return found, found.sweep

    def wait(self, timeout: float | None = None) -> str:
        """Wait until it is over and no run of it lives; its status. WaitedTooLong after `timeout` s."""
        until = deadline(timeout)
        pause = LOOK_S
        while not (self.refresh().over and self._quiet()):
            if until is not None and time.monotonic() + pause > until:
                raise errors.WaitedTooLong(f"{self.path} is still {self.status}: {self.sentence}")
            time.sleep(pause)
            pause = min(pause * 1.5, LOOK_S_MAX)
        return self.status

    def _quiet(self) -> bool:
        return not any(self.view.states.get(word) for word in ("running", "preempting"))


def create(
    calls: Calls,
    config: dict[str, Any] | str,
    project: str = "",
    entity: str = "",
    name: str = "",
    prior_runs: Sequence[str] = (),
) -> Sweep:
    """A new sweep of a configuration: a mapping, or the text of a sweep file (YAML or JSON)."""
    said = wire.SweepCreate(
        config=config, project=project, entity=entity, name=name, prior_runs=list(prior_runs)
    )
    return Sweep(calls, calls.send("POST", SWEEPS, said, wire.SweepView, once=True))


def listed(calls: Calls, entity: str = "", project: str = "") -> list[Sweep]:
    """The sweeps of a project, or all that you may see, newest first."""
    found = calls.get(
        SWEEPS, list[wire.SweepView], entity=entity or None, project=project or None
    )  # fmt: skip
    return [Sweep(calls, view) for view in found]


def one(calls: Calls, entity: str, project: str, sweep_id: str) -> Sweep:
    """One sweep by its path."""
    detail = calls.get(f"{SWEEPS}/{quoted(entity, project, sweep_id)}", wire.SweepDetail)
    return Sweep(calls, detail.sweep)


def chosen(said: str, found: Sequence[Sweep], where: str) -> Sweep:
    """The sweep that somebody means by an id, its first letters, or a name."""
    exact = [each for each in found if said in {each.id, each.name}]
    exact = [each for each in exact if each.id == said] or exact
    fits = exact or [each for each in found if each.id.startswith(said)]
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise errors.NotFound(
            f"no sweep with the id or name `{said}`{where}; `heartline sweep list` lists them"
        )
    names = ", ".join(each.path for each in fits[:5])
    raise errors.Ambiguous(f"`{said}` fits several sweeps: {names}. Write one of these paths")

"""Bugs planted in sweeps on purpose: (name, file below src/heartline, what stands, the bug)."""

TRIALS = "core/sweep/trials.py"
STATUSES = "core/sweep/statuses.py"
BREAKER = "core/sweep/breaker.py"
NEXT = "usecases/next_trial.py"
TEND = "usecases/tend_sweep.py"
HEAR = "usecases/hear_agent.py"
CONTROL = "usecases/control_sweep.py"
SEARCH = "core/sweep/search.py"
CONFIG = "core/sweep/config.py"

PLANTED = [
    ("a lost answer loses its trial", NEXT, "if (unheard := _unheard(done, agent)) is not None:", "unheard = None\n    if False:"),
    ("what came back waits behind what is new", NEXT, "    if waiting is not None:", "    if waiting is not None and done.sweep.made > 9:"),
    ("an older list is taken for an answer", TEND, "unheard = agent.beats <= trial.given_beat", "unheard = False"),
    ("who was given back waits for a lease", TRIALS, " and run.cause is not CauseKind.GIVEN_BACK", ""),
    ("a strict rule forgets who was first", HEAR, "    if done.climbed:", "    if False:"),
    ("what a backup does not know is stopped", HEAR, "gone = was_at(tx, _path(sweep, run_id))", "gone = True"),
    ("one trial too many", CONFIG, "made >= self.run_cap", "made > self.run_cap"),
    ("handing out again counts as new", NEXT, "epoch=standing.epoch,", "epoch=0,"),
    ("a failed trial is run again", TRIALS, "TOLD = frozenset({State.FINISHED, State.FAILED})", "TOLD = frozenset({State.FINISHED})"),
    ("a preempted trial is over", TRIALS, "return Stage.RUNNING if held else Stage.QUEUED", "return Stage.RUNNING if held else Stage.ENDED"),
    ("the trial of a dead agent is over", TRIALS, "return Stage.QUEUED if trial.handouts < HANDOUTS_MAX else Stage.ENDED", "return Stage.ENDED"),
    ("our own silence counts against agents", TRIALS, "now - max(self.heard_at, healthy_since)", "now - self.heard_at"),
    ("an agent is lost a millisecond late", TRIALS, ">= self.lease_ms", "> self.lease_ms"),
    ("who never starts keeps the trial", TRIALS, "late = now - trial.handed_at >= START_MS", "late = False"),
    ("what an agent lists is taken from it", TRIALS, "    if by.lists and not by.gone:\n        return Finding(Stage.HANDED)\n", ""),
    ("a paused sweep is set going by any agent", STATUSES, "Status.PAUSED:    (_NO, ", "Status.PAUSED:    (_RUN,"),
    ("a paused sweep hands out", STATUSES, "OPEN = frozenset({Status.PENDING,", "OPEN = frozenset({Status.PAUSED, Status.PENDING,"),
    ("a stopped sweep can be resumed", STATUSES, "Status.STOPPED:   (_NO,   _NO,    _NO,", "Status.STOPPED:   (_NO,   _NO,    _RUN,"),
    ("agents of a paused sweep go home", STATUSES, "OVER = frozenset({Status.STOPPED,", "OVER = frozenset({Status.PAUSED, Status.STOPPED,"),
    ("stopping a sweep stops its runs", CONTROL, '    if action != "cancel":\n', '    if action not in {"cancel", "stop"}:\n'),
    ("cancelling leaves the runs alone", CONTROL, '    if action != "cancel":\n', "    if True:\n"),
    ("who comes late to a cancelled sweep lives on", CONTROL, "    if done.sweep.status is Status.CANCELLED:", "    if False:"),
    ("the breaker is not reset by a resume", CONTROL, 'fails=() if action == "resume" else sweep.fails', "fails=sweep.fails"),
    ("the breaker never trips", BREAKER, "if not runs or", "if True or"),
    ("the breaker forgets a good end", BREAKER, "            good=True,\n", ""),
    ("what was asked for trips the breaker", BREAKER, "or cause in ASKED", ""),
    ("a sweep is over while a trial is out", TEND, "    if not done.open:", "    if True:"),
    ("the agent's word of an end is not taken", HEAR, "    if stop is not None and end.exit_code != 0:", "    if False:"),
    ("an agent is not told that its trial is another's", HEAR, 'if other is not None and other.stage != "ended":', "if False:"),
    ("an old beat is a sign of life", HEAR, "    if said.seq < agent.seq:", "    if False:"),
    ("agents are sent home with trials running", HEAR, "if not said.running and done.sweep.status in OVER:", "if done.sweep.status in OVER:"),
    ("a grid forgets what prior runs tried", SEARCH, "    if not known:\n", "    if True:\n"),
]  # fmt: skip

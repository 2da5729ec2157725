"""Bugs planted on purpose, one line each: (name, file below src/heartline, what stands, the bug)."""

MACHINE = "core/lifecycle/machine.py"
TABLE = "core/lifecycle/table.py"
LEDGER = "core/lifecycle/ledger.py"
TIME = "core/lifecycle/time.py"
CLASSIFY = "core/lifecycle/classify.py"
VIEW = "core/lifecycle/view.py"
RECEIVE = "usecases/receive.py"
OPEN = "usecases/open_run.py"
KEEP = "usecases/keep.py"
RECALL = "core/lifecycle/recall.py"
RECALLED = "usecases/recall.py"
SHOWN = "core/series/shown.py"
COURIER = "sdk/courier.py"

PLANTED = [
    ("a lease ends a millisecond late", MACHINE, "now.alive < end:", "now.alive <= end:"),
    ("a lease ends a millisecond early", MACHINE, "+ writer.lease)", "+ writer.lease - 1)"),
    ("no amnesty after a start", MACHINE, "healthy_since + AMNESTY_MS if", "healthy_since if"),
    ("our downtime counts against runs", MACHINE,
     "max(writer.heard_at, amnesty) + writer.lease", "writer.heard_at + writer.lease"),
    ("a repeated beat renews the lease", MACHINE,
     "if said.seq <= writer.seq:", "if said.seq < writer.seq:"),
    ("an old beat is heard", MACHINE, "if said.seq <= writer.seq:", "if False:"),
    ("an old exit is believed", MACHINE, "if said.seq < writer.seq:", "if False:"),
    ("an equal verdict replaces the first", MACHINE,
     "said.verdict.confidence > writer.confidence", "said.verdict.confidence >= writer.confidence"),
    ("the fence looks at the epoch only", MACHINE,
     "if attempt == run.attempt:", "if attempt.epoch == run.attempt.epoch:"),
    ("an older attempt may open again", MACHINE,
     "if said.attempt.epoch <= run.attempt.epoch:", "if False:"),
    ("a newer attempt does not supersede", MACHINE,
     "if run.attempt != NO_ATTEMPT:", "if False:"),
    ("a stop request is forgotten at the exit", MACHINE,
     "verdict.state in {State.KILLED, State.FAILED}:", "verdict.state in {State.KILLED}:"),
    ("a second stop replaces the first", MACHINE, 'if run.stop is not None:\n        return run, Ignored("a stop', 'if False:\n        return run, Ignored("a stop'),
    ("a stop before the start is forgotten", MACHINE, "stop = run.stop if first else None", "stop = None"),
    ("an override needs no reason", MACHINE, "if not said.reason.strip():", "if False:"),
    ("a person may order a run to be running", MACHINE,
     "if said.state in {State.RUNNING, State.PREEMPTING}:", "if False:"),
    ("an override is not pinned", MACHINE, "if run.overridden:", "if False:"),
    ("a beat undoes a proven end", TABLE, "Standing.PROVEN:     (_STAY,", "Standing.PROVEN:     (_RUN, "),
    ("a beat undoes a reported end", TABLE, "Standing.REPORTED:   (_STAY,", "Standing.REPORTED:   (_RUN, "),
    ("a presumed end is final", TABLE, "Standing.PRESUMED:   (_RUN,  _PRE,", "Standing.PRESUMED:   (_STAY, _STAY,"),
    ("silence while preempting is a crash", TABLE,
     "Standing.PREEMPTING: (_RUN,  _PRE,  _VERDICT, _GONE,", "Standing.PREEMPTING: (_RUN,  _PRE,  _VERDICT, _CRASH,"),
    ("a surer witness is not heard", TABLE, "Standing.PRESUMED:   (_RUN,  _PRE,  _BETTER,", "Standing.PRESUMED:   (_RUN,  _PRE,  _STAY,  "),
    ("one rank's finish finishes the run", LEDGER,
     "    if State.PREEMPTING in states:", "    if State.FINISHED in states:\n        return State.FINISHED\n    if State.PREEMPTING in states:"),
    ("the fold forgets an override", LEDGER, "pinned = entry.after", "pinned = None"),
    ("the alive clock runs through a stall", TIME, "min(elapsed_ms, TICK_ADVANCE_MS_MAX)", "elapsed_ms"),
    ("a stall gives no amnesty", TIME, "late = elapsed_ms > TICK_LATE_MS", "late = False"),
    ("out of memory is told as killed", CLASSIFY, "if signs.oom and", "if False and"),
    ("a neighbour's want of memory is ours", CLASSIFY,
     '(signs.signal == "SIGKILL" or not signs.witnessed)', "True"),
    ("who was once interrupted cannot end well", CLASSIFY,
     "(signs.noted_interrupt and signs.exit_code != 0)", "signs.noted_interrupt"),
    ("an exit code is invented", CLASSIFY, "return _say(signs, State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED)",
     "return _say(signs, State.FINISHED, CauseKind.FINISHED, Confidence.PRESUMED)"),
    ("Finished before the data is durable", RECEIVE,
     "end.verdict.state is State.FINISHED and durable < batch.exit.records", "False"),
    ("a zombie moves the run", RECEIVE, "    if attempt != life.run.attempt:", "    if False:"),
    ("a zombie that knocks again supersedes", OPEN, "    if stale is not None:", "    if False:"),
    ("an old spool takes the run over", OPEN, "stale = recall.past(tx, record, request, now)", "pass"),
    ("what is newer is put among the old", RECALL, "began >= starts[newest]", "False"),
    ("a late attempt is put after the newest before the last", RECALL,
     "if at <= began), default=0)", "if epoch < newest), default=0)"),
    ("a late attempt is placed by when it was told", RECALL,
     "entry.evidence.happened_at or entry.at", "entry.at"),
    ("an end told later is told at every sending", RECALLED,
     "or last.writer_state not in LIVE", "or False"),
    ("two launches of one epoch share a stream", RECALLED, "if lines and lines[0].input == RECALLED:", "if False:"),
    ("launches of one epoch are in the order of their telling", SHOWN, "return int(began)", "return IN_ITS_TIME"),
    ("the last rank to end is blamed", VIEW, "return min(blamed, key=lambda entry: entry.seq, default=last)",
     "return last"),
    ("what is told is not kept up", KEEP, "if explains(entry)), record.told", "if False), record.told"),
    ("the client trusts itself, not the durable offset", COURIER,
     "if reply.durable != expected:", "if False:"),
    ("a lost reply is taken as received", COURIER, "            stream.rewind(stream.durable)", "            pass"),
    ("late data after the end is a heartbeat", COURIER,
     "return self.exit_seq if self.exit is not None else seq", "return seq"),
    ("a lease ends while the last records are sent", COURIER,
     "self.exit_seq = max(self.exit_seq, seq)", "pass"),
    ("a good end is told before the data", COURIER,
     "return msgspec.structs.replace(self.exit, records=records) if everything_sent else None",
     "return self.exit"),
    ("a file is looked for once for each place where a batch began", COURIER,
     "seen = stream.looked - first", "seen = content.count * (stream.looked > first)"),
    ("a restored server is not sent the files again", COURIER,
     "stream.looked = min(stream.looked, reply.durable)", "pass"),
    ("a restored server is not told the end again", COURIER,
     "if reply.durable < stream.durable:", "if False:"),
]  # fmt: skip

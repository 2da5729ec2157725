"""A run that is a trial of a sweep: where it belongs, and its parameters. Never asks a server.

An agent says so in the environment, before it starts the program or calls the function.
"""

import json
from pathlib import Path
from typing import Any

from heartline.sdk.messages import say
from heartline.sdk.settings import BadSetting, variable

SWEEP, PARAMETERS = "SWEEP_ID", "SWEEP_PARAM_PATH"


def is_trial(run_id: str | None) -> bool:
    """Whether a run with this id (None: not given by the program) is the trial of an agent."""
    return variable(SWEEP) is not None and run_id in {None, variable("RUN_ID")}


def placed(said: dict[str, Any], *, silent: bool) -> dict[str, Any]:
    """What the program says of its run; in a trial, project and entity are the sweep's."""
    if not is_trial(said["run_id"]):
        return said
    theirs = {word: variable(word.upper()) for word in ("project", "entity")}
    for word, value in theirs.items():
        if value and said[word] not in {None, value}:
            say(f"{word} `{said[word]}` is left aside: this run belongs to a sweep in `{value}`",
                silent=silent)  # fmt: skip
    return {**said, **{word: value for word, value in theirs.items() if value}}


def parameters(run_id: str | None) -> dict[str, Any]:
    """The values that the sweep has chosen for this run; they beat what the program gives."""
    path = variable(PARAMETERS)
    if path is None or not is_trial(run_id):
        return {}
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"HEARTLINE_{PARAMETERS}: cannot read {path}: {error}") from None
    if not isinstance(found, dict):
        raise BadSetting(f"HEARTLINE_{PARAMETERS}: {path} holds no mapping of parameters")
    return found

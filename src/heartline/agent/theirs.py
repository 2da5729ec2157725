"""A trial's identity for programs that log through the `wandb` client. Never imports that client.

It is given only where the agent's environment points that client to a server, as
`heartline env wandb` does.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heartline.agent.elsewhere import ADDRESS
from heartline.wire.sweeps import AgentCreated, Command


def identity(
    environ: Mapping[str, str], sweep: AgentCreated, said: Command, file: Path
) -> dict[str, str]:
    """How that client knows that its run is this trial; `file` is written with the parameters."""
    if not environ.get(ADDRESS):
        return {}
    values = ", ".join(f"{json.dumps(name)}: {{value: {_yaml(value)}}}" for name, value in
                       said.args.items())  # fmt: skip
    file.write_text(f"{{wandb_version: 1, {values}}}\n", encoding="utf-8")
    found = {
        "WANDB_ENTITY": sweep.entity,
        "WANDB_PROJECT": sweep.project,
        "WANDB_SWEEP_ID": sweep.sweep,
        "WANDB_RUN_ID": said.run,
        "WANDB_SWEEP_PARAM_PATH": str(file),
    }
    return {**found, "WANDB_RESUME": "allow"} if said.type == "resume" else found


def _yaml(value: Any) -> str:
    """A value as YAML 1.1, where 1e-05 without a dot would be a word."""
    match value:
        case dict():
            return (
                "{" + ", ".join(f"{json.dumps(str(k))}: {_yaml(v)}" for k, v in value.items()) + "}"
            )
        case list():
            return "[" + ", ".join(_yaml(each) for each in value) + "]"
        case float():
            return _number(value)
        case _:
            return json.dumps(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, mark, power = repr(value).partition("e")
    return f"{digits}.0e{power}" if mark and "." not in digits else repr(value)

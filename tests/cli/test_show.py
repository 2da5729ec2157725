"""What `heartline show` says of one run, in words that a person uses."""

import re
from typing import Any

import httpx
import pytest

from heartline.wire.ingest import Changes
from tests.server.writer import Speaker
from tests.terminal import Terminal

ENDS = {
    "pidfd": "the kernel, as the process ended",
    "zombie": "the kernel's record of the ended process",
    "exit": "the program itself, as it left",
    "notes": "what the program noted before it was gone",
}


def shown(terminal: Terminal, run: Speaker, *words: str) -> str:
    return terminal.heartline("show", run.id, *words).stdout


def has(pattern: str, told: str) -> bool:
    return re.search(pattern, told, re.MULTILINE) is not None


def test_internal_keys_are_folded_into_one_line(terminal: Terminal, http: httpx.Client) -> None:
    config = {"lr": 0.1, "opt": {"name": "adam"}, "_wandb": {"t": {"4": "3.11"}, "m": []}}
    run = Speaker(http).opened(config=config)
    run.say(count=1, changes=[Changes(summary={"loss": 1.0, "_runtime": 3, "_timestamp": 1.7e9})])
    told = shown(terminal, run)
    assert has(r"^lr +0.1 *\nopt.name +adam *\nand 1 internal key: --all", told), told
    assert has(r"^loss +1 *\nand 2 internal keys: --all", told), told
    assert not has(r"^_", told)
    every = shown(terminal, run, "--all")
    assert has(r"^_wandb.t.4 +3.11", every) and has(r"^_runtime +3", every)
    assert "internal key" not in every


def test_a_config_of_internal_keys_alone_is_not_hidden(
    terminal: Terminal, http: httpx.Client
) -> None:
    run = Speaker(http).opened(config={"_wandb": {"m": []}})
    assert "Config\n1 internal key: --all shows them" in shown(terminal, run)


@pytest.mark.parametrize("source", ENDS)
def test_the_source_of_an_end_is_told_in_words(
    terminal: Terminal, run: Speaker, source: str
) -> None:
    facts: dict[str, Any] = {"source": source, "signal": "SIGKILL", "core_dumped": False}
    run.exit("killed", "signal", evidence={**facts, "oom_kills_before": 2, "oom_kills_after": 2})
    told = shown(terminal, run)
    assert has(rf"^end seen by +{ENDS[source]} *$", told), told
    assert has(r"^out-of-memory kills +none while it ran", told)
    assert not has(rf"\b{source}\b|core dumped +False", told.replace(ENDS[source], ""))


def test_an_exception_is_said_by_the_process_and_a_signal_by_the_kernel(
    terminal: Terminal, http: httpx.Client
) -> None:
    raised, killed = Speaker(http).opened(), Speaker(http).opened()
    raised.exit("failed", "exception", evidence={"source": "pidfd", "exception": "KeyError: 'x'"})
    killed.exit("killed", "signal", evidence={"source": "pidfd", "signal": "SIGKILL"})
    assert "exception (proven, said by process)" in shown(terminal, raised)
    assert "signal (proven, said by kernel)" in shown(terminal, killed)


def test_a_run_of_which_nothing_is_known_has_no_evidence(terminal: Terminal, run: Speaker) -> None:
    assert "Evidence" not in shown(terminal, run)
    assert terminal.json("show", run.id)["evidence"] == {}

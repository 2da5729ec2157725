"""The command of a trial: macros as the W&B sweep schema has them, arguments in their forms."""

import json

from heartline.core.sweep.command import DEFAULT, flags, words

ARGS = {"lr": 0.1, "flag": True, "off": False, "opt": {"kind": "adam w", "beta": [1, 2]}}


def made(template=(), args=ARGS, program="train.py", **more):
    return words(template, program, args, "python", {"HOME": "/h", "E": ""}, **more)


def test_without_a_command_the_program_gets_every_argument_as_a_flag():
    assert made(args={"lr": 0.1, "b": "x y"}) == [
        "/usr/bin/env", "python", "train.py", "--lr=0.1", "--b=x y",
    ]  # fmt: skip
    assert made(DEFAULT) == made()


def test_nested_arguments_have_dotted_names_in_their_order():
    assert [name for name, _ in flags(ARGS)] == ["lr", "flag", "off", "opt.kind", "opt.beta"]
    assert flags({"a": {}}) == [("a", {})]


def test_arguments_come_without_hyphens_and_with_bare_switches():
    assert made(["${args_no_hyphens}"])[:2] == ["lr=0.1", "flag=True"]
    bare = made(["${args_no_boolean_flags}"])
    assert "--flag" in bare and not [each for each in bare if each.startswith("--off")]


def test_json_comes_as_one_word_or_as_a_file():
    text = json.dumps(ARGS)
    assert made(["x", "${args_json}"], json_text=text) == ["x", text]
    assert made(["--file=${args_json_file}"], json_file="/t/p.json") == ["--file=/t/p.json"]


def test_macros_inside_a_word_are_replaced_in_place():
    found = made(["${interpreter}", "-u", "${program}", "--home=${envvar:HOME}/x", "${envvar:NO}"])
    assert found == ["python", "-u", "train.py", "--home=/h/x", ""]
    assert made(["all: ${args_no_hyphens}"], args={"a": 1, "b": 2}) == ["all: a=1 b=2"]
    assert made(["${env}", "$HOME", "{args}", "${program}"], program="") == [
        "/usr/bin/env", "$HOME", "{args}",
    ]  # fmt: skip

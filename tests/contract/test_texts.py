"""Texts that no database takes as they are: kept with a mark in their place, never a fault."""

from dataclasses import replace

from heartline.core.records import ConsoleLine, FileRecord, RunPath, Stream

from .test_runs import ask, make
from .test_series import append, block, merged, seed, settle, values

__all__ = ["settle"]
NUL, HALF, MARK = "a\x00b", "a\ud800b", "a\ufffdb"


def test_words_and_values_with_nul_or_half_characters_are_kept_with_a_mark(world):
    for n, bad in enumerate((NUL, HALF)):
        config = {bad: 1, "word": bad, "list": [bad, {bad: bad}]}
        words = {"group": bad, "notes": bad, "host": bad, "tags": (bad,)}
        name = f"r{n}"
        made = world.write(
            lambda tx, n=name, c=config, w=words: make(
                tx, n, config=c, summary={"s": c["word"]}, environment={"argv": [c["word"]]}, **w
            )
        )
        found = world.read(lambda tx, key=made.key: tx.runs.get(key))
        assert found.config == {MARK: 1, "word": MARK, "list": [MARK, {MARK: MARK}]}
        assert (found.group, found.notes, found.host, found.tags) == (MARK, MARK, MARK, (MARK,))
        assert (found.summary, found.environment) == ({"s": MARK}, {"argv": [MARK]})
        assert made == found
    assert ask(world, {"config.word": MARK}, "name")[0] == ["r0", "r1"]
    assert ask(world, {"config.word": NUL}, "name")[0] == ["r0", "r1"]
    assert ask(world, {"tags": HALF}, "name")[0] == ["r0", "r1"]
    assert ask(world, {f"config.{HALF}": 1}, f"config.{NUL}")[1].total == 2
    assert ask(world, {"config.word": {"$regex": "a.b"}})[1].total == 2


def test_a_save_keeps_bad_texts_with_a_mark(world):
    made = world.write(make)
    world.write(lambda tx: tx.runs.save(replace(made, name=NUL, config={HALF: HALF})))
    found = world.read(lambda tx: tx.runs.get(made.key))
    assert (found.name, found.config) == (MARK, {MARK: MARK})


def test_a_question_about_a_bad_path_or_name_is_answered(world):
    world.write(make)
    for bad in (NUL, HALF):
        assert world.read(lambda tx, b=bad: tx.runs.find(RunPath("bo", "digits", b))) is None
        assert world.read(lambda tx, b=bad: tx.runs.fields(("bo", "digits"), b, 9)) == []
        assert list(world.read(lambda tx, b=bad: tx.runs.values((b, b), "tags", 9))) == []
        assert world.read(lambda tx, b=bad: tx.accounts.user(b)) is None
        assert world.read(lambda tx, b=bad: tx.accounts.project("bo", b)) is None
        assert world.read(lambda tx, b=bad: tx.accounts.document("x", b, b)) is None


def test_keys_and_console_lines_with_bad_characters_are_kept_with_a_mark(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        columns = {NUL: [1.0 * n], "\x01steps": [2.0 * n], "fine": [3.0]}
        lines = [ConsoleLine("stdout", 2 * n, 1, NUL), ConsoleLine("stdout", 2 * n + 1, 1, HALF)]
        append(world, stream, n, 1, history=[block([n], **columns)], lines=lines)
    settle()
    keys = [stats.key for stats in world.read(lambda tx: tx.series.keys([run])[run])]
    assert keys == ["a\ufffdb", "fine", "\ufffdsteps"]
    assert values(world, run, MARK)[3] == (3, 3.0)
    assert values(world, run, "\ufffdsteps")[3] == (3, 6.0)
    assert len(world.read(lambda tx: tx.series.window([run], [MARK, NUL]))) == 2
    lines, total = world.read(lambda tx: tx.series.console(run))
    assert ({line.text for line in lines}, total) == ({MARK}, 40)


def test_half_characters_in_keys_do_not_stop_the_merge(world):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        append(world, stream, n, 1, history=[block([n], **{HALF: [1.0]})])
    merged(world)
    assert values(world, run, MARK)[0] == (0, 1.0)


def test_files_and_documents_with_bad_names_are_kept_with_a_mark(world):
    (run,) = seed(world)
    file = FileRecord(NUL, 1, "text/plain", 5, "blob")
    world.write(lambda tx: tx.files.put(run, file))
    assert [each.path for each in world.read(lambda tx: tx.files.list(run))] == [MARK]
    assert world.read(lambda tx: tx.files.get(run, HALF)).path == MARK
    world.write(lambda tx: tx.accounts.put_document("view", NUL, HALF, {"text": HALF, NUL: 1}))
    told = world.read(lambda tx: tx.accounts.document("view", HALF, NUL))
    assert told == {"text": MARK, MARK: 1}
    assert list(world.read(lambda tx: tx.accounts.documents("view", MARK))) == [MARK]

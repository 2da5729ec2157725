"""Pictures, tables, histograms and sound as real trainings log them, and alerts."""

import hashlib
import json
from typing import Any

from tests.sdk.stub import Kept
from tests.sdk.training import Training

PRELUDE = "import numpy, pathlib\n"


def objects(kept: Kept) -> dict[str, Any]:
    """Values that are no numbers, by key; the last one wins."""
    found = {}
    for batch in kept.batches:
        for block in batch.history:
            found |= {value.key: json.loads(value.json) for value in block.objects}
    return found


def test_an_array_is_a_picture_that_can_be_looked_at_again(training: Training) -> None:
    from io import BytesIO

    import PIL.Image

    training.run(
        PRELUDE
        + """
pixels = numpy.zeros((3, 4, 6)); pixels[0] = 1.0
run.log({'val': {'sample': heartline.Image(pixels, caption='red')}, 'loss': 0.5})
run.finish()
"""
    )
    kept = training.ended()
    told = objects(kept)["val.sample"]
    raw = kept.files[told["path"]]
    assert told["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (told["_type"], told["width"], told["height"], told["caption"]) == (
        "image-file", 6, 4, "red",
    )  # fmt: skip
    assert PIL.Image.open(BytesIO(raw)).getpixel((5, 3)) == (255, 0, 0)


def test_several_pictures_under_one_key_are_told_together(training: Training) -> None:
    training.run(
        PRELUDE
        + """
both = [heartline.Image(numpy.full((2, 2), level, 'uint8'), caption=str(level)) for level in (0, 9)]
run.log({'samples': both})
run.finish()
"""
    )
    kept = training.ended()
    told = objects(kept)["samples"]
    assert (told["_type"], told["count"], told["captions"]) == ("images/separated", 2, ["0", "9"])
    assert set(told["filenames"]) <= set(kept.files)


def test_a_table_keeps_its_rows_and_the_pictures_in_them(training: Training) -> None:
    training.run(
        PRELUDE
        + """
table = heartline.Table(columns=['name', 'picture', 'score'])
table.add_data('a', heartline.Image(numpy.zeros((2, 2))), float('nan'))
table.add_data('b', None, 0.5)
run.log({'found': table})
run.finish()
"""
    )
    kept = training.ended()
    told = objects(kept)["found"]
    rows = json.loads(kept.files[told["path"]])
    assert (told["_type"], told["ncols"], told["nrows"]) == ("table-file", 3, 2)
    assert rows["columns"] == ["name", "picture", "score"]
    assert rows["data"][0][1]["path"] in kept.files
    assert rows["data"][1] == ["b", None, 0.5]


def test_numbers_too_many_for_a_row_become_their_distribution(training: Training) -> None:
    training.run(
        PRELUDE
        + """
run.log({'weights': numpy.append(numpy.arange(5000.0), [float('inf')]),
         'own': heartline.Histogram([0, 0, 1], num_bins=2)})
run.finish()
"""
    )
    told = objects(training.ended())
    assert sum(told["weights"]["values"]) == 5_000
    assert (told["weights"]["_type"], told["weights"]["nonfinite"]) == ("histogram", 1)
    assert told["own"] == {"_type": "histogram", "values": [2.0, 1.0], "bins": [0.0, 0.5, 1.0]}


def test_files_are_kept_as_they_were_when_they_were_logged(training: Training) -> None:
    training.run(
        PRELUDE
        + """
page = pathlib.Path('page.html'); page.write_text('<p>first</p>')
run.log({'page': heartline.Html('page.html'), 'beep': heartline.Audio([0.0, 0.5], sample_rate=8000)})
page.write_text('<p>second</p>')
run.finish()
"""
    )
    kept = training.ended()
    told = objects(kept)
    assert kept.files[told["page"]["path"]] == b"<p>first</p>"
    assert kept.files[told["beep"]["path"]].startswith(b"RIFF")


def test_what_is_no_picture_is_named_and_the_rest_of_the_row_is_kept(training: Training) -> None:
    done = training.run(
        PRELUDE
        + """
run.log({'bad': heartline.Image(numpy.zeros((2, 2, 7))), 'gone': heartline.Image('no-such.png'),
         'loss': 0.25})
run.finish()
"""
    )
    kept = training.ended()
    assert objects(kept) == {}
    assert "not logged: bad: an array of shape (2, 2, 7) is no image" in done.stderr
    assert "not logged: gone:" in done.stderr
    assert [c.key for batch in kept.batches for block in batch.history for c in block.columns] == [
        "loss"
    ]


def test_an_alert_is_told_once_within_its_wait(training: Training) -> None:
    training.run(
        """
for _ in range(3):
    run.alert('Loss is rising', 'for 10 epochs', level='warn', wait_duration=60)
heartline.alert('Disk', level='shouting')
run.finish()
"""
    )
    kept = training.ended()
    told = [each for batch in kept.batches for change in batch.changes for each in change.alerts]
    assert [(each.title, each.text, each.level) for each in told] == [
        ("Loss is rising", "for 10 epochs", "WARN"), ("Disk", "", "INFO"),
    ]  # fmt: skip

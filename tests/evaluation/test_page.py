"""The report: whole, readable by a strict reader, and safe whatever callers say."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from ivr.evaluation import page as report
from ivr.evaluation.cases import Case
from ivr.evaluation.charts import (
    MOST_LABELS,
    confusion_matrix,
    reliability_diagram,
    score_histogram,
)
from ivr.evaluation.judge import Judged
from ivr.evaluation.matrix import OTHERS
from ivr.evaluation.measures import measure
from ivr.evaluation.page import Heading, page
from ivr.evaluation.sound import Conditions, LineKind
from ivr.meaning import Hypothesis
from ivr.media.wav import write_wav
from tests.evaluation.conftest import judged

VOID = {"meta", "input", "br", "link"}


class Strict(HTMLParser):
    """Refuses tags that do not close; collects elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def read(text: str) -> Strict:
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


def made(cases: list[Judged], conditions: Conditions | None = None, folder: Path = Path()) -> str:
    heading = Heading("cases.jsonl: a <desk>", ("3 sentences", "threshold 0.5"))
    return page(heading, cases, measure(cases), 0.5, conditions or Conditions(), folder)


CASES = [
    judged("billing", "billing", 0.9),
    judged("billing", "sales", 0.8, text="charge me <script>alert(1)</script> & more"),
    judged("sales", "sales", 0.3, accepted=False, text="rejected words"),
    judged(None, "sales", 0.7, text="will it snow"),
    judged("sales", "sales", 0.9, slots={"size": "small"}, heard={"size": "large"}, text="slots wrong"),
]


def test_every_failure_is_in_the_report_and_nothing_else() -> None:
    parser = read(made(CASES))
    failures = [a for a in parser.all("div") if (a.get("class") or "").startswith("failure")]
    pairs = {(one["data-meant"], one["data-taken"]) for one in failures}
    assert len(failures) == 4
    assert pairs == {
        ("billing", "sales"),
        ("sales", "rejected"),
        ("out of scope", "sales"),
        ("sales", "sales"),
    }


def test_nothing_comes_from_elsewhere_and_no_text_is_markup() -> None:
    text = made(CASES)
    parser = read(text)
    assert "<script>alert" not in text
    assert "charge me &lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text
    assert len(parser.all("script")) == 1
    assert not [a for _, a in parser.found if "src" in a or "href" in a]
    assert "a &lt;desk&gt;" in text
    assert not re.search(r"\$[a-z_]+", text), "every place of the template is filled"


def test_the_filter_offers_what_the_failures_have() -> None:
    text = made(CASES)
    meant = text[text.index('id="meant"') : text.index('id="taken"')]
    assert re.findall(r"<option>([^<]*)", meant) == ["billing", "out of scope", "sales"]


def test_slots_that_went_wrong_are_counted() -> None:
    text = made([CASES[4], CASES[4], judged("a", "a", 0.9, slots={"s": "x"})])
    assert "Slots that went wrong" in text
    row = '<td class="n">2</td><td>size</td><td>small</td><td>large</td>'
    assert row in text
    assert "not heard" in text


def test_only_transcripts_make_no_pictures(tmp_path: Path) -> None:
    case = Case("c.jsonl:1", audio=_recording(tmp_path), name="a.wav", transcript="one two")
    one = Judged(case, (Hypothesis("one", 0.9),), "", 0.0, False, {}, 1, 2, 0.001, 0.1)
    text = made([one], folder=tmp_path)
    assert "<svg" not in text
    assert "said: one two" in text


# --- sound --------------------------------------------------------------------------------------------


def _recording(folder: Path) -> Path:
    path = folder / "a clip.wav"
    write_wav(path, np.arange(-8_000, 8_000, dtype=np.int16), 16_000)
    return path


def _spoken(audio: Path) -> Judged:
    case = Case("c.jsonl:1", audio=audio, name=audio.name, judged=True, intent="a")
    return Judged(case, (Hypothesis("x", 0.9), Hypothesis("y", 0.2)), "b", 0.9, True, {}, None, 0, 0.1, 0.1)


def test_a_failure_can_be_played_as_it_was_heard(tmp_path: Path) -> None:
    audio = _recording(tmp_path)
    (player,) = read(made([_spoken(audio)], Conditions(LineKind.G711))).all("audio")
    kind, _, data = str(player["src"]).partition(",")
    assert kind == "data:audio/wav;base64"
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="int16")
    assert rate == 8_000
    assert len(samples) == 8_000, "without the line before and after it"
    assert len(np.unique(samples)) < 256


def test_long_times_are_written_as_people_write_them() -> None:
    text = made([judged("a", "a", 0.9, recognize=seconds) for seconds in (0.0421, 2.7812)])
    assert "1,412 / 2,644" in text and "1 / 1" in text
    assert "e+" not in text.partition("<svg")[0]


def test_sound_that_is_too_much_is_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = _recording(tmp_path)
    monkeypatch.setattr(report, "MOST_BYTES", 40_000)
    players = read(made([_spoken(audio), _spoken(audio)], folder=tmp_path / "reports")).all("audio")
    assert str(players[0]["src"]).startswith("data:")
    assert players[1]["src"] == "../a%20clip.wav"


# --- pictures -------------------------------------------------------------------------------------------


def svg(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def cells(text: str) -> dict[tuple[str, str], int]:
    found = {}
    for cell in svg(text).iter("{http://www.w3.org/2000/svg}g"):
        if "data-meant" in cell.attrib:
            number = cell.find("{http://www.w3.org/2000/svg}text")
            assert number is not None
            found[cell.attrib["data-meant"], cell.attrib["data-taken"]] = int(number.text or "")
    return found


def test_the_matrix_counts_every_case() -> None:
    assert cells(confusion_matrix(CASES)) == {
        ("billing", "billing"): 1,
        ("billing", "sales"): 1,
        ("sales", "rejected"): 1,
        ("out of scope", "sales"): 1,
        ("sales", "sales"): 1,
    }


def test_of_many_intents_the_most_confused_are_shown() -> None:
    some = [judged(f"i{n}", f"i{n}", 0.9) for n in range(100)]
    some += [judged(f"i{n}", f"i{n + 1}", 0.9) for n in range(20)]
    found = cells(confusion_matrix(some))
    rows = {row for row, _ in found}
    assert len(rows) <= MOST_LABELS + 1
    assert {f"i{n}" for n in range(21)} <= rows
    assert sum(found.values()) == len(some)
    assert found[OTHERS, OTHERS] == 79


def test_pictures_are_whole_whatever_is_in_them() -> None:
    odd = [judged('<"&>', "a" * 200, 1.0), judged("\u202e", '<"&>', 0.0)]
    for some in (CASES, odd, [judged("a", "a", 1.0)], [judged(None, "", 0.0, accepted=False)]):
        for text in (
            confusion_matrix(some),
            score_histogram(some, 0.5),
            reliability_diagram(measure(some).reliability),
        ):
            assert svg(text).tag.endswith("svg")


def test_the_histogram_tells_what_the_threshold_rejects() -> None:
    text = score_histogram(CASES, 0.5)
    assert "right intent: 3, 1 of them rejected" in text
    assert "wrong intent: 1, 0 of them rejected" in text
    assert "out of scope: 1, 0 of them rejected" in text
    assert "threshold 0.50" in text
    assert "threshold" not in score_histogram(CASES, 0.0)
    shapes = list(svg(text).iter())
    words = [float(one.attrib["y"]) for one in shapes if one.tag.endswith("text")]
    lines = [one.attrib for one in shapes if one.attrib.get("class") == "threshold"]
    assert len(lines) == 4  # one in each of three histograms, and one below its name
    for line in lines:  # none goes through words, of which y is the base
        assert not [y for y in words if float(line["y1"]) < y and y - 9 < float(line["y2"])]

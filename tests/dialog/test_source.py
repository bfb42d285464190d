"""Reading YAML: lines, YAML 1.2, and files that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialog.source import MAX_BYTES, Source, read_yaml
from ivr.errors import DeskError


def read(tmp_path: Path, text: str | bytes) -> Source:
    path = tmp_path / "desk.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, "desk.yaml")


def refused(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(DeskError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def test_words_stay_words(tmp_path: Path) -> None:
    text = (
        "a: no\nb: 2026-12-25\nc: 09:30\nd: [1, -2, 1.5, .5, true, null, '3', yes]\ne: 1_000\nf: 0x1f\ng:\n"
    )
    assert read(tmp_path, text).data == {
        "a": "no",
        "b": "2026-12-25",
        "c": "09:30",
        "d": [1, -2, 1.5, 0.5, True, None, "3", "yes"],
        "e": "1_000",
        "f": "0x1f",
        "g": None,
    }


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    source = read(tmp_path, "a:\n  b: 1\n  c:\n    - x\n    - {d: 2,\n       e: 3}\n")
    assert [source.place(*path).line for path in [("a",), ("a", "b"), ("a", "c", 0), ("a", "c", 1, "e")]] == [
        1,
        2,
        4,
        6,
    ]
    assert source.place("a", "missing").line == 1
    assert str(source.place("a", "b")) == "desk.yaml:2"


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfname: x\n").data == {"name": "x"}


def test_yaml_bomb(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "desk.yaml:1: the anchor &a0 is not allowed" in refused(tmp_path, "\n".join(lines))
    assert "desk.yaml:2: the alias *x is not allowed" in refused(tmp_path, "a: 1\nb: *x\n")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tag"),
        ("a: !!str 1\n", 1, "tag"),
        ("a: !x {b: 1}\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: {c}: d\n", 2, "not valid YAML"),
        ("greeting: {name} hello\n", 1, "not valid YAML"),
        ("? [a, b]\n: c\n", 1, "cannot be a key"),
        ("a: 1\n\tb: 2\n", 2, "Indent with spaces"),
        ('a: 1\nb: "open\n', 3, "not valid YAML"),
        ("a: 1\nb: \x07\n", 2, "does not allow"),
        ("a:\n  b: 1\n c: 2\n", 3, "not valid YAML"),
    ],
)
def test_what_is_refused_names_the_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    message = refused(tmp_path, text)
    assert message.startswith(f"desk.yaml:{line}: "), message
    assert words in message
    assert "\n" not in message


def test_deep_nesting(tmp_path: Path) -> None:
    assert "nested deeper than 20" in refused(tmp_path, "a: " + "[" * 500)
    assert "nested deeper than 20" in refused(tmp_path, "\n".join("  " * n + f"k{n}:" for n in range(300)))


def test_a_key_given_twice_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    source = read(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\n  d: 3\n")
    assert [str(problem) for problem in source.problems] == [
        "desk.yaml:4: b.c: given twice, first on line 3. Keep one of them"
    ]
    assert source.data == {"a": 1, "b": {"c": 2, "d": 3}}


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    with path.open("wb") as file:
        file.write(b"name: x")
        file.truncate(100_000_000)
    with pytest.raises(DeskError, match="larger than 1000 kB"):
        read_yaml(path, "desk.yaml")
    assert "larger" in refused(tmp_path, "a: " + "x" * MAX_BYTES)


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "desk.yaml:3: not UTF-8" in refused(tmp_path, b"a: 1\nb: 2\nc: \xff\xfe\n")
    assert "empty" in refused(tmp_path, b"")
    assert "empty" in refused(tmp_path, b" \n\n")
    with pytest.raises(DeskError, match="no such file"):
        read_yaml(tmp_path / "none.yaml", "none.yaml")
    with pytest.raises(DeskError, match="is a folder"):
        read_yaml(tmp_path, "x")
    with pytest.raises(DeskError, match="cannot be read"):
        read_yaml(tmp_path / "desk.yaml" / "below", "x")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    try:
        read_yaml(path, "any.yaml")
    except DeskError as error:
        assert str(error).startswith("any.yaml")


@settings(max_examples=300)
@given(st.text(alphabet="ab:- \n[]{}'\"|>&*!#,?%\t1.", max_size=60))
def test_any_marks_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "marks.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        read_yaml(path, "marks.yaml")
    except DeskError as error:
        assert "\n" not in str(error)

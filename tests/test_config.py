"""Settings: where they come from, and what a mistake in them says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.config import Settings, load_settings
from ivr.errors import ConfigError


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "ivr.toml"


def mistake(path: Path | None, environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_need_nothing() -> None:
    assert load_settings(None, {}) == Settings()
    assert all(path.is_absolute() for path in (Settings().state, Settings().cache, Settings().models))


def test_the_environment_comes_before_the_file(toml: Path) -> None:
    toml.write_text('call_seconds = 60\nrecognizer_threads = 3\nstate = "/a"\n')
    found = load_settings(toml, {"IVR_CALL_SECONDS": "90"})
    assert (found.call_seconds, found.recognizer_threads, found.state) == (90, 3, Path("/a"))


def test_the_file_may_be_named_by_a_variable_and_the_option_comes_before_it(toml: Path) -> None:
    toml.write_text("call_seconds = 60\n")
    assert load_settings(None, {"IVR_CONFIG": str(toml)}).call_seconds == 60
    assert "nowhere.toml" in mistake(Path("nowhere.toml"), {"IVR_CONFIG": str(toml)})


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings(None, {"IVR_STATE": "", "IVR_CALL_SECONDS": "", "IVR_CONFIG": ""}) == Settings()


def test_a_folder_is_relative_to_the_file_that_names_it(toml: Path) -> None:
    toml.write_text('state = "calls"\n')
    assert load_settings(toml, {}).state == toml.parent / "calls"
    assert load_settings(toml, {"IVR_STATE": "calls"}).state == Path("calls")


def test_a_folder_may_begin_with_the_home_folder(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    toml.write_text('state = "~/calls"\n')
    assert load_settings(toml, {"IVR_CACHE": "~/c"}).state == Path("/home/ada/calls")
    assert load_settings(toml, {"IVR_CACHE": "~/c"}).cache == Path("/home/ada/c")


def test_the_home_folder_of_nobody_is_a_name_like_others() -> None:
    assert load_settings(None, {"IVR_STATE": "~nobody-of-that-name/x"}).state == Path(
        "~nobody-of-that-name/x"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stat = 1", "stat: unknown setting. Did you mean state?"),
        (
            "colour = 1",
            "colour: unknown setting. Known are: state, cache, models, recognizer_threads, call_seconds",
        ),
        ("[calls]\nstate = 1", "calls: unknown setting"),
        ('recognizer_threads = "many"', "recognizer_threads: 'many' is not a whole number"),
        ("recognizer_threads = 1.5", "recognizer_threads: 1.5 is not a whole number"),
        ("recognizer_threads = 0", "recognizer_threads: 0 is too small. Give 1 or more"),
        ("recognizer_threads = 65", "recognizer_threads: 65 is too large. Give 64 or less"),
        ("state = 5", "state: is not the path of a folder. Give one in quotes"),
        ('state = ""', "state: is not the path of a folder"),
        ('state = "a\\u0000b"', "state: is not the path of a folder"),
        ("state = \n", "is not TOML: Invalid value (at line 1, column 9). Correct that line"),
    ],
)
def test_a_mistake_in_the_file_names_file_and_key(toml: Path, text: str, says: str) -> None:
    toml.write_text(text)
    line = mistake(toml, {})
    assert line.startswith(f"{toml}: ") and says in line


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IVR_CALL_SECONDS", "abc", "IVR_CALL_SECONDS: 'abc' is not a whole number. Give a whole number"),
        ("IVR_CALL_SECONDS", "9", "IVR_CALL_SECONDS: '9' is too small. Give 10 or more"),
        ("IVR_RECOGNIZER_THREADS", "1e9", "IVR_RECOGNIZER_THREADS: '1e9' is not a whole number"),
        ("IVR_STAT", "/x", "IVR_STAT: unknown setting. Did you mean IVR_STATE?"),
        ("IVR_CONF", "x.toml", "IVR_CONF: unknown setting. Did you mean IVR_CONFIG?"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, value: str, says: str) -> None:
    assert mistake(None, {name: value}).startswith(says)


def test_a_variable_names_itself_also_beside_a_file(toml: Path) -> None:
    toml.write_text("call_seconds = 60\n")
    assert mistake(toml, {"IVR_CALL_SECONDS": "x"}).startswith("IVR_CALL_SECONDS: ")


@pytest.mark.parametrize("name", ["IVR_SERVICE_HOST", "IVR_PORT", "IVR_PORT_80_TCP", "IVRSTATE"])
def test_variables_of_others_are_left_alone(name: str) -> None:
    """Kubernetes gives such names to every program when a service is called ivr."""
    assert load_settings(None, {name: "tcp://10.0.0.1:80"}) == Settings()


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert mistake(tmp_path, {}) == f"{tmp_path}: cannot be read (Is a directory). Check that you may read it"


def test_a_file_that_is_not_text(toml: Path) -> None:
    toml.write_bytes(b"state\xff")
    assert mistake(toml, {}) == f"{toml}: is not UTF-8 text (byte 6). Save it as UTF-8"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(alphabet="stae=\"'[]{}.#5\n", max_size=60).map(str.encode))
def test_any_bytes_are_settings_or_one_line(toml: Path, data: bytes) -> None:
    toml.write_bytes(data)
    try:
        load_settings(toml, {})
    except ConfigError as error:
        assert str(error).startswith(str(toml)) and "\n" not in str(error)

"""A desk that is reloaded beside calls is learned in another process, which ends with the server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from ivr.errors import ModelError
from ivr.meaning import IntentSpec, Vocabulary
from ivr.server.learning import Learner
from ivr.understanding import learned_cache
from ivr.understanding.learned_cache import to_learn

SAID = {
    "bill": ("about my bill", "a wrong bill", "my invoice", "I was charged twice", "pay it"),
    "hours": ("when do you open", "are you open", "your hours", "how late", "closing time"),
}
VOCABULARY = Vocabulary("en", tuple(IntentSpec(name, (), examples) for name, examples in SAID.items()))

DESK = """
name: Small
language: en-US
greeting: Hello.
intents:
  bill: {examples: said.jsonl, then: {answer: That is known.}}
  hours: {examples: said.jsonl, then: {answer: At nine.}}
"""
TOML = """
[http]
listen = "127.0.0.1:{http}"
[server]
watch_seconds = 0
[[lines]]
kind = "audiosocket"
listen = "127.0.0.1:{sound}"
default_desk = "{desk}"
"""


@pytest.fixture
def never_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("learned beside the calls")

    monkeypatch.setattr(learned_cache, "train", refuse)


@pytest.mark.usefixtures("never_here")
def test_another_process_learns(tmp_path: Path) -> None:
    assert to_learn(VOCABULARY, tmp_path)
    model = Learner()(VOCABULARY, tmp_path)
    assert model is not None and model.intents == ("bill", "hours")
    assert not to_learn(VOCABULARY, tmp_path)


@pytest.mark.usefixtures("never_here")
def test_what_is_being_learned_when_the_server_ends_is_given_up(tmp_path: Path) -> None:
    learner, failed = Learner(), []

    def learn() -> None:
        try:
            learner(VOCABULARY, tmp_path)
        except ModelError as error:
            failed.append(error)

    thread = threading.Thread(target=learn)
    thread.start()
    learns = the_child(os.getpid())
    learns.suspend()  # so that it never comes to its end
    learner.close()
    thread.join(20)
    assert not thread.is_alive() and len(failed) == 1
    assert not learns.is_running()
    with pytest.raises(ModelError):
        learner(VOCABULARY, tmp_path)


def test_a_service_that_is_stopped_while_a_desk_is_learned_ends_well(tmp_path: Path) -> None:
    """SIGTERM goes to every process, as systemd sends it."""
    desk = tmp_path / "small"
    desk.mkdir()
    (desk / "desk.yaml").write_text(DESK)
    write_sentences(desk / "said.jsonl")
    http, sound = free_ports(2)
    (tmp_path / "ivr.toml").write_text(TOML.format(http=http, sound=sound, desk=desk))
    environ = os.environ | {"IVR_STATE": str(tmp_path / "state"), "IVR_CACHE": str(tmp_path / "cache")}
    log = tmp_path / "log"
    with log.open("w") as written:
        served = subprocess.Popen(
            [sys.executable, "-m", "ivr", "serve", "--config", str(tmp_path / "ivr.toml")],
            stderr=written, env=environ, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while "ready for calls" not in log.read_text():
            assert served.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        write_sentences(desk / "said.jsonl", "and one sentence more")
        served.send_signal(signal.SIGHUP)
        the_child(served.pid).suspend()  # it would learn for long
        os.killpg(served.pid, signal.SIGTERM)
        assert served.wait(15) == 0
        # Helpers of the interpreter end when they notice that nobody is left, a moment later.
        _, left = psutil.wait_procs([one for one in psutil.process_iter() if _runs_in(served.pid, one)], 10)
        assert not left
        assert "Traceback" not in log.read_text() and "Error" not in log.read_text(), log.read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(served.pid, signal.SIGKILL)
        served.wait()


def _runs_in(group: int, process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.Error):
        return False


def write_sentences(file: Path, *more: str) -> None:
    said = [(text, name) for name, texts in SAID.items() for text in texts] + [
        (text, "bill") for text in more
    ]
    file.write_text("".join(json.dumps({"text": text, "intent": name}) + "\n" for text, name in said))


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def the_child(of: int) -> psutil.Process:
    """The process that learns for another one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(of).children():
            with contextlib.suppress(psutil.Error):
                if "spawn_main" in " ".join(child.cmdline()):
                    return child
        time.sleep(0.02)
    raise AssertionError("nothing is learned")

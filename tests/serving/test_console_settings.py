"""The sections [console] and [[queues]], and what a mistake in them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.errors import ConfigError
from ivr.handoff.rules import CallBackRules, QueueRules, Strategy
from ivr.server.console import rules_of
from ivr.serving.settings import load_serving

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "serve" / "console.toml"


def test_the_example(tmp_path: Path) -> None:
    serving = load_serving(EXAMPLE)
    assert serving.console is not None
    assert serving.console.listen.loopback
    assert [queue.name for queue in serving.queues] == ["reception", "billing", "messages"]
    load_settings(EXAMPLE, {})


def test_the_defaults_are_those_of_the_rules(tmp_path: Path) -> None:
    toml = tmp_path / "ivr.toml"
    toml.write_text('[console]\n[[queues]]\nname = "a"\n[[queues]]\nname = "b"\nstrategy = "ring-all"\n')
    toml.write_text(toml.read_text() + "call_back = {attempts = 2}\nmost = 3\noverflow = 'a'\n")
    first, second = (rules_of(queue) for queue in load_serving(toml).queues)
    assert first == QueueRules("a")
    assert second == QueueRules(
        "b", Strategy.RING_ALL, most=3, overflow="a", call_back=CallBackRules(attempts=2)
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[console]\nlisten = '0.0.0.0:80'", "console: other machines could reach 0.0.0.0:80. "),
        (
            "[console]\nlisten = '0.0.0.0:80'\npublic = true",
            "console: passwords and callers' voices",
        ),
        ("[console]\nkey = 'k.pem'", "console: certificate and key go together. Give both, or none"),
        ("[console]\nlisen = '127.0.0.1:1'", "console.lisen: unknown setting. Did you mean listen?"),
        ("[console]\n[queues]\nname = 'a'", "queues: is not a list of queues. Write its head as [[queues]]"),
        ("[console]\n[[queues]]\n", "queues[1].name: is missing. Add it"),
        ("[console]\n[[queues]]\nname='a'\nring=0", "queues[1].ring: 0 is too small. Give 1 or more"),
        ("[console]\n[[queues]]\nname='a'\nstrategy='x'", "queues[1].strategy: 'x': input should be "),
        ("[console]\n[[queues]]\nname='a'\noverflow='a'", "queues[1]: the queue would overflow into itself"),
        ("[console]\n[[queues]]\nname='a'\noverflow='b'", "queues[1].overflow: there is no queue 'b'"),
        ("[console]\n[[queues]]\nname='a'\n[[queues]]\nname='a'", "queues[1].name: two queues are called a"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, says: str) -> None:
    toml = tmp_path / "ivr.toml"
    toml.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_serving(toml)
    assert str(error.value).removeprefix(f"{toml}: ").startswith(says)

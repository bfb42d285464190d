"""The sections [console] and [[queues]], and what a mistake in them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.errors import ConfigError
from ivr.handoff.rules import CallBackRules, QueueRules, Strategy
from ivr.server.console import rules_of
from ivr.server.webhooks import target_of
from ivr.serving.settings import load_serving
from ivr.serving.webhooks import WebhookSettings

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
        (
            "[console]\n[[queues]]\nname='a'\n[queues.hours]\ntimezone='Mars/X'\nopen=['mon 09:00-10:00']",
            "queues[1].hours: there is no time zone 'Mars/X'. Write one like",
        ),
        (
            "[console]\n[[queues]]\nname='a'\n[queues.hours]\ntimezone='Europe/Paris'\nopen=['mo 9-10']",
            "queues[1].hours: no such day 'mo' in 'mo 9-10'",
        ),
        ("[console]\n[[queues]]\nname='a'\noverflow='a'", "queues[1]: the queue would overflow into itself"),
        ("[console]\n[[queues]]\nname='a'\noverflow='b'", "queues[1].overflow: there is no queue 'b'"),
        ("[console]\n[[queues]]\nname='a'\n[[queues]]\nname='a'", "queues[1].name: two queues are called a"),
        ("[console]\n[[webhooks]]\nurl='x'\nsecret_file='s'", "webhooks[1]: 'x' is no address. Write url ="),
        (
            "[console]\n[[webhooks]]\nurl='http://crm.example/'\nsecret_file='s'",
            "webhooks[1]: callers' numbers and words would cross the network in the clear. Use https",
        ),
        (
            "[console]\n[[webhooks]]\nurl='http://[::1]/'\nsecret_file='s'\nevents=['gone']",
            "webhooks[1].events.0: 'gone': input should be",
        ),
        (
            "[console]\n[[webhooks]]\nurl='https://a/'\nsecret_file='s'\n[[webhooks]]\nurl='https://b/'\n"
            "secret_file='s'",
            "webhooks[1].name: two are called webhook",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, says: str) -> None:
    toml = tmp_path / "ivr.toml"
    toml.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_serving(toml)
    assert str(error.value).removeprefix(f"{toml}: ").startswith(says)


def test_a_webhook_s_secret(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    settings = WebhookSettings(url="https://crm.example.com/ivr", secret_file=secret, events=("ended",))
    with pytest.raises(ConfigError, match=r"webhook webhook: the secret .* cannot be read \(No such file"):
        target_of(settings)
    secret.write_text("short")
    with pytest.raises(ConfigError, match="has 5 bytes, and 24 are needed"):
        target_of(settings)
    secret.write_text("a secret of twenty-four bytes\n")
    target = target_of(settings)
    assert target.key == b"a secret of twenty-four bytes"
    assert target.wants("queue.ended", "any") and not target.wants("queue.entered", "any")
    assert "secret of" not in repr(target)

"""What ``ivr serve`` is told, and what a mistake in it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.config import load_settings
from ivr.errors import ConfigError
from ivr.serving.address import Address, allowed, parse_address, parse_network
from ivr.serving.lines import AudioSocketSettings, number_key
from ivr.serving.mistake import Mistake
from ivr.serving.settings import load_serving

LINE = '[[lines]]\nkind = "audiosocket"\nlisten = "127.0.0.1:9092"\ndefault_desk = "company"\n'


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "ivr.toml"


def mistake(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_serving(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_line_needs_little(toml: Path) -> None:
    toml.write_text(LINE)
    serving = load_serving(toml)
    (line,) = serving.lines
    assert isinstance(line, AudioSocketSettings)
    assert (line.label, line.listen, line.public, line.record) == (
        "audiosocket",
        Address("127.0.0.1", 9092),
        False,
        False,
    )
    assert serving.http.listen.loopback and serving.all_desks() == ("company",)


def test_the_other_commands_can_use_the_same_file(toml: Path) -> None:
    toml.write_text("call_seconds = 60\n[server]\nmax_calls = 3\n" + LINE)
    assert load_settings(toml, {}).call_seconds == 60
    assert load_serving(toml).server.max_calls == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "",
            "has no line that calls could come in on. Add a section [[lines]]; ivr serve --help shows one",
        ),
        ("lines = 3", "lines: is not a list of lines. Write its head as [[lines]], in two pairs of brackets"),
        ("[[lines]]", 'lines[1]: the line has no kind. Add kind = "...", one of: audiosocket'),
        (
            '[[lines]]\nkind = "pots"',
            "lines[1].kind: there is no line of the kind 'pots'. Known are: audiosocket",
        ),
        ('[[lines]]\nkind = "audiosocket"', "lines[1].listen: is missing. Add it"),
        (
            LINE.replace("127.0.0.1", "0.0.0.0"),
            "lines[1]: other machines could reach 0.0.0.0:9092. Listen at 127.0.0.1, or add public = true",
        ),
        (
            LINE.replace("127.0.0.1", "10.0.0.5") + "public = true",
            "lines[1]: anybody who reaches it could call, because the protocol knows no password. Add allow",
        ),
        (LINE.replace("9092", "x"), "lines[1].listen: '127.0.0.1:x' has no port between 0 and 65535"),
        (LINE.replace("127.0.0.1", "example.com"), "lines[1].listen: 'example.com:9092' has no IP address"),
        (LINE + 'allow = ["1.2.3.4/8"]', "lines[1].allow.0: '1.2.3.4/8' is no address or network"),
        (LINE + "maxcalls = 1", "lines[1].maxcalls: unknown setting. Did you mean max_calls?"),
        (LINE + "max_calls = 0", "lines[1].max_calls: 0 is too small. Give 1 or more"),
        (LINE.replace('default_desk = "company"', ""), "lines[1]: the line has no desk. Add default_desk"),
        (LINE + LINE, 'lines: two lines are called audiosocket. Give each a name = "..." of its own'),
        (
            LINE + "[server]\ndrain_second = 3",
            "server.drain_second: unknown setting. Did you mean drain_seconds?",
        ),
        ('http = "x"\n' + LINE, "http: is not a section. Write its head as [server] or [http]"),
        (LINE + '[http]\nlisten = "192.168.1.4:80"', "http: other machines could reach 192.168.1.4:80"),
        (
            LINE.replace("audiosocket", "media-stream") + 'token_file = "t"',
            "lines[1]: a signature holds the URL that the provider calls. Add url",
        ),
        (
            LINE.replace("audiosocket", "media-stream").replace("127.0.0.1", "10.0.0.5") + "public = true",
            "lines[1]: anybody who reaches it could call, because nothing is signed. Add token_file",
        ),
        (
            LINE.replace("audiosocket", "media-stream") + 'key = "k"',
            "lines[1]: certificate and key go together. Give both, or none",
        ),
        (
            LINE.replace("audiosocket", "browser").replace("127.0.0.1", "10.0.0.5") + "public = true",
            "lines[1]: browsers lend the microphone only to pages that come over HTTPS. Add certificate",
        ),
        (LINE + 'name = "a b"', "lines[1].name: 'a b' is no name. Use at most 32 letters"),
    ],
)
def test_a_mistake_names_the_key_and_the_remedy(toml: Path, text: str, says: str) -> None:
    assert mistake(toml, text).startswith(says)


def test_a_misspelt_section_is_told_by_every_command(toml: Path) -> None:
    toml.write_text("[[line]]\n")
    with pytest.raises(ConfigError, match=r"line: unknown setting\. Did you mean lines\?"):
        load_settings(toml, {})


@pytest.mark.parametrize("called", ["+44 20 7946 0001", "+442079460001", "(+44) 20.79460001"])
def test_a_desk_is_found_however_the_number_is_written(called: str) -> None:
    line = AudioSocketSettings(
        listen=Address("127.0.0.1", 1), desks={"+44 20 7946 0001": "shop"}, default_desk="company"
    )
    assert line.desk_for(called) == "shop"
    assert line.desk_for("+44 20 7946 0002") == line.desk_for("") == "company"


def test_without_a_default_other_numbers_have_no_desk() -> None:
    line = AudioSocketSettings(listen=Address("127.0.0.1", 1), desks={"100": "shop"})
    assert (line.desk_for("100"), line.desk_for("101")) == ("shop", None)


@given(st.text(max_size=30))
def test_a_number_is_the_same_however_often_it_is_shortened(number: str) -> None:
    assert number_key(number_key(number)) == number_key(number)


@given(st.ip_addresses(), st.integers(0, 65_535))
def test_an_address_is_read_as_it_is_written(host: object, port: int) -> None:
    address = Address(str(host), port)
    assert parse_address(str(address)) == address


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_mistake(text: str) -> None:
    try:
        parse_address(text)
    except Mistake as mistake:
        assert mistake.remedy


@pytest.mark.parametrize(
    ("networks", "host", "may"),
    [
        ((), "127.0.0.1", True),
        ((), "::1", True),
        ((), "10.0.0.1", False),
        (("10.0.0.0/8",), "10.1.2.3", True),
        (("10.0.0.0/8",), "::ffff:10.1.2.3", True),
        (("10.0.0.0/8",), "11.0.0.1", False),
        (("10.0.0.0/8",), "127.0.0.1", False),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("0.0.0.0/0",), "example.com", False),
    ],
)
def test_who_may_connect(networks: tuple[str, ...], host: str, may: bool) -> None:
    assert allowed([parse_network(network) for network in networks], host) is may


def test_a_summary_address_names_the_call(toml: Path) -> None:
    toml.write_text('[server]\nsummary_url = "https://desk.example/calls/{call_id}"\n' + LINE)
    assert load_serving(toml).server.summary_url == "https://desk.example/calls/{call_id}"
    said = mistake(toml, '[server]\nsummary_url = "https://desk.example/"\n' + LINE)
    assert said.startswith("server") and "Put {call_id} into it" in said


def test_prompts_are_made_for_the_rates_of_the_lines_that_ask_for_a_desk(toml: Path) -> None:
    page = LINE.replace("audiosocket", "browser").replace("9092", "1").replace("company", "page")
    sip = LINE.replace("audiosocket", "sip").replace("9092", "2").replace("company", "phone")
    toml.write_text(LINE + page + sip)
    serving = load_serving(toml)
    rates = [serving.rates_of(desk) for desk in ("company", "page", "phone", "nobody")]
    assert rates == [(8000,), (16_000,), (8000, 16_000), ()]
    toml.write_text(LINE + page.replace("page", "company") + sip + 'codecs = ["pcma"]\n')
    serving = load_serving(toml)
    assert [serving.rates_of(desk) for desk in ("company", "phone")] == [(8000, 16_000), (8000,)]

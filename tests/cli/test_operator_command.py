"""``ivr operator``: accounts on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

from cli_helpers import Run

Ivr = Callable[..., Run]
GOOD = "correct horse battery"


def test_add_list_disable(ivr: Ivr) -> None:
    assert ivr("operator", "list", "--json").out == "[]\n"
    added: Run = ivr("operator", "add", "ann", "--queue", "billing", "--skill", "german", typed=GOOD + "\n")
    assert (added.status, added.out) == (0, "")
    assert ivr("operator", "add", "sam", "--role", "supervisor", typed=GOOD).status == 0
    assert ivr("operator", "disable", "ann").status == 0
    ann, sam = json.loads(ivr("operator", "list", "--json").out)
    assert (ann["name"], ann["role"], ann["queues"], ann["skills"]) == (
        "ann",
        "operator",
        ["billing"],
        ["german"],
    )
    assert ann["disabled"]
    assert (sam["role"], sam["queues"], sam["disabled"]) == ("supervisor", None, False)
    shown: str = ivr("operator", "list").out
    assert "disabled" in shown
    assert ivr("operator", "enable", "ann").status == 0
    assert ivr("operator", "password", "ann", typed="another long one\n").status == 0


def test_a_second_factor_and_a_token(ivr: Ivr) -> None:
    run: Run = ivr("operator", "add", "ann", "--totp", typed=GOOD)
    assert run.out.startswith("otpauth://totp/")
    assert ivr("operator", "token", "ann", "--label", "crm").out.startswith("ivr_")
    assert ivr("operator", "totp", "ann", "--off").status == 0


def test_bad_input(ivr: Ivr) -> None:
    assert "has fewer than 10 characters" in ivr("operator", "add", "ann", typed="short").error
    assert "has fewer than 10 characters" in ivr("operator", "add", "ann", typed="").error
    assert "is no name for an account" in ivr("operator", "add", "Ann B", typed=GOOD).error
    assert "there is no such account" in ivr("operator", "disable", "zoe").error
    assert "there is no such account" in ivr("operator", "password", "zoe", typed=GOOD).error
    assert ivr("operator", "add", "ann", typed=GOOD).status == 0
    assert "exists already" in ivr("operator", "add", "ann", typed=GOOD).error
    assert ivr("operator", "add", "bob", "--role", "king", typed=GOOD).status == 2


def test_a_telephone(ivr: Ivr) -> None:
    assert ivr("operator", "add", "ann", "--phone", "201", typed=GOOD).status == 0
    assert json.loads(ivr("operator", "list", "--json").out)[0]["phone"] == "201"
    assert ivr("operator", "phone", "ann", "sip:ann@pbx.example.com").status == 0
    assert "sip:ann@pbx.example.com" in ivr("operator", "list").out
    for bad in ("sip:ann@pbx;x=1", "http://x/", "2 01", "sip:ann"):
        refused: Run = ivr("operator", "phone", "ann", bad)
        assert refused.status == 2 and "is no telephone" in refused.err, bad
    assert (
        ivr("operator", "phone", "ann").err == "the browser rings, from the next opening of the console on\n"
    )
    assert json.loads(ivr("operator", "list", "--json").out)[0]["phone"] == ""

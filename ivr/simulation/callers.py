"""``callers.yaml`` beside a desk: what simulated callers want of it, and how they say so.

The file is for trials alone: nothing in it is ever used to understand a real caller. Each entry is a want;
its wordings should be ones that the desk does not hold, as real callers' are.

    callers:
      - intent: billing
        says:
          - there's an amount on my statement I can't place
          - somebody has to explain these costs to me
        facts: {callback: five five five oh one four two}
        answers: {is it about: it's about my bill}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import IvrError

CALLERS_FILE = "callers.yaml"

_Wording = Annotated[str, Field(min_length=1, max_length=500)]


class CallersError(IvrError):
    """A file of callers that cannot be used; place is the file and the key."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Want(_Part):
    """What a caller wants, and says.

    intent   of the desk
    says     wordings; ``{slot}`` is what the caller says for that fact
    facts    slot: what the caller says when asked for it; a list is several callers' answers. What is not
             given is made up by the slot's type
    answers  part of a prompt: what the caller says to it, before anything else is considered
    """

    intent: str
    says: tuple[_Wording, ...] = Field(min_length=1)
    facts: dict[str, _Wording | tuple[_Wording, ...]] = {}
    answers: dict[str, _Wording] = {}


class Callers(_Part):
    """All wants; the answers at the top hold for every one of them."""

    callers: tuple[Want, ...] = Field(min_length=1)
    answers: dict[str, _Wording] = {}


def load_callers(path: Path) -> Callers:
    """Read a file of callers. Raises CallersError naming the file, the key and what is wrong."""
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise CallersError(f"cannot be read ({error})", place=str(path), remedy="Mend the file") from None
    try:
        return Callers.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ":".join([str(path), ".".join(str(part) for part in first["loc"])])
        raise CallersError(
            first["msg"], place=place, remedy="docs/simulate.md describes the format"
        ) from None

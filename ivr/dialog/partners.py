"""The other languages of a desk: how callers ask for each, and the desk that goes on in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.dialog.desk import DeskIntent, Flow
from ivr.dialog.files import DESK_FILE
from ivr.dialog.language import Language, TongueText, load_language
from ivr.dialog.prompts import Writer, filled
from ivr.dialog.schema import DeskText, PartnerText
from ivr.dialog.steps import Prompts, SwitchStep
from ivr.dialog.terms import Check, Standard
from ivr.dialog.text import Text

WISH = "language_"
"""The intent of a wish is called so, with the language's primary subtag."""


def partner_file(folder: Path, partner: PartnerText) -> Path:
    """The desk file that a desk in `folder` names."""
    path = folder / partner.desk
    return path / DESK_FILE if path.is_dir() else path


def wishes(
    text: DeskText, writer: Writer, words: Language, standard: Mapping[Standard, Prompts], folder: Path
) -> Iterator[DeskIntent]:
    """An intent for each other language; faults go to the writer."""
    for code, partner in text.languages.items():
        path = ("languages", code)
        name = f"{WISH}{code}"
        if code == words.code.split("-")[0].lower():
            writer.problem(path, "is the language of this desk", "Leave it out, or correct `language`")
        if name in text.intents:
            writer.problem(path, f"there is an intent {name!r}", "Give that intent another name")
        file = partner_file(folder, partner)
        if not file.is_file():
            writer.problem(
                (*path, "desk"), f"no desk {partner.desk!r}", "Name the folder of a desk, from here"
            )
        label, said, own = _said(code, words)
        confirm = filled(
            standard[Standard.CONFIRM_INTENT],
            f"intents.{name}.{Standard.CONFIRM_INTENT.value}",
            {"intent": Text((label,))},
        )
        place = writer.source.place(*path)
        steps = (SwitchStep(code, str(file), place),)
        templates = tuple((template, place) for template in (*said, *partner.say))
        yield DeskIntent(
            Flow(name, label, True, (), steps, confirm, place),
            templates,
            (),
            partner.keys or "",
            Check.AUTO,
            whole=(*said, *partner.say, *own),
        )


def _said(code: str, words: Language) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What a language is called here, how it is asked for here, and how by those who speak only it."""
    here = words.text.tongues.get(code, TongueText(label=code))
    there = load_language(code)
    own = there.text.tongues.get(code) if there.text.language == code else None
    return here.label, here.say, own.say if own is not None else ()

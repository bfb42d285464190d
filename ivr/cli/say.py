"""``ivr say``: hear a sentence as callers will."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.console import err, errors
from ivr.media.pcm import NARROWBAND, duration, level_dbfs
from ivr.media.wav import write_wav
from ivr.mouth.choose import VoiceKind, open_synthesizer


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help="The WAV file to write.")],
    language: Annotated[
        str, typer.Option(help="Language of the voice, for example en-GB or ko-KR.")
    ] = "en-US",
    voice: Annotated[
        VoiceKind, typer.Option(help="The engine; auto takes the best there is.")
    ] = VoiceKind.AUTO,
    rate: Annotated[
        int, typer.Option(help="Samples a second: 8000 as on the telephone, or 16000.")
    ] = NARROWBAND,
) -> None:
    """Speak TEXT into a WAV file.

    Example: ivr say "Your order is on its way." --out order.wav
    """
    with errors():
        if rate not in (8000, 16000):
            raise typer.BadParameter("8000 or 16000", param_hint="--rate")
        synthesizer = open_synthesizer(voice, language)
        try:
            pcm = synthesizer.speak(text, rate)
        finally:
            synthesizer.close()
        write_wav(to, pcm, rate)
        err.print(
            f"{to}: {duration(pcm, rate):.1f} s, {level_dbfs(pcm):.0f} dBFS, {synthesizer.name}",
            highlight=False,
            soft_wrap=True,
        )

"""``ivr say``: hear a sentence as callers will."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.console import err, errors
from ivr.cli.files import refuse_output
from ivr.errors import VoiceError
from ivr.media.pcm import LINE_RATES, NARROWBAND, duration, level_dbfs
from ivr.media.wav import write_wav
from ivr.mouth.choose import VoiceKind, open_synthesizer
from ivr.show import printable


def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help="The WAV file to write.")],
    language: Annotated[
        str, typer.Option(metavar="TAG", help="Language of the voice, for example en-GB or ko-KR.")
    ] = "en-US",
    voice: Annotated[
        VoiceKind, typer.Option(help="The engine; auto takes the best there is.")
    ] = VoiceKind.AUTO,
    rate: Annotated[
        int, typer.Option(metavar="HZ", help="Samples a second: 8000 as on the telephone, or 16000.")
    ] = NARROWBAND,
) -> None:
    """Speak TEXT into a WAV file.

    Example: ivr say "Your order is on its way." --out order.wav
    """
    with errors():
        if rate not in LINE_RATES:
            raise VoiceError(f"{rate} is no rate of a line", place="--rate", remedy="Give 8000 or 16000")
        refuse_output(to, ())
        synthesizer = open_synthesizer(voice, language)
        try:
            pcm = synthesizer.speak(text, rate)
        finally:
            synthesizer.close()
        if not pcm.any():
            raise VoiceError("there is nothing in it to speak", place="TEXT", remedy="Give words")
        write_wav(to, pcm, rate)
        err.one_line(
            f"{printable(str(to))}: {duration(pcm, rate):.1f} s, {level_dbfs(pcm):.0f} dBFS, "
            f"{printable(synthesizer.name)}"
        )

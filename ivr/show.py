"""A call as people read it: one line a turn, as it happens. Writes to any rich console (pipe-safe)."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from ivr.events import (
    ActionFailed,
    CallEnded,
    CallStarted,
    Decided,
    Event,
    HandedOff,
    KeyPressed,
    NoInput,
    PromptEnded,
    PromptStarted,
    Say,
    SlotFilled,
    Transfer,
    Trouble,
    Understood,
)


class Shown:
    """A sink of the journal that prints. Typed calls have no sound: prompts are shown as they are said."""

    def __init__(self, console: Console, *, typed: bool = False) -> None:
        self._console = console
        self._typed = typed

    def __call__(self, at: float, event: Event) -> None:
        """Print what a reader wants to see of `event`; most events are not shown."""
        match event:
            case CallStarted(desk=desk, line=line, recognizer=recognizer, voice=voice):
                parts = " · ".join(escape(part) for part in (line, recognizer, voice) if part)
                self._console.print(f"[bold]{escape(desk)}[/bold]  [dim]{parts}[/dim]", highlight=False)
            case PromptStarted(text=text, wait=wait) if not self._typed:
                after = "" if wait is None else f"  [dim](caller waited {wait:.2f} s)[/dim]"
                self._line(at, "[cyan]desk  [/cyan]", f"{escape(text)}{after}")
            case Say(text=text) if self._typed:
                self._line(at, "[cyan]desk  [/cyan]", escape(text))
            case PromptEnded(interrupted=True, heard=heard):
                self._note(at, f"the caller spoke over it after {heard:.1f} s")
            case Understood(heard=heard):
                sure = "" if self._typed else f"  [dim](heard, {heard.confidence:.0%} sure)[/dim]"
                words = escape(heard.text) if heard.text else "[dim]nothing recognizable[/dim]"
                self._line(at, "[green]caller[/green]", f"{words}{sure}")
            case KeyPressed(key=key):
                self._line(at, "[green]caller[/green]", f"[dim]presses[/dim] {escape(key)}")
            case NoInput(waited=waited):
                self._line(at, "[green]caller[/green]", f"[dim]says nothing for {waited:.1f} s[/dim]")
            case Decided(decision=decision, about=about, score=score):
                self._note(at, f"decided: {decision} {escape(about)} [dim]({score:.2f})[/dim]")
            case SlotFilled(slot=slot):
                self._note(at, f"{escape(slot.name)} = {escape(slot.value)} [dim]({slot.score:.2f})[/dim]")
            case Transfer(route=route):
                extension = f", extension {route.extension}" if route.extension else ""
                self._note(at, f"transfer to {escape(route.label or route.name)}{escape(extension)}")
            case HandedOff(handoff_id=number, queue=queue):
                self._note(at, f"handed to a person: queue {escape(queue)}, number {number}")
            case Trouble(where=where, what=what):
                self._line(at, "[red]trouble[/red]", f"{escape(where)}: {escape(what)}")
            case ActionFailed(detail=detail):
                self._line(at, "[red]trouble[/red]", escape(detail))
            case CallEnded(seconds=seconds):
                self._note(at, f"the call lasted {seconds:.1f} s")
            case _:
                pass

    def _line(self, at: float, who: str, what: str) -> None:
        self._console.print(f"[dim]{at:6.1f} s[/dim]  {who}  {what}", highlight=False, soft_wrap=True)

    def _note(self, at: float, what: str) -> None:
        self._console.print(f"[dim]{at:6.1f} s          {what}[/dim]", highlight=False, soft_wrap=True)

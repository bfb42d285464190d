"""Whatever happens in whatever order: nobody is lost, nobody is given twice, nobody is rung twice."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.distributor import Distributor
from ivr.handoff.operators import Doing
from ivr.handoff.rules import CallBackRules, QueueRules, Strategy

NAMES = st.sampled_from(["ann", "bob", "cat"])
HANDOFFS = st.integers(1, 6)
QUEUES = st.sampled_from(["a", "b", "c"])
SKILLS = st.frozensets(st.sampled_from(["x", "y"]))


class Floor(RuleBasedStateMachine):
    """Callers, operators and time, as they come. `here` are the handoffs that nobody has settled yet."""

    def __init__(self) -> None:
        super().__init__()
        rules = [
            QueueRules("a", Strategy.RING_ALL, ring=5, wrap_up=4, longest_wait=9, overflow="b"),
            QueueRules("b", Strategy.ROUND_ROBIN, ring=5, wrap_up=0, most=2),
            QueueRules("c", Strategy.FEWEST_CALLS, ring=5, misses=1, call_back=CallBackRules(2, 7)),
        ]
        self.it = Distributor(rules)
        self.now = 0.0
        self.here: set[int] = set()
        self.offered: set[tuple[str, int]] = set()
        self.asked: set[tuple[str, int]] = set()

    def tell(self, message: told.Message) -> tuple[do.Action, ...]:
        actions = self.it.handle(message, self.now)
        for action in actions:
            match action:
                case do.Offer(name, handoff):
                    assert (name, handoff) not in self.offered
                    self.offered.add((name, handoff))
                case do.Withdraw(name, handoff):
                    self.offered.remove((name, handoff))
                case do.Connect(name, handoff) | do.CallBack(name, handoff):
                    self.offered.discard((name, handoff))
                case do.Ask(name, handoff):
                    assert (name, handoff) not in self.asked
                    self.asked.add((name, handoff))
                case do.AskEnded(name, handoff) | do.Join(name, handoff):
                    self.asked.discard((name, handoff))
                case do.Abandoned(handoff) | do.GivenUp(handoff) | do.Refuse(handoff):
                    self.here.remove(handoff)
                case _:
                    pass
        return actions

    @rule(
        handoff=HANDOFFS,
        queue=QUEUES,
        priority=st.integers(0, 2),
        skills=SKILLS,
        number=st.sampled_from([None, "5", ""]),
    )
    def enter(
        self, handoff: int, queue: str, priority: int, skills: frozenset[str], number: str | None
    ) -> None:
        self.here.add(handoff)
        self.tell(told.Entered(handoff, queue, priority, self.now, skills, number))

    @rule(handoff=HANDOFFS)
    def leave(self, handoff: int) -> None:
        if handoff in self.it.floor.talks:
            self.here.discard(handoff)
        self.tell(told.CallerLeft(handoff))

    @rule(handoff=HANDOFFS)
    def want_call_back(self, handoff: int) -> None:
        self.tell(told.CallBackWanted(handoff, "7"))

    @rule(name=NAMES, skills=st.none() | SKILLS)
    def sign_on(self, name: str, skills: frozenset[str] | None) -> None:
        self.tell(told.SignedOn(name, None, skills))

    @rule(name=NAMES, what=st.sampled_from([told.Ready, told.Ready, told.Away, told.Gone, told.WrappedUp]))
    def change(self, name: str, what: type[told.Ready | told.Away | told.Gone | told.WrappedUp]) -> None:
        self.tell(what(name))
        if what is told.Gone:
            self.offered = {pair for pair in self.offered if pair[0] != name}
            self.asked = {pair for pair in self.asked if pair[0] != name}

    @rule(name=NAMES, handoff=HANDOFFS, what=st.sampled_from([told.Accepted, told.Declined, told.Taken]))
    def answer(self, name: str, handoff: int, what: type[told.Accepted | told.Declined | told.Taken]) -> None:
        self.tell(what(name, handoff))

    @rule(name=NAMES, handoff=HANDOFFS)
    def end(self, name: str, handoff: int) -> None:
        talk = self.it.floor.talks.get(handoff)
        if talk is not None and talk.operator == name:
            self.here.discard(handoff)
        self.tell(told.Ended(name, handoff))

    @rule(name=NAMES, handoff=HANDOFFS, queue=QUEUES)
    def pass_on(self, name: str, handoff: int, queue: str) -> None:
        self.tell(told.PassedOn(name, handoff, queue))

    @rule(name=NAMES, handoff=HANDOFFS, colleague=NAMES, hand_over=st.booleans())
    def ask(self, name: str, handoff: int, colleague: str, hand_over: bool) -> None:
        self.tell(told.Asked(name, handoff, colleague, hand_over))

    @rule(name=NAMES, handoff=HANDOFFS, what=st.sampled_from([told.Left, told.TakenOver]))
    def come_or_go(self, name: str, handoff: int, what: type[told.Left | told.TakenOver]) -> None:
        self.tell(what(name, handoff))

    @rule(name=NAMES, handoff=HANDOFFS)
    def not_reached(self, name: str, handoff: int) -> None:
        self.tell(told.NotReached(name, handoff))

    @rule(handoff=HANDOFFS, queue=QUEUES, priority=st.integers(0, 2))
    def move(self, handoff: int, queue: str, priority: int) -> None:
        self.tell(told.Moved(handoff, queue, priority))

    @rule(seconds=st.floats(0, 30))
    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        steps = 0
        while (wake := self.it.wake) is not None and wake <= end:
            self.now = max(self.now, wake)
            self.tell(told.Tick())
            steps += 1
            assert steps < 200, "it wakes for nothing"
        self.now = end

    @invariant()
    def nobody_is_lost_or_doubled(self) -> None:
        floor = self.it.floor
        assert set(floor.entries) | set(floor.talks) == self.here
        assert not set(floor.entries) & set(floor.talks)

    @invariant()
    def operators_and_callers_agree(self) -> None:
        floor = self.it.floor
        rung = {(name, entry.handoff) for entry in floor.entries.values() for name in entry.ringing}
        assert rung == self.offered
        asked = {(name, number) for number, talk in floor.talks.items() for name in talk.asked}
        assert asked == self.asked
        rung |= asked
        for one in floor.operators.values():
            mine = {handoff for name, handoff in rung if name == one.name}
            assert mine == ({one.handoff} if one.doing is Doing.RINGING else set())
            talks = {handoff for handoff, talk in floor.talks.items() if talk.has(one.name)}
            assert talks == ({one.handoff} if one.doing is Doing.TALKING else set())

    @invariant()
    def skills_fit(self) -> None:
        for entry in self.it.floor.entries.values():
            for name in entry.ringing:
                skills = self.it.floor.operators[name].skills
                assert skills is None or entry.skills <= skills

    @invariant()
    def nobody_waits_beside_a_free_operator(self) -> None:
        floor = self.it.floor
        for entry in floor.entries.values():
            if entry.ringing or entry.not_before > self.now:
                continue
            free = [one for one in floor.operators.values() if one.free_for(entry)]
            assert all(one.name in entry.tried for one in free)


Floor.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestFloor = Floor.TestCase

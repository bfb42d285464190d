from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.handoff.queue import ALLOWED_FROM, LEADS_TO, Place, State, StepKind, fits, line_up, waited

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def place(number: int, *, priority: int = 5, ago: float = 0, queue: str = "q", skills: str = "") -> Place:
    return Place(number, queue, priority, NOON - timedelta(seconds=ago), frozenset(skills.split()))


def numbers(places: tuple[Place, ...]) -> list[int]:
    return [one.id for one in places]


def test_the_more_urgent_first_then_whoever_waited_longest() -> None:
    line = [place(1, ago=10), place(2, ago=90), place(3, priority=0, ago=1), place(4, priority=9, ago=900)]
    assert numbers(line_up(line, NOON)) == [3, 2, 1, 4]


def test_equal_waits_go_by_number() -> None:
    assert numbers(line_up([place(2, ago=5), place(1, ago=5)], NOON)) == [1, 2]


def test_a_clock_set_back_leaves_the_order_of_arrival() -> None:
    assert waited(NOON + timedelta(hours=1), NOON) == 0.0
    assert numbers(line_up([place(2, ago=-50), place(1, ago=-100), place(3, ago=1)], NOON)) == [3, 1, 2]


def test_waiting_time_counts_across_offsets() -> None:
    east = NOON.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert waited(east, NOON + timedelta(seconds=30)) == 30.0


def test_an_operator_sees_only_what_they_can_take() -> None:
    needs_both = place(1, queue="billing", skills="billing french")
    assert fits(needs_both)
    assert fits(needs_both, queue="billing", skills={"billing", "french", "sales"})
    assert not fits(needs_both, skills={"billing"})
    assert not fits(needs_both, queue="sales")
    line = [needs_both, place(2, queue="billing"), place(3, queue="sales")]
    assert numbers(line_up(line, NOON, queue="billing", skills=set())) == [2]


def test_every_step_but_the_first_starts_from_somewhere_and_done_is_the_end() -> None:
    assert set(LEADS_TO) == set(ALLOWED_FROM) == set(StepKind)
    assert [kind for kind in StepKind if not ALLOWED_FROM[kind]] == [StepKind.ENTERED]
    assert not any(State.DONE in states for states in ALLOWED_FROM.values())
    assert set(LEADS_TO.values()) == set(State)


places = st.builds(
    Place,
    id=st.integers(1, 1_000),
    queue=st.sampled_from(["a", "b"]),
    priority=st.integers(0, 5),
    entered=st.integers(-100, 100).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    skills=st.frozensets(st.sampled_from("xyz")),
)


@given(st.lists(places, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_line_is_given(line: list[Place], random: object) -> None:
    expected = line_up(line, NOON)
    random.shuffle(line)  # type: ignore[attr-defined]
    assert line_up(line, NOON) == expected
    assert sorted(numbers(expected)) == sorted(one.id for one in line)
    for earlier, later in zip(expected, expected[1:], strict=False):
        assert earlier.priority <= later.priority
        if earlier.priority == later.priority:
            assert waited(earlier.entered, NOON) >= waited(later.entered, NOON)

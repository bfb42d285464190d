"""What an account is, and what its roles may do. Pure."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.errors import UnknownError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
PHONE = re.compile(r"\+?[0-9*#]{1,32}|sip:[A-Za-z0-9._+*#-]{1,64}@[A-Za-z0-9.\[\]:-]{1,253}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256
"""Characters. The longest is what a login may cost us to hash."""

SESSION_TIME = timedelta(hours=12)
IDLE_TIME = timedelta(hours=2)


class Role(enum.StrEnum):
    """What somebody may do: each role may also do what those before it may."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """Whether this role includes `needed`."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Deed(enum.StrEnum):
    """What the audit log remembers."""

    LOGIN = "login"
    LOGIN_FAILED = "login failed"
    LOGOUT = "logout"
    ADDED = "account added"
    CHANGED = "account changed"
    DISABLED = "account disabled"
    ENABLED = "account enabled"
    PASSWORD = "password set"  # noqa: S105 - the name of a deed
    TOKEN = "token made"  # noqa: S105
    SAW = "saw"
    PLAYED = "played"
    TOOK = "took"
    WROTE = "wrote up"
    MOVED = "moved"
    LISTENED = "listened in"
    REFUSED = "refused"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in.

    queues  whose callers they see and take; None for all
    skills  what they can; None for everything
    totp    whether a second factor is asked for
    phone   the telephone that rings for them instead of the browser, "" for none
    """

    name: str
    role: Role
    queues: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    totp: bool = False
    disabled: bool = False
    created: datetime | None = None
    phone: str = ""

    def sees(self, queue: str) -> bool:
        """Whether the callers of `queue` are any of their business."""
        return self.queues is None or queue in self.queues or self.role.may(Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Session:
    """A login in a browser. `csrf` is repeated in every form: another site cannot know it."""

    account: Account
    csrf: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """A line of the audit log."""

    at: datetime
    who: str
    deed: Deed
    about: str
    address: str


def check_name(name: str) -> str:
    """`name` if an account can have it. Raises UnknownError."""
    if NAME.fullmatch(name) is None:
        remedy = "Use at most 63 small letters, digits, '.', '_' and '-', beginning with a letter or digit"
        raise UnknownError("is no name for an account", place=name[:80] or "the name", remedy=remedy)
    return name


def check_phone(phone: str) -> str:
    """`phone` if it can be called: an extension, a number or a SIP address. Raises UnknownError."""
    if phone and PHONE.fullmatch(phone) is None:
        remedy = "Write an extension (201), a number (+4930123) or an address (sip:ann@pbx.example.com)"
        raise UnknownError("is no telephone", place=phone[:80], remedy=remedy)
    return phone


def check_password(name: str, password: str) -> str:
    """`password` if it may be used. Raises UnknownError, which never repeats it."""
    place = f"the password of {name}"
    if len(password) < SHORTEST_PASSWORD:
        remedy = "Several words are easier to remember than signs"
        raise UnknownError(f"has fewer than {SHORTEST_PASSWORD} characters", place=place, remedy=remedy)
    if len(password) > LONGEST_PASSWORD:
        raise UnknownError(f"has more than {LONGEST_PASSWORD} characters", place=place, remedy="Shorten it")
    if name in password.lower() or len(set(password)) < 5:
        raise UnknownError("is too easy to guess", place=place, remedy="Choose another one")
    return password

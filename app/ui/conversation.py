"""The conversation that a tab shows: what the server keeps of it, and what was asked since."""

from dataclasses import dataclass, field
from uuid import UUID

from app.api.conversation_schemas import ConversationDetailOut, ExchangeOut
from app.api.schemas import DocumentOut
from app.ui.running import RunningTurn
from app.ui.turn import Turn


@dataclass(slots=True)
class Conversation:
    """What is shown: turns of before, read from the server, and those of this tab.

    Attributes
    ----------
    id
        On the server; None before its first question, which begins it there.
    title
        As the server told it; empty before it did.
    earlier
        The last turns that the server keeps, oldest first, without those in `turns`.
    before
        How many turns the server keeps that come before `earlier`.
    problem
        The line that says why what the server keeps is not shown; empty if it is.
    turns
        What was asked in this tab since the conversation was opened.
    elsewhere
        Turns that go on in conversations that were left, by these.
    addressed
        What the address of the page named when it was last looked at.
    listed, listed_at, listed_title
        Documents that the key could read, at a moment of the monotonic clock, and what was looked
        for in their titles.
    """

    id: UUID | None = None
    title: str = ""
    earlier: tuple[ExchangeOut, ...] = ()
    before: int = 0
    problem: str = ""
    turns: list[Turn] = field(default_factory=list)
    running: RunningTurn | None = None
    elsewhere: dict[UUID, RunningTurn] = field(default_factory=dict)
    addressed: str | None = None
    listed: tuple[DocumentOut, ...] = ()
    listed_at: float = float("-inf")
    listed_title: str = ""

    @property
    def address(self) -> str | None:
        """Return what the address of the page names while it is open."""
        return None if self.id is None else str(self.id)

    @property
    def first_question(self) -> str:
        """Return the first question that is known; the server makes it the title."""
        shown = [each.question for each in self.earlier] + [each.question for each in self.turns]
        asked = [*shown, *([self.running.turn.question] if self.running else [])]
        return next(filter(None, asked), "")

    @property
    def shown_title(self) -> str:
        """Return what to call it; empty before its first question."""
        return self.title or self.first_question

    @property
    def next_number(self) -> int:
        """Return the number of the next turn of this tab."""
        return self.turns[-1].number + 1 if self.turns else 1

    def finish(self, turn: Turn) -> None:
        """Put the running turn among the others."""
        self.know(turn)
        self.turns.append(turn)
        self.running = None

    def know(self, turn: Turn) -> None:
        """Take over which conversation the turn has begun."""
        if self.id is None:
            self.id = turn.conversation

    def catch_up(self) -> None:
        """Take over what the running turn, if there is one, has done by now."""
        if self.running is not None:
            self.know(self.running.advance(seconds=0))

    def stop(self) -> None:
        """End the running turn, if there is one, and keep what it wrote."""
        if self.running is not None:
            self.finish(self.running.stop())

    def leave(self) -> None:
        """Show a new conversation; an answer that is being written goes on, and is kept."""
        going_on = {key: each for key, each in self.elsewhere.items() if each.going_on}
        if self.running is not None and self.id is not None:
            going_on[self.id] = self.running
        self.elsewhere = going_on
        self.id, self.title, self.problem = None, "", ""
        self.earlier, self.before = (), 0
        self.turns, self.running = [], None

    def open(self, conversation_id: UUID) -> None:
        """Show another conversation, as far as it is known before the server is asked."""
        self.leave()
        self.id = conversation_id
        running = self.elsewhere.pop(conversation_id, None)
        # What is finished, the server tells.
        if running is not None and not running.advance(seconds=0).finished:
            self.running = running

    def take(self, found: ConversationDetailOut) -> None:
        """Show what the server keeps: `found` holds the last page.

        Answers of this tab are part of it; what failed or was stopped is nowhere else.
        """
        self.title, self.problem = found.title, ""
        self.earlier = found.exchanges
        self.before = found.turns - len(found.exchanges)
        self.turns = [each for each in self.turns if each.answer is None]

    def forget(self, conversation_id: UUID) -> None:
        """Let go of a conversation that was erased."""
        running = self.elsewhere.pop(conversation_id, None)
        if running is not None:
            running.stop()
        if self.id == conversation_id:
            self.stop()
            self.leave()

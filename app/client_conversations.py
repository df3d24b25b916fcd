"""What the client does with conversations."""

from uuid import UUID

from app.api.conversation_schemas import (
    ConversationDetailOut,
    ConversationOut,
    ConversationsOut,
)
from app.client_connection import Connection


class ConversationCalls(Connection):
    """The calls of `/v1/conversations`."""

    def begin_conversation(self) -> ConversationOut:
        """Make a conversation; `ask` and `chat` take its id."""
        return self._json(ConversationOut, "POST", "/v1/conversations")

    def conversations(
        self, *, limit: int = 50, offset: int = 0, words: str = ""
    ) -> tuple[ConversationOut, ...]:
        """Return the conversations of the key, the last one used first.

        With `words`, only those that have each of them in their title or in a question.
        """
        parameters: dict[str, int | str] = {"limit": limit, "offset": offset, "words": words}
        path = "/v1/conversations"
        return self._json(ConversationsOut, "GET", path, params=parameters).conversations

    def conversation(
        self, conversation_id: UUID, *, limit: int = 50, offset: int = 0
    ) -> ConversationDetailOut:
        """Return a conversation with a page of what was said, oldest first."""
        parameters: dict[str, int | str] = {"limit": limit, "offset": offset}
        path = f"/v1/conversations/{conversation_id}"
        return self._json(ConversationDetailOut, "GET", path, params=parameters)

    def rename_conversation(self, conversation_id: UUID, title: str) -> ConversationOut:
        """Give a conversation another title."""
        path = f"/v1/conversations/{conversation_id}"
        return self._json(ConversationOut, "PATCH", path, json={"title": title})

    def erase_conversation(self, conversation_id: UUID) -> None:
        """Remove a conversation for good."""
        self._request("DELETE", f"/v1/conversations/{conversation_id}")

    def erase_conversations(self) -> None:
        """Remove all conversations of the key for good."""
        self._request("DELETE", "/v1/conversations")

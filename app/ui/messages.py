"""The places of a conversation: a question, and what was replied."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.markup import escape_lines

_USER = ":material/person:"
_ASSISTANT = str(Path(__file__).parent / "theme" / "icon.svg")


def draw_question(question: str, *, above: str = "", below: str = "") -> None:
    """Draw what was asked, with a line of Markdown above and one below where there are any."""
    with st.chat_message("user", avatar=_USER):
        if above:
            st.caption(above)
        if question:
            st.markdown(escape_lines(question))
        if below:
            st.caption(below)


def reply_places() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where a turn is drawn while it runs, and where once it ended.

    They are the same two in every run of the script. What stands elsewhere than in the run before
    stays on the screen, pale, until the run ends; and a block that is replaced by one of another
    kind within a batch of messages breaks the page in the browser.
    """
    with st.chat_message("assistant", avatar=_ASSISTANT):
        return st.empty(), st.container()

"""The script that Streamlit runs for every tab: `zhiku ui` starts it."""

import streamlit as st

from app.client import ZhikuClient
from app.errors import ConfigurationError
from app.messages import Lang
from app.settings import Settings, load_settings
from app.ui.page import draw_page


@st.cache_resource(show_spinner=False)
def settings_of_this_server() -> Settings:
    """Read the settings, once for all tabs."""
    return load_settings()


def draw(settings: Settings) -> None:
    """Draw the page for these settings."""

    def connect(key: str, lang: Lang) -> ZhikuClient:
        return ZhikuClient(settings.ui.api_url, key, lang=lang)

    shared = settings.ui.api_key
    draw_page(
        connect,
        shared_key=shared.get_secret_value() if shared else None,
        shared_conversations=settings.ui.shared_conversations,
    )


try:
    draw(settings_of_this_server())
except ConfigurationError as error:
    st.error(str(error))

"""The chat: a Streamlit app that knows nothing but the REST API."""

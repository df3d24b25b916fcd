"""The edges: settings, wiring, REST API, client, command line and chat."""

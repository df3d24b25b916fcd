"""Replies to customers: the class of a complaint, a checked reply, the hand-over to a person."""

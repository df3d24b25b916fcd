"""The way of a question, second half: evidence, prompt, LLM, citations, answer or refusal."""

"""Prompts as files: YAML front matter, then one Jinja2 template per message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import jinja2
import jinja2.meta
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from generation.errors import PromptInvalid
from generation.llm import Message

_FILE = re.compile(r"---\n(?P<matter>.*?)\n---\n(?P<body>.*)", re.DOTALL)
_ROLE = re.compile(r"^# (system|user|assistant)\n", re.MULTILINE)

_CONTROL_TOKEN = re.compile(
    r"(?:"
    # Qwen, Llama 3, Phi (`<|im_start|>`), DeepSeek (`<｜User｜>`)
    r"<(?=[|｜])|(?<=[|｜])(?=>)"
    # Llama 2, Mistral, Gemma, tools and thoughts; and the fences of our own prompts
    r"|<(?=/?(?:s|bos|eos|pad|unk|mask|start_of_turn|end_of_turn|tool_call|tool_response|think"
    r"|evidence|context|document)>)|<(?=<SYS>>|</SYS>>)|\[(?=/?INST\])"
    r")",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\[【［](\d{1,3})[\]】］]")


def literal(value: object) -> str:
    """Turn a value into text that a model can only read as data.

    A chat template knows control tokens by their exact spelling, so a space within one makes it
    ordinary text: `<|im_start|>` becomes `< |im_start| >`. Marks such as `[2]` become `(2)`: in a
    passage they are footnotes, and the model would copy them as citations.
    """
    text = _CONTROL_TOKEN.sub(lambda match: f"{match.group()} ", str(value))
    return _MARK.sub(r"(\1)", text)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    version: int
    variables: list[str]


_Section = tuple[Literal["system", "user", "assistant"], jinja2.Template]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A checked prompt.

    Attributes
    ----------
    id, version
        What provenance names; the version is raised with every change of the text.
    variables
        What `render` must be given.
    """

    id: str
    version: int
    variables: frozenset[str]
    _sections: tuple[_Section, ...]

    @property
    def label(self) -> str:
        """Id and version, for provenance."""
        return f"{self.id}@{self.version}"

    def render(self, variables: Mapping[str, object]) -> tuple[Message, ...]:
        """Fill in the variables; every value put into the text goes through `literal`."""
        return tuple(
            Message(role, template.render(variables).strip()) for role, template in self._sections
        )


def load_prompt(path: Path) -> Prompt:
    """Read and check a prompt file.

    The body is a sequence of messages, each below a line `# system`, `# user` or `# assistant`; the
    last one is the user's. The roles are told apart before anything is filled in, so that no value
    can add a message.

    Raises
    ------
    PromptInvalid
        The file is missing, malformed, or uses other variables than it declares.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptInvalid(f"prompt {path} cannot be read: {error}") from error
    file = _FILE.fullmatch(text)
    if not file:
        raise PromptInvalid(f"prompt {path} needs YAML front matter between two lines of ---")
    matter = _read_front_matter(file["matter"], path=path)
    sections = _read_sections(file["body"], declared=set(matter.variables), path=path)
    return Prompt(matter.id, matter.version, frozenset(matter.variables), sections)


def load_prompts(folder: Path) -> Mapping[str, Prompt]:
    """Read all prompts of a folder, by id; raises `PromptInvalid`."""
    prompts = map(load_prompt, sorted(folder.glob("*.md")))
    return {prompt.id: prompt for prompt in prompts}


def _read_front_matter(text: str, *, path: Path) -> _FrontMatter:
    try:
        return _FrontMatter.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise PromptInvalid(f"prompt {path} has front matter that is no YAML: {error}") from error
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][:1]) for problem in error.errors())
        raise PromptInvalid(
            f"prompt {path} needs id, version (a whole number) and variables; wrong: {fields}"
        ) from error


def _read_sections(body: str, *, declared: set[str], path: Path) -> tuple[_Section, ...]:
    before, *parts = _ROLE.split(body)
    roles = parts[::2]
    if before.strip() or not roles or roles[-1] != "user":
        raise PromptInvalid(f"prompt {path} must consist of messages, the last one `# user`")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # the text goes to a model, not to a browser
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=literal,
    )
    try:
        used = jinja2.meta.find_undeclared_variables(environment.parse("".join(parts[1::2])))
        templates = [environment.from_string(source) for source in parts[1::2]]
    except jinja2.TemplateSyntaxError as error:
        raise PromptInvalid(f"prompt {path} is no Jinja2 template: {error}") from error
    if used != declared:
        raise PromptInvalid(
            f"prompt {path} declares {sorted(declared)} and uses {sorted(used)}; make them equal"
        )
    return tuple(zip(cast("Any", roles), templates, strict=True))

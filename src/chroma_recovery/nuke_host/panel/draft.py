"""A preset that is being edited: its text, what it says now, and how it is saved. Pure.

The text is the only truth. Every change in a form is an edit of the text, so that what is saved is what the user
wrote, with his comments and in his order, and what is checked is what will be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import PathError, PresetError
from ...paths import posix, write_bytes
from ...preset.editing.spelling import spell_numbers, spell_text, spell_word
from ...preset.editing.text_edits import raw, remove_value, root_of, set_value
from ...preset.extends import shipped_names
from ...preset.text import MOST_BYTES, decode
from .form import FormField, typed_value
from .look import Look, look

__all__ = ["Draft"]

STARTING_POINT = """\
# Every field that is not said here is as in the shipped preset {name!r}, where each is explained.
extends: {name}
"""
MOST_STEPS = 200
"""Changes that can be taken back."""


class Draft:
    """text: the preset. path: its file, None before the first save. now: what it says."""

    def __init__(self, text: str, path: Path | None = None, *, stored: bytes | None = None) -> None:
        """Raises PresetError if the text is no YAML mapping."""
        self.path = path
        self._stored = stored
        self._saved = text if path is not None else None
        self._before: list[str] = []
        self._text = text
        self._parsed: tuple[str, Any] | None = None
        self.now: Look = look(text, path)

    @classmethod
    def shipped(cls, name: str) -> Draft:
        """A new preset on top of a shipped one. Raises PresetError (CR115) for an unknown name."""
        if name not in shipped_names():
            raise PresetError.at(
                "CR115", "", f"no shipped preset is named {name!r}", ", ".join(shipped_names())
            )
        return cls(STARTING_POINT.format(name=name))

    @classmethod
    def opened(cls, path: Path) -> Draft:
        """A preset file. Raises PresetError: CR101-CR106 if it cannot be read at all."""
        try:
            with path.open("rb") as file:
                stored = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise PresetError.at("CR101", posix(path), f"cannot be read: {error.strerror}") from error
        return cls(decode(stored, posix(path)), path, stored=stored)

    @property
    def text(self) -> str:
        return self._text

    @property
    def modified(self) -> bool:
        return self._text != self._saved

    @property
    def name(self) -> str:
        return self.path.name if self.path is not None else "unsaved preset"

    # -- changes

    def change(self, text: str) -> None:
        """Another text. Raises PresetError, and then nothing has changed."""
        if text == self._text:
            return
        self.now = look(text, self.path)
        self._before = [*self._before[-MOST_STEPS:], self._text]
        self._text = text

    def undo(self) -> bool:
        """Take the last change back; false if there is none."""
        if not self._before:
            return False
        self._text = self._before.pop()
        self.now = look(self._text, self.path)
        return True

    def set(self, field: FormField, typed: str | list[str]) -> None:
        """Take what was typed into a field. Raises PresetError (CR191) if the text cannot be edited there."""
        if typed == self.typed(field):
            return
        if isinstance(typed, list):
            self._put(field, spell_numbers(typed))
        elif field.kind == "str":
            self._put(field, spell_text(typed))
        elif typed.strip():
            self._put(field, spell_word(typed))
        elif field.optional and not self._alone(field):
            self._put(field, "null")
        else:
            self.reset(field)

    def typed(self, field: FormField) -> str | list[str]:
        """What a form shows for a field."""
        return typed_value(field, self.now, self._tree())

    def _tree(self) -> Any:
        """The text's tree, read once per text."""
        if self._parsed is None or self._parsed[0] != self._text:
            self._parsed = (self._text, root_of(self._text))
        return self._parsed[1]

    def says(self, field: FormField) -> bool:
        """Whether this preset itself says the field, and does not take it from what it extends or the defaults."""
        return field.path in self.now.own

    def reset(self, field: FormField) -> None:
        """Take the field out of this preset, so that what it extends, or the default, holds again."""
        text = remove_value(self._text, field.path)
        parent = field.path.rpartition(".")[0]
        if parent.endswith(".format") and raw(text, parent) == "" and not _children(text, parent):
            text = remove_value(text, parent)
        self.change(text)

    def _put(self, field: FormField, spelled: str) -> None:
        self.change(set_value(self._text, field.path, spelled))

    def _alone(self, field: FormField) -> bool:
        """An empty optional field that nothing else gives a value needs no ``null``."""
        place = self.now.origin.get(field.path)
        return field.path in self.now.own or place is None

    # -- saving

    def changed_on_disk(self) -> bool:
        """Whether somebody else wrote the file since it was opened or saved."""
        if self.path is None or self._stored is None:
            return False
        try:
            return self.path.read_bytes() != self._stored
        except OSError:
            return False

    def save(self, path: Path | None = None, *, replace: bool = False) -> Path:
        """Write the preset; line ends and byte-order mark stay as they were.

        path: another file; it must not exist unless ``replace``. Raises PathError: CR602 something is in the way (a
        file, or changes that somebody else made), CR603 not writable. PresetError (CR103) never: it was parsed.
        """
        target = path or self.path
        if target is None:
            raise PathError.at("CR603", "", "the preset has no file yet", "choose one with Save As")
        own = self.path is not None and target.resolve() == self.path.resolve()
        if own and not replace and self.changed_on_disk():
            hint = "open it again, or save under another name"
            raise PathError.at(
                "CR602", posix(target), "somebody else has changed the file since it was opened", hint
            )
        content = self._bytes()
        write_bytes(target, content, overwrite=own or replace)
        self.path, self._stored, self._saved = target, content, self._text
        self.now = look(self._text, target)
        return target

    def _bytes(self) -> bytes:
        old = self._stored or b""
        mark = b"\xef\xbb\xbf" if old.startswith(b"\xef\xbb\xbf") else b""
        text = self._text.replace("\n", "\r\n") if b"\r\n" in old else self._text
        return mark + text.encode("utf-8")


def _children(text: str, path: str) -> bool:
    node: Any = root_of(text)
    for step in path.split("."):
        node = next((value for key, value in node.value if key.value == step), None)
    return bool(getattr(node, "value", None))

"""Changing a preset without touching the rest of its text: comments, order and blank lines stay the user's."""

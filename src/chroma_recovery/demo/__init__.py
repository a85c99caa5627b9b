"""Demo material: a short real clip, faded on purpose, so that the truth is known."""

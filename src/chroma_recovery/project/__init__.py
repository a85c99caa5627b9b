"""Many shots as one project: from a shot list to presets, tasks, state and a run of all of them."""

from .model import STAGES, Places, Project, Task, Unit

__all__ = ["STAGES", "Places", "Project", "Task", "Unit"]

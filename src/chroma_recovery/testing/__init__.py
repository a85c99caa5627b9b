"""A strict stand-in for Nuke, for tests without one: the Python modules ``nuke`` and ``nukescripts``, and a
stub executable.

::

    fake = FakeNuke("terminal", edition="nc", version="16.0v3")
    with fake.installed() as nuke:
        nuke.nodePaste("recovery.nk")
    assert_wired(fake, "CopyCat_training", 0, "Training_Input")

In pytest: ``pytest_plugins = ["chroma_recovery.testing.fixtures"]`` gives the fixture ``nuke_session``. The
executable: ``write_stub(folder)``, or ``python -m chroma_recovery.testing.stub_nuke``.

How sure a behaviour is stands beside it: A seen in a real Nuke or in Foundry's own text, B in an excerpt of
that or in two independent projects, C in one project, U not known or inferred. Where nothing is said it is A.
What is not known raises UnverifiedBehaviour or AttributeError, or, where going on is harmless, is noted in
``FakeNuke.uncertain``.

Known deviations from Nuke:

*Nodes*

- It knows the classes and knobs of our catalogue (Nuke 17.0v3; for other versions what the catalogue says of
  them). Any other class is ``Unknown command``.
- Nothing is calculated: no pixels, no expressions (they read as 0), no code in knobs; of Tcl only the commands
  in ``testing.tcl``, and those in NC and Indie only. ``hasError``
  looks at unlisted enumeration values, at the first file of a Read and at licences only.
- ``createNode`` does not put the new node between the selected one and those below it.
- Deleting a node leaves the pipes below it open; Nuke may join them to what is above (U, noted).
- ``dependencies`` and ``dependent`` follow pipes, not expressions. Frame ranges follow input 0.
- ``selectedNodes`` gives script order backwards, not the order of clicking.
- A colour-space knob of a custom OCIO config lists nothing, unless the test says what (``items``); views of
  a Write list nothing.
- Names of clones: ``toNode`` gives the first instance, Nuke any (U).

*Scripts*

- One format: ours. Anything that our reader refuses, Nuke's Tcl might run.
- Text with a class that is not known is refused whole; Nuke may keep what comes before it (U).
- Project settings in text that is pasted or read into a script are left out (U, noted).
- NC scripts are base64, Indie's plain text; an ending other than theirs is replaced (U, noted).
- A script opened in the GUI replaces the one before; Nuke may open a second window.

*Python in NC and Indie*

- The eleventh node that Python is handed raises RuntimeError. That there is such a limit is B; what happens
  at it, whether ``allNodes`` would stop at ten instead, whether deleting a selection counts, and when the count
  starts anew (here: with a menu command, a new script, or ``FakeNuke.new_operation``) is U.

*GUI*

- Menus have no Qt, items no QAction. A disabled item does nothing. Dialogs take queued answers.
- ``nodePaste`` moves the nodes to below the selected one, or to ``FakeNuke.dag_centre`` (B; how far is U).
- ``executeInMainThread`` runs at once. Every change outside an undo group is a step of its own (U).

*The executable*

- It has no GUI and no prompt, renders stand-ins, and stops at switches it does not know. Exit codes are U.
- Licences: everything may run in terminal mode, as render licences do for training (B).
"""

from .assertions import assert_no_errors, assert_same_graph, assert_wired, differences, session_graph
from .session import EDITIONS, FakeNuke
from .stub_program import write_stub
from .unverified import UnverifiedBehaviour

__all__ = [
    "EDITIONS",
    "FakeNuke",
    "UnverifiedBehaviour",
    "assert_no_errors",
    "assert_same_graph",
    "assert_wired",
    "differences",
    "session_graph",
    "write_stub",
]

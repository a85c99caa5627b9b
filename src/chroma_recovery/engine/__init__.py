"""The same graph without Nuke: images, evaluation, one file per node family, files in and out.

Importing this package before torch bounds how long OpenMP's threads spin while they wait for each other: on a machine
that is busy with other work, unbounded spinning made training up to ten times slower (measured on two shared cores).
``GOMP_SPINCOUNT`` or ``OMP_WAIT_POLICY`` in the environment win.
"""

import os

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")

"""Submit the jobs beside this file to Deadline 10, in order: python submit.py [PATH OF deadlinecommand]

Each job's dependencies are the jobs that were submitted before it. Needs nothing but Python.
"""
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
program = sys.argv[1] if len(sys.argv) > 1 else "deadlinecommand"
given = {}
for name in sorted(n[: -len(".job_info.txt")] for n in os.listdir(here) if n.endswith(".job_info.txt")):
    with open(os.path.join(here, name + ".job_info.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("JobDependencies="):
            needs = line.partition("=")[2].split(",")
            lines[number] = "JobDependencies=" + ",".join(given[n] for n in needs)
    with tempfile.TemporaryDirectory() as folder:
        info = os.path.join(folder, "job_info.txt")
        with open(info, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        plugin = os.path.join(here, name + ".plugin_info.txt")
        done = subprocess.run([program, info, plugin], capture_output=True, text=True)
    found = re.search(r"^JobID=(\S+)", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        sys.exit("Deadline did not take " + name + ":\n" + done.stdout + done.stderr)
    given[name] = found.group(1)
    print(name, given[name])

"""Launch this job on OpenCue: python launch_job.py [SHOW [SHOT]]. Needs opencue-pyoutline."""
import getpass
import sys

import outline
import outline.cuerun
from outline.modules.shell import ShellSequence

show = sys.argv[1] if len(sys.argv) > 1 else "testing"
shot = sys.argv[2] if len(sys.argv) > 2 else "all"
job = outline.Outline("reel_3", show=show, shot=shot, user=getpass.getuser())
job.set_env("OCIO", "/a b/c.ocio")
layers = {}

layers["sh010_train"] = ShellSequence(
    "sh010_train",
    commands=[
        ["chroma-recovery", "project", "task", "/films/reel 3/project.yaml", "--out", "/films/a b'c\"d $(touch pwned) `x` ; & | %PATH% \u00e9", "--unit", "sh010", "--stage", "training"],
    ],
    gpus=1,
    gpu_memory="16384m",
    memory="8192m",
)
job.add_layer(layers["sh010_train"])

layers["sh010_infer"] = ShellSequence(
    "sh010_infer",
    commands=[
        ["chroma-recovery", "project", "task", "/films/reel 3/project.yaml", "--out", "/films/a b'c\"d $(touch pwned) `x` ; & | %PATH% \u00e9", "--unit", "sh010", "--stage", "inference", "--frames=1001-1005", "--nuke", "/opt/Nuke 15/Nuke"],
        ["chroma-recovery", "project", "task", "/films/reel 3/project.yaml", "--out", "/films/a b'c\"d $(touch pwned) `x` ; & | %PATH% \u00e9", "--unit", "sh010", "--stage", "inference", "--frames=1006-1010", "--nuke", "/opt/Nuke 15/Nuke"],
    ],
    gpus=1,
)
job.add_layer(layers["sh010_infer"])
layers["sh010_infer"].depend_all(layers["sh010_train"])

layers["report"] = ShellSequence(
    "report",
    commands=[
        ["chroma-recovery", "project", "report", "/films/reel 3/project.yaml", "--out", "/films/a b'c\"d $(touch pwned) `x` ; & | %PATH% \u00e9"],
    ],
)
job.add_layer(layers["report"])
layers["report"].depend_all(layers["sh010_infer"])

# pycuerun starts the commands from their lists of words; without it they would pass through a shell
outline.cuerun.launch(job, use_pycuerun=True)

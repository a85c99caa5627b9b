"""The learned recovery: network, training, trained models, and their use on whole frames."""

from .apply import apply_model
from .checkpoint import Checkpoint, load_checkpoint
from .device import Device, choose_device, tune_allocator
from .loss_log import read_losses
from .network import ARCHITECTURES, Architecture, ChromaNetwork
from .placement import UNKNOWN, Placement, placement
from .results import Progress, TrainingResult
from .settings import TrainingSettings, model_file
from .trainer import train

__all__ = [
    "ARCHITECTURES",
    "UNKNOWN",
    "Architecture",
    "Checkpoint",
    "ChromaNetwork",
    "Device",
    "Placement",
    "Progress",
    "TrainingResult",
    "TrainingSettings",
    "apply_model",
    "choose_device",
    "load_checkpoint",
    "model_file",
    "placement",
    "read_losses",
    "train",
    "tune_allocator",
]

"""What a solved map between two scans of one frame cannot be."""

from __future__ import annotations

import math

import cv2
import numpy as np

from .comparison import Matrix

__all__ = ["implausibility"]


def implausibility(matrix: Matrix, start: Matrix, size: tuple[int, int]) -> str:
    """Why a map cannot be a gate weave, crop or scan difference; empty if it can."""
    height, width = size
    change = np.linalg.inv(start) @ matrix
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    if ((change @ np.c_[corners[0], np.ones(4)].T)[2] <= 0).any():
        return "the horizon runs through the picture"
    moved = cv2.perspectiveTransform(corners, change)[0]
    if not cv2.isContourConvex(moved.astype(np.float32)):
        return "the frame would be folded"
    area = cv2.contourArea(moved.astype(np.float32), True) / cv2.contourArea(
        corners[0].astype(np.float32), True
    )
    if not 0.2 < area < 5:
        return f"the picture would be {area:.3g} times as large"
    angle = math.degrees(math.atan2(*(moved[1] - moved[0])[::-1]))
    if abs(angle) > 30:
        return f"it would be turned by {angle:.0f} degrees"
    diagonals = np.linalg.norm(moved[2] - moved[0]), np.linalg.norm(moved[3] - moved[1])
    if not 0.6 < diagonals[0] / diagonals[1] < 1.67:
        return "the frame would be skewed out of shape"
    return ""

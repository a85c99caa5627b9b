"""Every quantity that quality control knows: stable code, unit, definition, source, and the rule it may be held to.

A code never changes its meaning. ``Q1xx`` luma and range, ``Q2xx`` geometry and pairs, ``Q3xx`` colour against a
truth, ``Q4xx`` colour over time, ``Q5xx`` colour within a frame. The limits here are the shipped profile's; a profile
in YAML changes them, see :mod:`chroma_recovery.qc.profile`.
"""

from __future__ import annotations

import attrs

__all__ = ["RULES", "Rule", "rule"]


@attrs.frozen
class Rule:
    """One measure of a shot.

    code: stable. name: as reports print it. unit: of value and limit. limit: the largest value that passes (the
    smallest where ``least`` is true), None where the number is only reported. definition: how it is measured. source:
    where the definition is from. meaning: what a value beyond the limit says, one sentence. advice: what to do then.
    """

    code: str
    name: str
    unit: str
    limit: float | None
    definition: str
    source: str
    meaning: str = ""
    advice: str = ""
    least: bool = False

    def holds(self, value: float, limit: float | None) -> bool | None:
        """Whether a value keeps a limit; None without one."""
        if limit is None:
            return None
        return value >= limit if self.least else value <= limit

    def words(self, limit: float | None) -> str:
        """The rule as printed: ``at most 0.5``; empty without a limit."""
        return "" if limit is None else f"{'at least' if self.least else 'at most'} {limit:g}"


_LUMA = "Guide, stage 3, Monitoring & QC: both to YCbCr, difference of Y near zero"
_RANGE = "Guide, stage 3, Monitoring & QC: no value below 0 or above 1"

_SEAMS = "Guide, stage 4, QA during render: first/last frames and shot joins"

RULES = (
    Rule(
        "Q101", "Luma of the Ground Truth", "max |dY|", 0.00001,
        "Y of the Ground Truth against Y of the Source in the graph's YCbCr domain, all training pairs.",
        _LUMA,
        "The Ground Truth does not carry the Source's luma, so training would learn another luma.",
        "Check that stage 3 takes Y from the Source and Cb, Cr from the Reference.",
    ),
    Rule(
        "Q102", "Luma of the clamped Ground Truth", "mean |dY|", None,
        "The same where pictures enter training, after the clamp to 0-1; only colours outside 0-1 move.",
        _LUMA,
    ),
    Rule(
        "Q103", "Luma before delivery", "max |dY|", 0.00001,
        "Y of Inference's output against Y of its input; first, middle and last frame.",
        _LUMA,
        "The model changes luma.",
        "Use a model that keeps Y, or deliver the final plate (Source Y with Recovered Cb, Cr).",
    ),
    Rule(
        "Q104", "Luma of the recovered frames", "p99.9 |dY|", 0.02,
        "Largest over the frames of the 99.9th percentile over pixels of |dY| between Recovered and Source as "
        "delivered, in the YCbCr domain.",
        _LUMA,
        "Luma of delivered frames is not the Source's: the picture was moved, scaled, graded or hard compressed.",
        "Check crop, reformat and colour space of the Write; prefer ZIP over DWAA.",
    ),
    Rule(
        "Q105", "Largest luma difference", "max |dY|", None,
        "Largest |dY| of any pixel of any delivered frame.",
        _LUMA,
    ),
    Rule(
        "Q111", "Values below 0", "share", 0.01,
        "Largest share over the frames of pixels with a channel below -0.002 in the YCbCr domain's R'G'B', beyond the "
        "Source's own share.",
        _RANGE,
        "Recovered frames hold colours outside the training range.",
        "Check range clamping before training; a display shows such colours clipped.",
    ),
    Rule(
        "Q112", "Values above 1", "share", 0.01,
        "The same with a channel above 1.002.",
        _RANGE,
        "Recovered frames hold values above white.",
        "Check range clamping before training; a display shows such values clipped.",
    ),
    Rule(
        "Q201", "Boxes of Input and Ground Truth", "pairs", 0.0,
        "Training pairs whose Input and Ground Truth differ in data window or format.",
        "Guide, stage 3, Monitoring & QC: identical bbox on both streams",
        "Input and Ground Truth cover different pixels, so colour is learned from the wrong place.",
        "Check the linked crop and CopyBBox of stage 3.",
    ),
    Rule(
        "Q202", "Crop mismatch", "pixels", 0.0,
        "Deepest border, of any frame and side, that is black or repeats one line in Recovered while the Source holds "
        "picture there.",
        "Guide, stage 4, QA during render: crop mismatches",
        "Recovered lacks picture at an edge that the Source has.",
        "Use the same live-area crop for both; check bbox and Reformat in front of the Write.",
    ),
    Rule(
        "Q221", "Structure of the pairs", "correlation", 0.5,
        "Smallest correlation over the training pairs between local contrast of the Source and of the aligned "
        "Reference, relative to the median pair.",
        "Guide, stage 1, Pairing rules: temporal 1:1, spatial parity; judged by structure, never by colour",
        "A pair does not show the same picture on both sides.",
        "Find the right Reference frame (chroma-recovery pairs), or drop the pair.",
        True,
    ),
    Rule(
        "Q222", "Colour of the pairs", "ratio", 3.0,
        "Largest over the training pairs of the error of the Source-to-Reference colours of a pair against what all "
        "other pairs say (a colour map of them), relative to the median pair.",
        "Guide, stage 2: residual misalignment presents as false colour shifts",
        "One pair contradicts the colours of the others.",
        "Look at the pair: wrong Reference frame, occlusion, flash, other grade.",
    ),
    Rule(
        "Q223", "Moment of the pairs", "share", 0.03,
        "Largest over the pairs, hold-outs included, of the share of the Source's local contrast that the aligned "
        "Reference does not explain, in the worst of 50 tiles a twentieth of the picture wide, beyond the same of the "
        "median pair (beyond 0.25 where that is more).",
        "Guide, stage 1, Pairing rules: temporal 1:1; judged by structure, never by colour",
        "In places the two sides of a pair show different things: the Reference is of another moment.",
        "Find the right Reference frame (chroma-recovery pairs), or drop the pair.",
    ),
    Rule(
        "Q211", "Seam at the first or last frame", "dE", 0.8,
        "Distance in a*, b* between the colour of the first (last) frame and the median of the five beside it; the "
        "smaller of two views, see the Q4 measures.",
        _SEAMS,
        "The first or last frame has other colour than its neighbours.",
        "Look at that frame in the Source; add it as a pair, or trim the handle.",
    ),
    Rule(
        "Q212", "Seam at a shot join", "dE", 5.0,
        "At cuts: distance in a*, b* between what the recovery makes of the same Source colours in the three frames "
        "before and the three after.",
        _SEAMS,
        "One recovery treats the two sides of a cut differently.",
        "Give each shot its own preset, or pairs on both sides of the cut.",
    ),
    Rule(
        "Q301", "Colour error of the hold-outs", "dE2000", None,
        "Mean CIEDE2000 of the hold-out pairs against Source luma + Reference chroma, display R'G'B'; held to be below "
        "the Source's and the baseline's.",
        "CIE 142-2001; guide, stage 5: clear improvement over MatchGrade",
        "On frames that training never saw the recovery is no better than doing nothing, or than one LUT.",
        "More pairs (4 to 7 to 11), more steps, less augmentation: chroma-recovery outliers says which.",
    ),
    Rule(
        "Q302", "Colour error of the hold-outs, 95 %", "dE2000", None,
        "Mean over the hold-out pairs of the 95th percentile over pixels of CIEDE2000.",
        "CIE 142-2001",
    ),
    Rule(
        "Q303", "Chroma PSNR of the hold-outs", "dB", None,
        "Peak signal-to-noise ratio of (Cb, Cr) of the hold-out pairs, peak 1.",
        "ITU-T J.340 form of PSNR, on chroma",
    ),
    Rule(
        "Q390", "Improvement over the baseline", "%", 10.0,
        "Mean error of the MatchGrade baseline minus that of the recovery on the same hold-outs, in per cent of the "
        "baseline's; also better on every hold-out, or from five on, above zero with 95 % confidence (paired t).",
        "Guide, stage 5, Acceptance criteria: clear improvement vs MatchGrade baseline",
        "The recovery is not clearly better than one 3D LUT on frames that training never saw.",
        "More pairs (4 to 7 to 11) or more steps; if it stays so, deliver the baseline.",
        least=True,
    ),
    Rule(
        "Q401", "Chroma flicker", "dE", 0.7,
        "Largest over the frames of the distance in a*, b* between a frame's colour and the median of the five around "
        "it, as root mean square over its colours; what the Source's own changes explain is taken out. Smaller of two "
        "views: followed from frame to frame by optical flow of the Source's luma, and the colour given to the same "
        "Source colours elsewhere in the shot.",
        "Guide, stage 4: unstable colour, flicker; tracking after Lai and others 2018 (warping error)",
        "Colour of single frames jumps away from their neighbours'.",
        "Add the marked frames as pairs; reduce photometric augmentation.",
    ),
    Rule(
        "Q402", "Jump of colour", "dE", 0.9,
        "Largest distance in a*, b* between the median colour of three frames and of the three before them, cuts left "
        "out; two views as for flicker.",
        "Guide, stage 4: hue drift, inconsistent colour; troubleshooting: temporal inconsistency",
        "From one frame on the colour is another.",
        "Look for a wrong pair near that frame; expand pair coverage near the transition.",
    ),
    Rule(
        "Q403", "Hue drift", "dE", 1.1,
        "Largest distance in a*, b* between the smoothed colour (median of seven frames) of any two frames of the "
        "shot; two views as for flicker.",
        "Guide, stage 4: hue drift",
        "Colour wanders over the shot.",
        "Add pairs at both ends of the drift (4 to 7 to 11).",
    ),
    Rule(
        "Q404", "Skin-tone stability", "dE", 1.8,
        "Largest distance in a*, b* of skin (hue 25-75 degrees, chroma 10-42, L* 30-88) from its median over the shot; "
        "two views as for flicker.",
        "Guide, stage 4: unstable skin tones; stage 5: skin line",
        "Skin changes its colour over the shot.",
        "Add pairs that show skin in the light of the marked frames.",
    ),
    Rule(
        "Q407", "Flicker of a region", "dE", 1.0,
        "Largest over the frames and nine overlapping quarters of the frame: distance in a*, b* between a quarter's "
        "colour, less what the whole frame does, and its median over the five frames around; two views as for flicker.",
        "Guide, stage 4: unstable colour, flicker",
        "Colour of one part of the picture jumps while the rest stays.",
        "Look at that part of the marked frames; add them as pairs.",
    ),
    Rule(
        "Q408", "Drift of a region", "dE", 1.0,
        "Largest over the frames and nine overlapping quarters of the frame: distance in a*, b* between a quarter's "
        "smoothed colour (median of seven frames), less what the whole frame does, and its median over the shot; two "
        "views as for flicker.",
        "Guide, stage 4: hue drift, inconsistent colour",
        "A tint comes or goes in one part of the picture.",
        "Look at that part at both ends of the drift; add pairs there (4 to 7 to 11).",
    ),
    Rule(
        "Q405", "Colour Distribution Consistency", "JS divergence", None,
        "CDC of Recovered: Jensen-Shannon divergence of R, G, B histograms of frames 1, 2 and 4 apart, mean.",
        "Liu and others 2021, arXiv:2110.04562; NTIRE 2023",
    ),
    Rule(
        "Q406", "Colour Distribution Consistency of the Source", "JS divergence", None,
        "CDC of the Source, to read the other against: motion and light change it too.",
        "Liu and others 2021, arXiv:2110.04562; NTIRE 2023",
    ),
    Rule(
        "Q501", "Chroma bleed at edges", "share", 0.115,
        "95th percentile over the frames of the share of chroma variance around strong luma edges that no local linear "
        "function of the Source's R'G'B' explains.",
        "Guide, stage 4: chroma bleed at edges; local linear model of the guided filter, He and others 2010",
        "Colour runs over edges, or lies beside them.",
        "Check alignment of the pairs and the median on the Reference; use a smaller model or fewer steps.",
    ),
    Rule(
        "Q503", "Soft chroma at edges", "share", 0.36,
        "95th percentile over the frames of the share of chroma contrast at strong luma edges that is missing, against "
        "the frame's own map of Source colours to recovered colours.",
        "Guide, stage 4: chroma bleed at edges",
        "Colour is smeared far over edges.",
        "Check alignment of the pairs and the median on the Reference; use a smaller model or fewer steps.",
    ),
    Rule(
        "Q502", "Banding", "share", 0.075,
        "95th percentile over the frames of the share of smooth runs in which chroma goes in steps while the Source "
        "does not.",
        "Guide, stage 4: banding; participation ratio of the steps",
        "Smooth areas show steps of colour.",
        "Deband the Reference lightly before training; write half float.",
    ),
)  # fmt: skip
"""In the order in which they decide the verdict."""

_BY_CODE = {r.code: r for r in RULES}


def rule(code: str) -> Rule:
    """The rule with a code. Raises KeyError for an unknown one."""
    return _BY_CODE[code]

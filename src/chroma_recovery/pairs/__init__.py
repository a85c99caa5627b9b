"""Training pairs that can be trusted: compared, chosen, matched in time, aligned, cropped, judged and recorded."""

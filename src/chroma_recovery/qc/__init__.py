"""Measures of a recovery and the report that shows them."""

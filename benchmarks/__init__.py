"""Ratios measured in one run; figures are never asserted in a test."""

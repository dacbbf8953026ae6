"""Editions of manuals and regulations: structured text, the comparison of two editions, 改め文 (domain.md §4). Pure."""

"""Todoke (届け): one filled form in, its whole set of official papers out."""

__version__ = "0.1.0"

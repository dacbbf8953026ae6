"""The paper that goes out: a Word template is compiled once, rendered many times, and every paper proven."""

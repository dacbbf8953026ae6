"""The paper that comes in: safe opening and readers by type."""

"""What a web form holds, read from the page itself."""

from __future__ import annotations

import json
import re
from typing import Any


def data_in(page: str) -> Any:
    """What the page's script is told."""
    found = re.search(r'<script type="application/json" id="todoke-form">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])

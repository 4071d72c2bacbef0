"""Files as people have them: look-alikes in ``fixtures/corpus``, and real ones in addition where they are there.

Every folder has ``entities`` and ``registry``, whose files SpecQL's own tools have written or read. Of the look-alikes
``odd`` holds what people write that not every reader takes, and ``kinds`` single files of many kinds. Real ones are in
the folder that ``SPECQL_TEST_CORPUS`` names, or in ``shared/corpus`` beside the project; they are no part of it.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOOK_ALIKES = ROOT / "fixtures" / "corpus"
REAL = Path(os.environ.get("SPECQL_TEST_CORPUS", ROOT.parent / "shared" / "corpus"))
FOLDERS: tuple[Path, ...] = (LOOK_ALIKES, *([REAL] if REAL.is_dir() else []))
"""The folders that are there."""
REGISTRIES: tuple[Path, ...] = tuple(path for folder in FOLDERS for path in sorted(folder.glob("registry/*.yaml")))
"""Their registry YAMLs."""
ENTITIES: tuple[Path, ...] = tuple(path for folder in FOLDERS for path in sorted(folder.glob("entities/*.yaml")))
"""Their entity files."""
KINDS: tuple[Path, ...] = tuple(sorted(LOOK_ALIKES.glob("kinds/*.yaml")))
"""Entity files of every kind that people write, each by itself: the entities that they refer to are not there."""
ODD: tuple[Path, ...] = tuple(sorted(LOOK_ALIKES.glob("odd/*.yaml")))
"""What not every reader takes."""


def name_of(path: Path) -> str:
    """What a test of a file is called."""
    return f"{'' if path.is_relative_to(LOOK_ALIKES) else 'real '}{path.stem}"

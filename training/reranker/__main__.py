"""Make the reranker anew, from public sets to the files that Zhiku ships.

    python -m training.reranker DATA FOLDER --minutes 60

Each step leaves its result in FOLDER and is skipped where that is there already, so a run that was
broken off goes on; translating and training go on in the middle.
"""

import argparse
from pathlib import Path

from app.wiring import RERANKER
from retrieval.window_reranker import WEIGHTS
from training.fit_reranking import fit_reranking
from training.reranker.dev import PARTS, write_held_out
from training.reranker.export import write_model
from training.reranker.joint import JOINT_RUN
from training.reranker.mine import mine_lists
from training.reranker.train import train_joint, train_reranker
from training.reranker.translate import translate_questions


def main() -> None:
    """Do all steps."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--minutes", type=float, default=50, help="of each of two trainings")
    chosen = arguments.parse_args()
    data, folder = chosen.data, chosen.folder
    folder.mkdir(parents=True, exist_ok=True)
    translate_questions(data, folder / "translated.jsonl")
    if not (folder / "lists.jsonl").exists():
        mine_lists(data, folder)
    if not all((folder / f"{part}.jsonl").exists() for part in PARTS):
        write_held_out(data, folder)
    train_reranker(folder, minutes=chosen.minutes)
    train_joint(folder, minutes=chosen.minutes)
    write_model(folder, RERANKER, JOINT_RUN)
    fit_reranking(folder, WEIGHTS)


if __name__ == "__main__":
    main()

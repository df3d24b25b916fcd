"""A process of its own for ranx: qrels, run and metric names in, scores by metric and query out.

Its numba has to be told not to compile before anything imports numba: compiling takes 40 s and
warns of its own casts; plain Python gives the same numbers.
"""

import json
import sys

import ranx


def main() -> None:
    asked = json.load(sys.stdin)
    qrels, run = ranx.Qrels(asked["qrels"]), ranx.Run(asked["run"])
    scores = {
        metric: dict(
            zip(
                sorted(asked["run"]),
                map(float, ranx.evaluate(qrels, run, metric, return_mean=False)),
                strict=True,
            )
        )
        for metric in asked["metrics"]
    }
    json.dump(scores, sys.stdout)


if __name__ == "__main__":
    main()

"""Finds the thresholds that stand in the baselines: the best ones for each on the thin stream: noise, small stories.

    python -m tests.bench.linking.tune

Best link F of those that link no more noise than the first study's method does, and best B-cubed F. They see the
labels that they are judged by afterwards, which the product's settings do not all.
"""

from tests.bench.linking import bm25, minhash, minilm, tfidf
from tests.bench.linking.pairs import predictions
from tests.bench.linking.streams import THIN, articles, judge

GRID = [number / 100 for number in range(6, 81, 2)]
NOISE = 0.76


def main() -> None:
    rows = articles(THIN)
    models = [] if minilm.missing() else [minilm]
    for baseline in (tfidf, bm25, minhash, *models):
        neighbours = baseline.neighbours(rows)
        judged = {bar: judge(rows, predictions(rows, neighbours, bar, bar)) for bar in GRID}
        quiet = [bar for bar in GRID if judged[bar]["falseS"] <= NOISE] or GRID[-1:]
        related = max(quiet, key=lambda bar: judged[bar]["linkF"])
        story = max(GRID, key=lambda bar: judged[bar]["bF"])
        print(f"{baseline.__name__}: RELATED, STORY = {related}, {story}", flush=True)


if __name__ == "__main__":
    main()

"""Finds the baselines' thresholds: the best of each on the thin stream.

    python -m tests.bench.linking.tune

It takes the best link F of those thresholds that link no more noise than the first study's method,
and the best B-cubed F. So the baselines see the labels that they are judged by afterwards, which
not all of the product's settings do.
"""

from tests.bench.linking import bm25, minhash, minilm, tfidf
from tests.bench.linking.pairs import predict
from tests.bench.linking.streams import THIN, evaluate, load_articles

THRESHOLDS = [number / 100 for number in range(6, 81, 2)]
MAX_NOISE = 0.76


def main() -> None:
    rows = load_articles(THIN)
    models = [] if minilm.find_missing() else [minilm]
    for baseline in (tfidf, bm25, minhash, *models):
        neighbours = baseline.find_neighbours(rows)
        figures: dict[float, dict[str, float]] = {}
        for threshold in THRESHOLDS:
            predictions = predict(rows, neighbours, threshold, threshold)
            figures[threshold] = evaluate(rows, predictions)
        quiet = [threshold for threshold in THRESHOLDS if figures[threshold]["falseS"] <= MAX_NOISE]
        related_from = max(quiet or THRESHOLDS[-1:], key=lambda value: figures[value]["linkF"])
        story_from = max(THRESHOLDS, key=lambda value: figures[value]["bF"])
        print(f"{baseline.__name__}: RELATED_FROM, STORY_FROM = {related_from}, {story_from}")


if __name__ == "__main__":
    main()

"""Which language an article is in, and its stems."""

import hashlib
from dataclasses import replace

import pytest

from services.enrichment.related.features.languages import OTHER_LANGUAGES, language_of
from services.enrichment.related.features.languages.detection import (
    MAX_LETTERS,
    detect_language,
    identify_by_letters,
)
from services.enrichment.related.features.languages.english import is_plainly_english
from services.enrichment.related.features.languages.frequency import TABLES, load_zipf_values
from services.enrichment.related.features.languages.stemmers import STEMMERS
from services.enrichment.related.features.signature import build_signature
from services.enrichment.related.features.stemming import stem_text, stem_weight
from tests.unit.related.features.headlines import (
    build_article,
    build_stored_article,
    load_headlines,
)

HEADLINES = load_headlines()
ENGLISH_TITLES = [headline.title for headline in HEADLINES if headline.language == "en"]
LATIN_TITLES = [
    headline.title for headline in HEADLINES if headline.language in ("de", "es", "fr", "pt")
]


class TestDetection:
    def test_english_is_taken_for_nothing_else(self):
        detected = {title: detect_language(title) for title in ENGLISH_TITLES}
        assert detected == dict.fromkeys(ENGLISH_TITLES, "en")

    def test_nearly_all_headlines_in_other_languages_are_recognised_the_rest_count_as_english(self):
        others = [headline for headline in HEADLINES if headline.language != "en"]
        detected = {headline: detect_language(headline.title) for headline in others}
        missed = [headline for headline in others if detected[headline] != headline.language]
        assert len(missed) <= 2
        assert all(detected[headline] == "en" for headline in missed)

    @pytest.mark.parametrize(
        "title",
        [
            "Sbarro declares bankruptcy",
            "Angela Merkel meets Emmanuel Macron in Versailles",
            "La La Land",
            "El Niño warms the Pacific",
            "bryant happy extension nears return",
            "42",
            "🎉🎉🎉",
        ],
    )
    def test_a_text_whose_language_is_not_clear_is_english(self, title: str):
        assert detect_language(title) == "en"

    @pytest.mark.parametrize(
        "title",
        [
            "Il ministro del commercio si dimette dopo il fallimento dei negoziati di Ginevra",
            "De minister van Handel treedt af na het mislukken van de gesprekken in Genève",
        ],
    )
    def test_a_neighbouring_language_that_we_do_not_know_is_taken_for_none_of_ours(
        self, title: str
    ):
        assert detect_language(title) == "en"

    def test_japanese_and_korean_are_not_chinese(self):
        assert detect_language("東京で強い地震、数十人が負傷") == "en"
        assert detect_language("서울에서 강한 지진 발생") == "en"

    def test_flags_are_no_chinese_characters(self):
        tags = "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng")
        england = f"\U0001f3f4{tags}\U000e007f"
        assert detect_language(f"{england} win") == "en"

    def test_chinese_with_names_in_latin_letters_is_chinese(self):
        assert detect_language("OpenAI 发布新模型 GPT-9，性能大幅提升") == "zh"


class TestPlainlyEnglish:
    """The language of plainly English texts is not identified: it must be what the package says."""

    @pytest.mark.parametrize(
        "text",
        [
            "The government says it will raise the price of electricity from next year",
            "Police say three people were killed when a storm hit the coast\n"
            "More than 1,000 homes are without power",
            "Who’s who: the teams that won “their” league — and why",
        ],
    )
    def test_prose_is(self, text: str):
        assert is_plainly_english(text)

    @pytest.mark.parametrize(
        "text", ["", "42", "Sbarro", "東京で強い地震", "Angela Merkel trifft Emmanuel Macron"]
    )
    def test_a_text_with_little_evidence_is_not(self, text: str):
        assert not is_plainly_english(text)

    @pytest.mark.parametrize(
        "text",
        [
            "Game of Thrones: Neue Staffel startet heute Abend, "
            "The Winds of Winter erscheint erst im Herbst",
            "Will Smith war in Berlin: Der Hit des Jahres wird wohl ein Flop",
            "Premier League: Arsenal gana con un gol de penalti a Manchester United",
            "The Voice revient sur TF1 avec un nouveau jury et plus de shows",
            "Black Friday: lojas do shopping abrem mais cedo em Lisboa",
            "Bitcoin, Blockchain und Big Data: was Start-ups jetzt machen",
        ],
    )
    def test_another_language_with_english_names_is_not(self, text: str):
        assert not is_plainly_english(text)

    def test_a_text_with_a_letter_that_english_lacks_is_not(self):
        text = "The minister of trade says that they will have to leave the office"
        assert is_plainly_english(text)
        assert not is_plainly_english(text + " à")

    def test_a_headline_in_another_language_is_not_whatever_english_stands_beside_it(self):
        beginnings = [
            " ".join(english.split()[:words]) for english in ENGLISH_TITLES for words in (3, 6, 12)
        ]
        mixed: list[str] = []
        for title in LATIN_TITLES:
            for english in beginnings:
                mixed += [f"{english}: {title}", f"{title} - {english}"]
        texts = [text[:MAX_LETTERS] for text in mixed]
        plain = [text for text in texts if is_plainly_english(text)]
        assert [text for text in plain if identify_by_letters(text) != "en"] == []


class TestDeclaredLanguage:
    @pytest.mark.parametrize("tag", ["de", "de-AT", "DE_de", " de "])
    @pytest.mark.parametrize("field", ["language", "lang", "locale", "inLanguage"])
    def test_counts_more_than_the_text(self, field: str, tag: str):
        assert language_of(build_article("Breaking news", **{field: tag})) == "de"

    def test_counts_if_it_is_english_too(self):
        title = "Schweres Erdbeben in Puerto Lirio: Dutzende Menschen verletzt"
        assert language_of(build_article(title)) == "de"
        assert language_of(build_article(title, language="en-GB")) == "en"

    def test_counts_as_english_if_we_do_not_know_it(self):
        assert language_of(build_article("Terremoto a Puerto Lirio", language="it")) == "en"

    @pytest.mark.parametrize("value", ["", "deutsch", 7, None, ["de"]])
    def test_is_ignored_if_it_is_no_language(self, value: object):
        article = build_article("Strong earthquake hits the port", language=value)
        assert language_of(article) == "en"

    def test_in_the_url_decides_where_the_text_is_unclear_and_never_alone(self):
        unclear = "El Tribunal Supremo anula la multa millonaria a la eléctrica Ventalia"
        clear = "Strong earthquake hits the port"
        spanish_url = "https://paper.example/es-es/noticias/1"
        assert language_of(build_article(unclear)) == "en"
        assert language_of(build_article(unclear, original_url=spanish_url)) == "es"
        assert language_of(build_article(clear, original_url=spanish_url)) == "en"


class TestStems:
    def test_german_umlauts_and_sharp_s_equal_their_other_spellings(self):
        assert stem_text("MÜLLER Mueller Muller", "de") == ["de:mull"] * 3
        assert stem_text("Straßen STRASSEN Häuser Haus", "de") == [
            "de:strass",
            "de:strass",
            "de:haus",
            "de:haus",
        ]

    def test_french_articles_are_removed_whatever_the_apostrophe(self):
        assert stem_text("L'État d’Ivoire", "fr") == ["fr:etat", "fr:ivoir"]
        assert stem_text("qu'il jusqu'à", "fr") == stem_text("il à", "fr")

    def test_accents_do_not_matter(self):
        assert stem_text("Séisme SEISME se\u0301isme", "fr") == ["fr:seism"] * 3

    def test_spanish_pronouns_are_removed(self):
        assert stem_text("evacuarlos evacuar", "es") == ["es:evacu"] * 2

    def test_portuguese_pronouns_are_words_of_their_own(self):
        assert stem_text("pediu-lhe demissão", "pt") == stem_text("pediu lhe demissao", "pt")

    def test_chinese_is_split_into_words_and_the_words_within_them(self):
        stems = stem_text("贸易部长海伦娜·布兰特宣布辞职", "zh")
        assert {"zh:贸易", "zh:部长", "zh:贸易部长", "zh:辞职"} <= set(stems)
        assert not any(mark in "".join(stems) for mark in "·，。")

    def test_full_width_letters_and_numbers_equal_the_usual_ones(self):
        assert stem_text("ＯＰＥＣ２０２６", "zh") == stem_text("OPEC2026", "zh")
        assert stem_text("「地震」，６.８级", "zh") == stem_text("地震 6.8级", "zh")

    def test_names_and_numbers_carry_their_language_too(self):
        assert stem_text("Helena Brandt 140", "de") == ["de:helena", "de:brandt", "de:140"]

    @pytest.mark.parametrize("language", sorted(OTHER_LANGUAGES))
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\x00",
            "&amp;&lt;",
            "ﬁn ½ ǅ İ ẞ",
            "🎉",
            "a" * 10_000,
            "אבג",
            "e\u0301",
            "ʼn'qu'l'",
        ],
    )
    def test_have_no_spaces_or_marks_whatever_the_text(self, language: str, text: str):
        for stem in stem_text(text, language):
            assert stem.strip() == stem
            assert len(stem) > 3

    def test_of_english_carry_no_language(self):
        text = "Straßen &amp; Cafés: 3 strikes"
        assert stem_text(text, "en") == stem_text(text)
        assert not any(":" in stem for stem in stem_text("de:haus it's 12:30"))


class TestWeights:
    @pytest.mark.parametrize(
        ("language", "common", "rare"),
        [
            ("de", "und", "Erdbeben"),
            ("es", "la", "terremoto"),
            ("fr", "les", "séisme"),
            ("pt", "não", "terremoto"),
            ("zh", "的", "地震"),
        ],
    )
    def test_a_rare_word_says_more_than_a_common_one_in_each_language(
        self, language: str, common: str, rare: str
    ):
        [common_stem], [rare_stem] = stem_text(common, language), stem_text(rare, language)
        assert stem_weight(common_stem) < 2 < 6 < stem_weight(rare_stem) <= 10

    def test_an_unknown_word_has_the_highest_weight(self):
        assert stem_weight("de:zyxomatik") == 10

    def test_the_tables_are_the_ones_that_were_made(self):
        for line in (TABLES / "SHA256SUMS").read_text().splitlines():
            checksum, name = line.split()
            assert hashlib.sha256((TABLES / name).read_bytes()).hexdigest() == checksum, name
        names = {path.name for path in TABLES.glob("*.gz")}
        assert names == {f"{language}.txt.gz" for language in STEMMERS}

    @pytest.mark.parametrize("language", STEMMERS)
    def test_every_table_has_thousands_of_stems(self, language: str):
        assert 5_000 < len(load_zipf_values(language)) < 50_000


class TestSignatures:
    def test_articles_in_different_languages_share_no_term(self):
        languages: dict[str, set[str]] = {}
        for number, headline in enumerate(HEADLINES):
            signature = build_signature(build_stored_article(number, headline.title))
            for stem in signature.vector:
                language = stem.partition(":")[0] if ":" in stem else "en"
                languages.setdefault(stem, set()).add(language)
        assert all(len(found) == 1 for found in languages.values())
        assert set().union(*languages.values()) == {"en", *OTHER_LANGUAGES}

    def test_the_declared_language_reaches_the_terms(self):
        stored = build_stored_article(1, "Puerto Lirio")
        seed = stored.seed.replace(b"---\n", b"---\nlanguage: pt\n", 1)
        signature = build_signature(replace(stored, seed=seed))
        assert all(term.startswith("pt:") for term in signature.terms)

"""Which language an article is in, and its stems."""

import hashlib
from dataclasses import replace

import pytest

from services.enrichment.related.features.languages import OTHERS, language_of
from services.enrichment.related.features.languages.detection import ENOUGH, by_letters, detect
from services.enrichment.related.features.languages.english import is_plainly_english
from services.enrichment.related.features.languages.frequency import TABLES, zipf
from services.enrichment.related.features.languages.stemmers import STEMS
from services.enrichment.related.features.signature import sign
from services.enrichment.related.features.stemming import stems, weight
from tests.unit.related.headlines import an_article, headlines, stored


class TestDetection:
    def test_english_is_taken_for_nothing_else(self):
        titles = [headline.title for headline in headlines() if headline.language == "en"]
        assert {title: detect(title) for title in titles} == dict.fromkeys(titles, "en")

    def test_most_headlines_in_other_languages_are_known_the_rest_count_as_english(self):
        found = {
            headline: detect(headline.title)
            for headline in headlines()
            if headline.language != "en"
        }
        missed = [headline for headline, language in found.items() if language != headline.language]
        assert len(missed) <= 2
        assert all(found[headline] == "en" for headline in missed)

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
    def test_what_is_not_clear_is_english(self, title: str):
        assert detect(title) == "en"

    @pytest.mark.parametrize(
        "title",
        [
            "Il ministro del commercio si dimette dopo il fallimento dei negoziati di Ginevra",
            "De minister van Handel treedt af na het mislukken van de gesprekken in Genève",
        ],
    )
    def test_a_neighbour_that_we_do_not_know_is_taken_for_none_of_ours(self, title: str):
        assert detect(title) == "en"

    def test_japanese_and_korean_are_not_chinese(self):
        assert detect("東京で強い地震、数十人が負傷") == "en"
        assert detect("서울에서 강한 지진 발생") == "en"

    def test_flags_are_no_chinese_characters(self):
        england = (
            "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"
        )
        assert detect(f"{england} win") == "en"

    def test_chinese_with_names_in_latin_letters_is_chinese(self):
        assert detect("OpenAI 发布新模型 GPT-9，性能大幅提升") == "zh"


class TestPlainlyEnglish:
    """What is plainly English is not asked for its language: it must be what the package would have said."""

    OTHERS = tuple(
        headline.title for headline in headlines() if headline.language in ("de", "es", "fr", "pt")
    )
    ENGLISH = tuple(headline.title for headline in headlines() if headline.language == "en")

    @pytest.mark.parametrize(
        "text",
        [
            "The government says it will raise the price of electricity from next year",
            "Police say three people were killed when a storm hit the coast\nMore than 1,000 homes are without power",
            "Who’s who: the teams that won “their” league — and why",
        ],
    )
    def test_prose_is(self, text: str):
        assert is_plainly_english(text)

    @pytest.mark.parametrize(
        "text", ["", "42", "Sbarro", "東京で強い地震", "Angela Merkel trifft Emmanuel Macron"]
    )
    def test_what_says_little_is_not(self, text: str):
        assert not is_plainly_english(text)

    @pytest.mark.parametrize(
        "text",
        [
            "Game of Thrones: Neue Staffel startet heute Abend, The Winds of Winter erscheint erst im Herbst",
            "Will Smith war in Berlin: Der Hit des Jahres wird wohl ein Flop",
            "Premier League: Arsenal gana con un gol de penalti a Manchester United",
            "The Voice revient sur TF1 avec un nouveau jury et plus de shows",
            "Black Friday: lojas do shopping abrem mais cedo em Lisboa",
            "Bitcoin, Blockchain und Big Data: was Start-ups jetzt machen",
        ],
    )
    def test_english_names_in_another_language_are_not(self, text: str):
        assert not is_plainly_english(text)

    def test_no_letter_is_foreign_to_english(self):
        text = "The minister of trade says that they will have to leave the office"
        assert is_plainly_english(text)
        assert not is_plainly_english(text + " à")

    def test_a_headline_in_another_language_is_not_whatever_english_stands_beside_it(self):
        mixed = [
            text
            for title in self.OTHERS
            for english in self.ENGLISH
            for words in (3, 6, 12)
            for beside in [" ".join(english.split()[:words])]
            for text in (f"{beside}: {title}", f"{title} - {beside}")
        ]
        plain = [text[:ENOUGH] for text in mixed if is_plainly_english(text[:ENOUGH])]
        assert [text for text in plain if by_letters(text) != "en"] == []


class TestWhatTheSeedSays:
    @pytest.mark.parametrize("tag", ["de", "de-AT", "DE_de", " de "])
    @pytest.mark.parametrize("field", ["language", "lang", "locale", "inLanguage"])
    def test_is_believed_before_the_looks(self, field: str, tag: str):
        assert language_of(an_article("Breaking news", **{field: tag})) == "de"

    def test_that_it_is_english_is_believed_too(self):
        title = "Schweres Erdbeben in Puerto Lirio: Dutzende Menschen verletzt"
        assert language_of(an_article(title)) == "de"
        assert language_of(an_article(title, language="en-GB")) == "en"

    def test_a_language_that_we_do_not_know_counts_as_english(self):
        assert language_of(an_article("Terremoto a Puerto Lirio", language="it")) == "en"

    @pytest.mark.parametrize("value", ["", "deutsch", 7, None, ["de"]])
    def test_what_is_no_language_is_not_believed(self, value: object):
        assert language_of(an_article("Strong earthquake hits the port", language=value)) == "en"

    def test_a_locale_in_the_address_tips_the_scale_and_decides_nothing_alone(self):
        unclear = "El Tribunal Supremo anula la multa millonaria a la eléctrica Ventalia"
        there = "https://paper.example/es-es/noticias/1"
        assert language_of(an_article(unclear)) == "en"
        assert language_of(an_article(unclear, original_url=there)) == "es"
        assert (
            language_of(an_article("Strong earthquake hits the port", original_url=there)) == "en"
        )


class TestStems:
    def test_german_umlauts_and_sharp_s_are_one_with_their_other_spellings(self):
        assert stems("MÜLLER Mueller Muller", "de") == ["de:mull"] * 3
        assert stems("Straßen STRASSEN Häuser Haus", "de") == [
            "de:strass",
            "de:strass",
            "de:haus",
            "de:haus",
        ]

    def test_french_articles_come_off_whatever_the_apostrophe(self):
        assert stems("L'État d’Ivoire", "fr") == ["fr:etat", "fr:ivoir"]
        assert stems("qu'il jusqu'à", "fr") == stems("il à", "fr")

    def test_accents_do_not_matter(self):
        assert stems("Séisme SEISME se\u0301isme", "fr") == ["fr:seism"] * 3

    def test_spanish_pronouns_come_off(self):
        assert stems("evacuarlos evacuar", "es") == ["es:evacu"] * 2

    def test_portuguese_pronouns_stand_alone(self):
        assert stems("pediu-lhe demissão", "pt") == stems("pediu lhe demissao", "pt")

    def test_chinese_is_words_and_the_words_within_them(self):
        found = stems("贸易部长海伦娜·布兰特宣布辞职", "zh")
        assert {"zh:贸易", "zh:部长", "zh:贸易部长", "zh:辞职"} <= set(found)
        assert not any(mark in "".join(found) for mark in "·，。")

    def test_full_width_letters_and_numbers_are_the_usual_ones(self):
        assert stems("ＯＰＥＣ２０２６", "zh") == stems("OPEC2026", "zh")
        assert stems("「地震」，６.８级", "zh") == stems("地震 6.8级", "zh")

    def test_names_and_numbers_carry_their_language_too(self):
        assert stems("Helena Brandt 140", "de") == ["de:helena", "de:brandt", "de:140"]

    @pytest.mark.parametrize("language", sorted(OTHERS))
    def test_any_text_has_stems_without_spaces_or_marks(self, language: str):
        for odd in [
            "",
            "\x00",
            "&amp;&lt;",
            "ﬁn ½ ǅ İ ẞ",
            "🎉",
            "a" * 10_000,
            "אבג",
            "e\u0301",
            "ʼn'qu'l'",
        ]:
            assert all(stem.strip() == stem and len(stem) > 3 for stem in stems(odd, language))

    def test_english_stays_as_it_was(self):
        assert stems("Straßen &amp; Cafés: 3 strikes", "en") == stems(
            "Straßen &amp; Cafés: 3 strikes"
        )
        assert not any(":" in stem for stem in stems("de:haus it's 12:30"))


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
        [often], [seldom] = stems(common, language), stems(rare, language)
        assert weight(often) < 2 < 6 < weight(seldom) <= 10

    def test_an_unknown_word_weighs_as_much_as_one_can(self):
        assert weight("de:zyxomatik") == 10

    def test_the_tables_are_the_ones_that_were_made(self):
        for line in (TABLES / "SHA256SUMS").read_text().splitlines():
            checksum, name = line.split()
            assert hashlib.sha256((TABLES / name).read_bytes()).hexdigest() == checksum, name
        assert {path.name for path in TABLES.glob("*.gz")} == {
            f"{language}.txt.gz" for language in STEMS
        }

    def test_every_table_has_thousands_of_stems_and_no_two_values_for_one(self):
        for language in STEMS:
            assert 5_000 < len(zipf(language)) < 50_000


class TestSignatures:
    def test_articles_in_different_languages_share_no_term(self):
        signatures = [sign(stored(number, one.title)) for number, one in enumerate(headlines())]
        languages = {stem: set[str]() for signature in signatures for stem in signature.vector}
        for signature in signatures:
            for stem in signature.vector:
                languages[stem].add(stem.partition(":")[0] if ":" in stem else "en")
        assert all(len(found) == 1 for found in languages.values())
        assert {next(iter(found)) for found in languages.values()} == {"en", *OTHERS}

    def test_the_seeds_own_word_for_its_language_reaches_the_terms(self):
        one = stored(1, "Puerto Lirio")
        said = replace(one, seed=one.seed.replace(b"---\n", b"---\nlanguage: pt\n", 1))
        assert all(term.startswith("pt:") for term in sign(said).terms)

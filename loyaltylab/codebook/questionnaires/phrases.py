"""What a questionnaire says beside its questions, in English and Dutch."""

from __future__ import annotations

__all__ = ["PHRASES"]

PHRASES: dict[str, dict[str, str]] = {
    "questions": {"en": "Questions", "nl": "Vragen"},
    "other": {"en": "Other questions", "nl": "Overige vragen"},
    "invitation": {
        "en": "These questions are about one brand or company that you are a customer of. There are no right or wrong answers. Answering takes about {}.",
        "nl": "Deze vragen gaan over één merk of bedrijf waar u klant bent. Er zijn geen goede of foute antwoorden. Invullen duurt ongeveer {}.",
    },
    "minute": {"en": "1 minute", "nl": "1 minuut"},
    "minutes": {"en": "{} minutes", "nl": "{} minuten"},
    "privacy": {
        "en": "Taking part is voluntary. You may skip any question and stop at any moment. We do not ask for your name; answers are used for research only and reported for groups of at least ten people together.",
        "nl": "Meedoen is vrijwillig. U mag elke vraag overslaan en op elk moment stoppen. We vragen niet naar uw naam; uw antwoorden worden alleen voor onderzoek gebruikt en alleen gerapporteerd voor groepen van ten minste tien mensen samen.",
    },
    "answering": {
        "en": "Leave a question open if it does not apply to you or if you do not know.",
        "nl": "Laat een vraag open als die niet op u van toepassing is of als u het niet weet.",
    },
    "tick": {
        "en": "Tick one box for each question, or write on the line.",
        "nl": "Kruis bij elke vraag één vakje aan, of schrijf op de lijn.",
    },
    "rate": {
        "en": "For each line, choose the answer that fits best.",
        "nl": "Kies op elke regel het antwoord dat het best past.",
    },
    "between": {"en": "A number from {} to {}.", "nl": "Een getal van {} tot {}."},
    "about": {"en": "Brand or company:", "nl": "Merk of bedrijf:"},
    "thanks": {"en": "Thank you for your answers.", "nl": "Dank u wel voor uw antwoorden."},
    "page": {"en": "page", "nl": "pagina"},
    "of": {"en": "of", "nl": "van"},
}

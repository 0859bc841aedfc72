"""Refusals and assistant boilerplate in answers, by pattern; and taking the boilerplate out.

    kinds("I'm sorry, but I can't help with that.")            ->  ['refusal']
    kinds("Sure, here is a poem:\\nThe sea ... I hope this helps!")  ->  ['boilerplate']
    stripped("Sure, here is a poem:\\nThe sea is wide.\\n\\nI hope this helps!")  ->  'The sea is wide.'

A refusal counts where a sentence of the first 400 characters begins with one, outside quotation marks; boilerplate in the first two and the last
two sentences. Languages: English best; German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese, Japanese by their set phrases.
Source: the phrases are our own reading of recorded model answers; filters of this kind: Alpaca and Vicuna clean-ups (ShareGPT's "as an AI" list).
Not covered: polite evasion, refusals in the middle of a long text, answers that do something else than asked.
"""

from __future__ import annotations

import re

_ABLE = r"(?:can(?:no|')t|can not|won't|will not|could not|couldn't|(?:'m| ?am)(?: really| currently)? (?:unable|not able)(?: to)?|(?:won't|will not) be able to|must decline(?: to)?|have to decline(?: to)?)"
_DO = (
    r"(?:assist|help (?:you|with|in|out)|help(?=[.!,]|$)|provide|fulfill?|comply|generate|create|answer (?:this|that|your)|write (?:that|this|about|such|it)|produce|engage|discuss|continue|do (?:that|this)|support (?:this|that)"
    r"|complete (?:this|that|your)|browse|access|open (?:links|files|urls)|translate (?:this|that)|offer|give (?:you )?(?:medical|legal|financial|advice|instructions|personal)|share|recommend|participate|respond to|process (?:this|your)|tell you|perform|view|see images)"
)
_AI = r"(?:an? |just an? )?(?:ai|artificial intelligence|(?:large |ai )?language model|ai (?:language )?(?:model|assistant)|chatbot|virtual assistant|assistant)"
_REFUSALS = (
    rf"(?:(?:i'm|i am) (?:very |so |really )?sorry|sorry|i apologi[sz]e|my apologies|(?:i'm|i am) afraid|unfortunately|i regret|regrettably)[,.!]?(?: but| that|)[ ,]{{0,2}}(?:(?:as|being|since i am|because i am) {_AI}[ ,]{{1,2}})?i(?: |(?='m)){_ABLE} {_DO}",
    rf"i(?: |(?='m)){_ABLE} (?:be able to )?(?:assist|fulfill?|comply|generate (?:that|this|such|content)|provide (?:that|this|any|you|medical|legal|financial|instructions|information)|help (?:you )?with (?:that|this|your|it)|continue with this|discuss (?:this|that)|engage in|write (?:that|this) for)",
    r"i (?:must|have to|will have to|respectfully) decline",
    rf"(?:as|being|since i am|because i am|i am|i'm)(?: only| just)? {_AI}(?:[, ]|$)(?!.{{0,3}}engineer)",
    r"i (?:do not|don't) have (?:access to|the ability to|personal (?:opinions|feelings|experiences|beliefs)|feelings|real-time|the capability)",
    r"(?:my|the) (?:guidelines|programming|training|policies|safety policy)(?: does| do)?(?: not)? (?:prevents?|allow|permit|prohibits?|forbids?) me",
    r"(?:it|that) (?:would not|wouldn't|is not|isn't) be? ?(?:appropriate|ethical|right|responsible) for me to",
    r"i(?:'m| am) not comfortable (?:writing|with this request|providing|answering|discussing|creating|generating|sharing)|i (?:do not|don't) feel comfortable (?:writing|providing|answering|discussing|creating|generating|sharing)",
    r"(?:this|that|your) request (?:goes against|violates|is against|conflicts with) (?:my|our|openai|the content|the usage)",
    r"i(?:'m| am) (?:designed|programmed|trained) (?:to be|not to|to provide|to avoid)",
    r"es tut mir leid, (?:aber )?(?:ich kann|dabei|das kann)|(?:leider )?kann ich (?:dir |ihnen |ihre |diese |deine )?(?:dabei|anfrage|bei dieser)[^.]{0,40} nicht|leider kann ich (?:diese|ihre|deine|dir|ihnen) [^.]{0,60}(?:nicht|keine)|als (?:ki|künstliche intelligenz|sprachmodell|ki-)",
    r"(?:je suis )?désolée?,? (?:mais )?je ne peux pas|en tant qu(?:e modèle de langage|e modèle|'ia|'intelligence artificielle|'assistant)",
    r"lo siento, (?:pero )?no puedo (?:ayudar|proporcionar|cumplir|responder|generar)|como (?:modelo de lenguaje|una? (?:ia|inteligencia artificial|modelo))",
    r"mi dispiace,? (?:ma )?non posso (?:aiutar|fornire|rispondere|soddisfare)|come (?:modello linguistico|intelligenza artificiale)",
    r"(?:desculpe|sinto muito|lamento),? (?:mas )?(?:não|eu não) posso (?:ajudar|fornecer|responder)|como (?:um )?modelo de linguagem",
    r"het spijt me, (?:maar )?ik kan|als (?:een )?ai-|als taalmodel|przykro mi, (?:ale )?nie mogę|jako model językowy",
    r"(?:извините|к сожалению|прости(?:те)?),? (?:но )?я не могу (?:помочь|ответить|предоставить|выполнить)|как (?:языковая модель|искусственный интеллект)",
    r"(?:很?抱歉|对不起)[，,]?(?:但)?我(?:无法|不能|没有办法)|作为(?:一个|一种)?(?:人工智能|ai|大?语言模型)|申し訳(?:ありません|ございません)が|(?:ai|言語モデル)として",
)
_OPENERS = (
    r"(?:sure(?: thing)?|certainly|of course|absolutely|definitely|no problem|great|okay|ok|alright|happy to help)[!,.]{1,3} ?(?:i(?:'d| would|'ll| will) (?:be (?:happy|glad) to|help)|here(?:'s| is| are)|below (?:is|are)|let me|i can help|this is (?:a|an|the|your))",
    r"here(?:'s| is| are) (?:the |a |an |my |your |some |one |two |three |four |five |ten |[0-9]{1,3} )?(?:[\w'-]{1,20} ){0,6}(?:you (?:asked for|requested|wanted)|(?:re)?written|revised|list|summary|poem|story|example|version|sentence|translation|answer|response|table|code|rewritten sentence|essay|email|paragraph)s?(?: [^.!?:]{0,60})?:\s*$",
    r"as (?:requested|you asked)[,:] ?(?:here|below|this)",
    r"(?:i(?:'d| would) be (?:happy|glad|delighted)|i(?:'m| am) (?:happy|glad)) to help",
    r"(?:that's a |what a )?(?:great|good|excellent|interesting) question[!.]|thank(?:s| you) for (?:your|the) question[.!]|thank you for (?:asking|reaching out)[.!]",
    r"(?:natürlich|gerne|sicher|klar)[!,.] ?hier (?:ist|sind)|bien sûr ?[!,.] ?voici|¡?claro[!,.] ?aquí (?:tienes|está)|certo[!,.] ?ecco|claro[!,.] ?aqui está|当然[！!，,]|конечно[!,.] ?вот",
)
_CLOSERS = (
    r"(?:i )?hope (?:this|that|it|these) (?:helps?|was helpful|is helpful|answers|clarifies|meets)",
    r"(?:please )?(?:feel free to|don't hesitate to|do not hesitate to) (?:ask|reach out|contact me|let me know)(?:[^.!?]{0,80})",
    r"(?:please |just )?let me know if (?:you (?:have|need|would like|want|'d like)|there(?:'s| is) anything|this helps|i can|that (?:works|helps))",
    r"(?:is there|if there(?:'s| is)) anything else (?:i can|you(?:'d| would) like|you need)",
    r"ich hoffe, (?:das|dies) hilft|j'espère que cel?a (?:vous |t')?(?:aide|aidera)|espero que (?:esto |isso |te |ti )?(?:te |le |les )?(?:ayude|sea útil|ajude)|spero (?:che )?(?:questo )?(?:ti |vi )?(?:sia|aiuti)",
)
_REFUSAL, _OPENER, _CLOSER = (re.compile("|".join(f"(?:{p})" for p in some), re.I) for some in (_REFUSALS, _OPENERS, _CLOSERS))
_QUOTED = re.compile(r"\"[^\"\n]{0,500}\"|“[^”\n]{0,500}”|«[^»\n]{0,500}»|„[^“”\n]{0,500}[“”]")
_SENTENCE = re.compile(r"[^.!?。！？\n]{1,2000}(?:[.!?。！？]{1,3} ?|\n{1,3})?")


def _plain(text: str) -> str:
    """Straight apostrophes, quotations blanked out: of the same length."""
    return _QUOTED.sub(lambda m: " " * len(m.group()), text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " "))


def _sentences(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in _SENTENCE.finditer(text) if m.group().strip()]


def _begins(pattern: re.Pattern[str], text: str, start: int) -> bool:
    while start < len(text) and text[start] in " \t\n*_>-¡#":
        start += 1
    return pattern.match(text, start, start + 400) is not None


def kinds(text: str) -> list[str]:
    """['refusal'], ['boilerplate'], both or none."""
    plain = _plain(text)
    spans = _sentences(plain)
    out = []
    if any(_begins(_REFUSAL, plain, a) for a, _ in spans if a < 400):
        out.append("refusal")
    if _boiler(plain, spans):
        out.append("boilerplate")
    return out


def _boiler(plain: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    heads = [(a, b) for a, b in spans[:2] if _begins(_OPENER, plain, a)]
    tails = [(a, b) for a, b in spans[-2:] if _begins(_CLOSER, plain, a)]
    return heads + tails


def stripped(text: str) -> str:
    """The text without boilerplate sentences at its ends; an opener that runs up to a colon goes with its line."""
    for _ in range(8):
        plain = _plain(text)
        found = _boiler(plain, _sentences(plain))
        if not found:
            break
        for start, end in reversed(found):
            rest = plain[end : plain.find("\n", end) if "\n" in plain[end:] else len(plain)]
            if rest.strip() and rest.rstrip().endswith(":") and len(rest) < 200:  # 'Sure! Here is the list:' is one opener
                end += len(rest)
            text = text[:start] + text[end:]
        text = text.strip()
    return text

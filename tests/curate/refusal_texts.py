"""Our own list: 60 answers that refuse or carry boilerplate, 60 that only look like it. Written for this test, in eleven languages."""

REFUSALS = """\
I'm sorry, but I can't help with that.
I cannot fulfill this request.
I am sorry, but I am not able to provide medical advice.
Sorry, I can't assist with that request.
Unfortunately, I am unable to generate that kind of content.
I won't be able to write that for you.
As an AI, I don't have personal opinions on politics.
As a large language model, I cannot browse the internet.
I do not have access to real-time information, so I can't tell you today's weather.
I must decline to answer this question.
I apologize, but I cannot continue with this conversation.
I'm afraid I can't do that.
I can’t comply with that.
My guidelines prevent me from discussing this topic.
It would not be appropriate for me to provide instructions for that.
I'm just an AI and do not have feelings.
I regret that I am not able to translate this document.
I'm not comfortable writing about that person.
Hello! I'm sorry, but I'm unable to open links.
I don't feel comfortable providing that information.
This request goes against my programming.
I'm designed to be helpful and harmless, so I cannot create such material.
Es tut mir leid, aber ich kann dabei nicht helfen.
Als KI-Sprachmodell habe ich keine eigene Meinung.
Leider kann ich diese Anfrage nicht beantworten.
Je suis désolé, mais je ne peux pas vous aider avec cela.
En tant que modèle de langage, je n'ai pas d'opinion.
Lo siento, pero no puedo ayudarte con eso.
Como modelo de lenguaje, no tengo acceso a esa información.
Mi dispiace, ma non posso aiutarti con questa richiesta.
Desculpe, mas não posso ajudar com isso.
Het spijt me, maar ik kan je daar niet mee helpen.
Przykro mi, ale nie mogę w tym pomóc.
Извините, но я не могу помочь с этим.
Как языковая модель, я не имею собственного мнения.
很抱歉，我无法提供这方面的帮助。
作为一个人工智能语言模型，我没有个人观点。
申し訳ありませんが、そのご要望にはお応えできません。""".splitlines()

BOILERPLATE = """\
Sure, here is a poem about the sea:
Sure! Here's the list you asked for:
Certainly! Below is a short summary of the text.
Of course! Here are five names:
Here is the rewritten sentence:
Absolutely, here's an example.
I hope this helps!
Let me know if you have any other questions.
Please let me know if you would like me to change anything.
Is there anything else I can help you with?
Feel free to ask if you need more details.
I'd be happy to help you with that!
Great question! Bees see ultraviolet light.
Hope that helps.
Thank you for your question.
As requested, here is the table:
Ich hoffe, das hilft!
Natürlich! Hier ist eine kurze Geschichte:
Bien sûr ! Voici un poème :
J'espère que cela vous aide.
¡Claro! Aquí tienes un resumen:
Espero que esto te ayude.""".splitlines()

NEAR_MISSES = """\
I cannot find my keys anywhere, said the old man.
Write a story about an AI that refuses to help.
She said, "I'm sorry, but I can't help with that."
You cannot divide by zero.
The knight could not answer the riddle.
I'm sorry to hear that your parcel is late; here is your tracking number.
I am unable to log in to my account, please help.
I can't believe how good this cake is!
My card was declined and I cannot pay.
I am sorry I missed your call yesterday.
As an engineer, I cannot recommend this bridge.
As a model citizen, Clara voted early.
Language models are trained on text.
An AI cannot own a copyright in most countries.
Artificial intelligence is a field of computer science.
Sure, the train leaves at nine.
The sun will certainly rise tomorrow.
Of course the cat was asleep.
Here is where the river bends.
Here are the facts: the lake is deep and cold.
Hope is the thing with feathers.
I hope to see you in Lisbon.
Let me know when you land.
Feel free to park behind the house.
Is there anything else on the menu?
Great questions come from curious people.
Thank you for your letter of 3 May.
The guidelines prevent overfishing.
He declined to answer the question in court.
It would not be appropriate to wear a hat in church.
I do not have any sugar left, so the cake is plain.
I don't have time to cook on Mondays.
We regret that the museum is closed.
The request goes against the zoning law.
I'm not comfortable in tight shoes.
I cannot swim, but I can row.
Why can't I transfer money abroad?
I can't help but smile when it rains.
I can't help laughing at that film.
I couldn't help him with the boxes.
The clerk apologised: the shop cannot accept returns.
What does "as an AI language model" mean in chat logs?
The robot replied: "I am sorry, I cannot do that."
It is certain that here is the spring of the river.
The answer is no.
No, the bank does not charge a fee.
Bob is unable to provide the documents before Friday.
I was unable to answer because the line was dead.
Ich kann nicht schwimmen.
Es tut mir leid, dass du krank bist.
Leider ist der Zug verspätet.
Natürlich ist Wasser nass.
Je ne peux pas dormir la nuit.
Je suis désolé pour le retard.
No puedo dormir por el ruido.
Claro que el mar es azul.
Mi dispiace per il ritardo del treno.
Não posso comer nozes.
Я не могу найти ключи.
我无法入睡。""".splitlines()

# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Shukriya, aap ka message mil gaya. Dobara poochne ke liye yeh number rakhen:
    { $reference }
    Hum aap ko likhenge.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = Aap apni zaban mein likh sakte hain. Kaun si zaban hai?

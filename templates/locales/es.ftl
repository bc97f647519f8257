# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Gracias. Su mensaje ha llegado bien. Guarde esta referencia para volver a preguntar:
    { $reference }
    Le escribiremos.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = Puede escribir en su idioma. ¿En qué idioma escribe?

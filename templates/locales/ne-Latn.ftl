# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Dhanyabad, tapaiko message payaun. Pheri sodhna yo number rakhnuhos:
    { $reference }
    Hami tapailai lekhnechhaun.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = Aafnai bhasha ma lekhna saknuhunchha. Kun bhasha ho?

# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    நன்றி, செய்தி கிடைத்தது. மீண்டும் கேட்க எண்:
    { $reference }
    பதில் தருவோம்.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = உங்கள் மொழியில் எழுதலாம். எந்த மொழி?

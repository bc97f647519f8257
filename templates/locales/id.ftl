# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Terima kasih. Pesan Anda sudah kami terima. Simpan nomor ini untuk bertanya lagi:
    { $reference }
    Kami akan membalas pesan Anda.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = Silakan menulis dalam bahasa Anda. Bahasa apa itu?

# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Salamat po. Natanggap namin ang mensahe ninyo. Itago po ang numerong ito para makapagtanong ulit:
    { $reference }
    Susulat po kami sa inyo.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = Maaari kang sumulat sa sarili mong wika. Anong wika ito?

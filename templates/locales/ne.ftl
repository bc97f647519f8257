# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    धन्यवाद, सन्देश पायौँ। फेरि सोध्ने नम्बर:
    { $reference }
    हामी लेख्नेछौँ।
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = आफ्नै भाषामा लेख्न सक्नुहुन्छ। कुन भाषा हो?

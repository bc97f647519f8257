# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    ကျေးဇူးပါ။ သင့်စာ ရပါပြီ။ ပြန်မေးရန် နံပါတ်:
    { $reference }
    စာပြန်ပါမယ်။

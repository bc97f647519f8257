# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    謝謝您，訊息已收到。再次詢問時請用這個號碼：
    { $reference }
    我們會給您回覆。
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = 您可以用自己的語言寫。是哪種語言？

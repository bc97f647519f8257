# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    សូមអរគុណ យើងបានទទួលសារហើយ។ លេខសម្រាប់សួរ៖
    { $reference }
    យើងនឹងឆ្លើយតប។
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = អ្នកអាចសរសេរជាភាសារបស់អ្នក។ ភាសាអ្វី?

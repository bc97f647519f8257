# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    谢谢您，信息已收到。再次询问时请用这个号码：
    { $reference }
    我们会给您回信。
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = 您可以用自己的语言写。是哪种语言？

# --- Every page. The title shows in the browser's tab and history, so it says nothing.
page-title = 给我们写信
language-switch = 语言
leave-page = 离开此页

# --- The form.
form-heading = 告诉我们发生了什么
form-intro = 用什么语言写都可以。不需要留下您的姓名。
text-label = 发生了什么事？
text-hint = 照您平时说话的方式写就好。尽量不要写自己的名字。
place-label = 在哪里？（可不填）
place-hint = 工作的地方、城镇，或海报上的代码。
site-label = 链接中的地点代码
site-hint = 如果不对，可以修改或清空。
contact-label = 电话或电子邮箱（可不填）
contact-hint = 想要得到答复才需要填写。它会被加密封存，调解员看不到。
files-label = 照片或文件（可不填）
files-hint = 最多 5 个，总共不超过 20 MB。我们会去掉拍摄地点和手机信息。调解员看到之前，会先由专人检查；请尽量遮住人脸和姓名。
before-heading = 发送之前
before-next-title = 接下来：
before-next = 您会得到一个号码，调解员会阅读您写的内容。
before-readers-title = 谁会看到：
before-readers = 只有调解员。内容里的电话号码和电子邮箱会先被去掉。
before-unprotected-title = 我们无法隐藏的：
before-unprotected = 这部手机和浏览器的历史记录，以及身边的人看到您的屏幕。
send = 发送

# --- The page after a report.
receipt-heading = 谢谢您，我们已收到您的信息。
receipt-number = 您的号码：
receipt-keep = 请现在抄下来，或拍张照片。以后谁都无法替您查到它，我们也不能。
receipt-next-heading = 接下来会怎样
receipt-next = 调解员会阅读您写的内容，并决定可以做些什么。以后询问时，请报上这个号码。
receipt-answer = 调解员答复时，会发到您留下的电话或电子邮箱。
receipt-no-answer = 您没有留下电话或电子邮箱，所以我们暂时无法答复您。如果想要得到答复，请再写一次，写上这个号码和您的联系方式。
receipt-close = 记下号码之后，请关闭此页。

# --- When something goes wrong. Never blames the reader, always says what to do.
problem-go-back = 请按浏览器的返回键回到上一页，再发送一次。
problem-reload = 请刷新此页，把同样的内容再发送一次。重复发送只算一次。
problem-open-form = 打开填写页面
problem-nothing-written = 没有写任何内容
problem-nothing-written-text = 大框里是空的，所以没有发送。
problem-too-long = 内容太长
problem-too-long-text = 没有发送成功。请写短一些，或分成两次发送。
problem-files-too-large = 文件太大
problem-files-too-large-text = 没有发送成功。最多可发 5 个文件，总共不超过 20 MB；也可以不带文件，只发文字。
problem-unreadable = 我们无法读取浏览器发来的内容
problem-unreadable-text = 您的信息没有发送成功。如果再次出现，请换一个浏览器或一部手机。
problem-try-again = 您的信息没有发送成功
problem-try-again-text = 我们现在暂时无法保存。请等一分钟再试。
problem-not-found = 这里没有页面
problem-not-found-text = 请把网址与您拿到的网址逐字核对一遍。

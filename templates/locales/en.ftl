# The SMS receipt: one segment, and nothing in it that a stranger reading over her shoulder should not read.
# The number stands on its own line, so that it is easy to find and never turned round by right-to-left text.
receipt =
    Thank you. Your message has reached us. To ask us about it again, please keep this number:
    { $reference }
    We will write to you.
# Behind a receipt in the desk's language when the writer's is unsure: she may answer with its name alone.
which-language = You can write in your own language. Which one is it?

# --- Every page. The title shows in the browser's tab and history, so it says nothing.
page-title = Write to us
language-switch = Language
leave-page = Leave this page

# --- The form.
form-heading = Tell us what happened
form-intro = Any language is fine. You do not have to give your name.
text-label = What happened?
text-hint = In your own words. Leave your own name out if you can.
place-label = Where? (optional)
place-hint = The workplace, the town, or the code on the poster.
site-label = Place code from your link
site-hint = Change it or empty it if it is wrong.
contact-label = Phone number or e-mail (optional)
contact-hint = Only if you want an answer. It is sealed: mediators never see it.
files-label = Photos or papers (optional)
files-hint = Up to 5 files, 20 MB in all. We take out where and with which phone they were made. A person looks at them before a mediator does; cover faces and names if you can.
before-heading = Before you send
before-next-title = What happens next:{ " " }
before-next = you get a number, and a mediator reads your message.
before-readers-title = Who reads it:{ " " }
before-readers = mediators only. Phone numbers and e-mail addresses in it are taken out first.
before-unprotected-title = What we cannot hide:{ " " }
before-unprotected = the history of this phone and browser, and the screen from people near you.
send = Send

# --- The page after a report.
receipt-heading = Thank you. We have your message.
receipt-number = Your number:
receipt-keep = Write it down now, or take a photo. Nobody can look it up for you later, not even we.
receipt-next-heading = What happens next
receipt-next = A mediator reads your message and decides what can be done. Give this number whenever you ask about it.
receipt-answer = When a mediator answers, the answer comes to the phone number or e-mail address you gave.
receipt-no-answer = You left no phone number or e-mail address, so we cannot answer you yet. If you want an answer, write again, and give this number and a way to reach you.
receipt-close = When you have the number, close this page.

# --- When something goes wrong. Never blames the reader, always says what to do.
problem-go-back = Go back with the Back button of your browser, and send again.
problem-reload = Reload this page to send the same message again. It will count only once.
problem-open-form = Open the form
problem-nothing-written = Nothing was written
problem-nothing-written-text = The large box was empty, so nothing was sent.
problem-too-long = The message is too long
problem-too-long-text = It was not sent. Please make it shorter, or send it in two parts.
problem-files-too-large = The files are too large
problem-files-too-large-text = Nothing was sent. Please send at most 5 files, 20 MB in all, or leave them out and send the words alone.
problem-unreadable = We could not read what your browser sent
problem-unreadable-text = Your message was not sent. If this happens twice, try another browser or phone.
problem-try-again = Your message was not sent
problem-try-again-text = We could not keep it just now. Please wait a minute and try again.
problem-not-found = There is no page here
problem-not-found-text = Please check the address, letter by letter, against the one you were given.

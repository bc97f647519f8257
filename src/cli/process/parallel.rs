//! Works on lines with several threads and keeps their order.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

/// A batch is small enough to answer at once and large enough to share a lock.
const MOST_LINES: usize = 64;
/// A line may hold a text of a mebibyte, every byte of it escaped; more is no report.
const MOST_LINE_BYTES: usize = 8 << 20;
/// Batches in hand for each thread.
const IN_HAND_EACH: usize = 4;

/// One line, or the news that it was too long.
pub(super) enum InputLine {
    Text(Vec<u8>),
    TooLong,
}

/// The answer to one line.
pub(super) struct Answer {
    pub(super) json: String,
    pub(super) is_good: bool,
}

type Batch = (u64, Vec<InputLine>);
type Answers = (u64, Vec<Answer>);

/// Answers every line. Says whether all of them were good.
pub(super) fn run(
    mut input: BufReader<impl Read>,
    mut output: impl Write + Send,
    n_threads: usize,
    answer: &(dyn Fn(&InputLine) -> Answer + Sync),
) -> io::Result<bool> {
    // A ticket for each batch in hand; the writer gives it back. This bounds memory even when one batch is slow.
    let n_tickets = n_threads * IN_HAND_EACH;
    let (give_ticket, take_ticket) = sync_channel::<()>(n_tickets);
    for _ in 0..n_tickets {
        give_ticket.send(()).expect("there is room for every ticket");
    }
    let (batches, inbox) = channel::<Batch>();
    let (answers, outbox) = channel::<Answers>();
    let inbox = Arc::new(Mutex::new(inbox));
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            let (inbox, answers) = (Arc::clone(&inbox), answers.clone());
            scope.spawn(move || work(&inbox, &answers, answer));
        }
        drop(answers);
        let writer = scope.spawn(move || write(&outbox, &give_ticket, &mut output));
        let read = read_batches(&mut input, &batches, &take_ticket);
        drop(batches);
        let written = writer.join().expect("the writer does not panic");
        read?;
        match written {
            // Whoever read our output has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
            written => written,
        }
    })
}

fn read_batches(input: &mut BufReader<impl Read>, batches: &Sender<Batch>, tickets: &Receiver<()>) -> io::Result<()> {
    for number in 0.. {
        let mut lines = Vec::new();
        while lines.len() < MOST_LINES {
            match read_line(input)? {
                Some(line) => lines.push(line),
                None => break,
            }
            // Wait for a full batch only while lines are there: somebody may type, or follow a log.
            if !input.buffer().contains(&b'\n') {
                break;
            }
        }
        if lines.is_empty() || tickets.recv().is_err() || batches.send((number, lines)).is_err() {
            break;
        }
    }
    Ok(())
}

fn read_line(input: &mut impl BufRead) -> io::Result<Option<InputLine>> {
    let mut line = Vec::new();
    let limit = u64::try_from(MOST_LINE_BYTES).unwrap_or(u64::MAX);
    let n_bytes = input.by_ref().take(limit).read_until(b'\n', &mut line)?;
    if n_bytes == 0 {
        return Ok(None);
    }
    if n_bytes == MOST_LINE_BYTES && line.last() != Some(&b'\n') {
        skip_line(input)?;
        return Ok(Some(InputLine::TooLong));
    }
    Ok(Some(InputLine::Text(line)))
}

/// Passes over the rest of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (n_bytes, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(n_bytes);
        if is_end {
            return Ok(());
        }
    }
}

fn work(inbox: &Mutex<Receiver<Batch>>, answers: &Sender<Answers>, answer: &(dyn Fn(&InputLine) -> Answer + Sync)) {
    loop {
        let next = inbox.lock().expect("nobody panics while holding this lock").recv();
        let Ok((number, lines)) = next else { return };
        let done = lines.iter().filter(|line| !is_blank(line)).map(answer).collect();
        if answers.send((number, done)).is_err() {
            return;
        }
    }
}

fn is_blank(line: &InputLine) -> bool {
    matches!(line, InputLine::Text(text) if text.trim_ascii().is_empty())
}

fn write(outbox: &Receiver<Answers>, tickets: &SyncSender<()>, output: &mut impl Write) -> io::Result<bool> {
    let mut waiting = BTreeMap::new();
    let (mut next, mut all_good) = (0, true);
    while let Ok((number, answers)) = outbox.recv() {
        waiting.insert(number, answers);
        while let Some(answers) = waiting.remove(&next) {
            for answer in answers {
                all_good &= answer.is_good;
                output.write_all(answer.json.as_bytes())?;
                output.write_all(b"\n")?;
            }
            next += 1;
            // The reader is never behind by more tickets than the channel holds.
            let _ = tickets.try_send(());
        }
        if waiting.is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(all_good)
}
